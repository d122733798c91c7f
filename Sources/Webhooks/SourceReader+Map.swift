import Entitlements
import Yams

extension SourceReader {
    mutating func map(_ root: Fields) -> SubscriptionMap? {
        let moments = SubscriptionMap.Moment.allCases.map(\.rawValue)
        let known =
            ["id", "customer", "livemode", "status", "items", "time_unit"] + moments
            + ["cancel_at_period_end", "paused", "payment_method", "trial_at_end", "schedule"]
        guard let fields = mapping(root, "map", known: known) else { return nil }
        let id = pointers(fields, "id")
        let customer = pointers(fields, "customer")
        let livemode = optionalPointers(fields, "livemode")
        let status = pointers(fields, "status")
        let items = items(fields)
        let unit = word(fields, "time_unit", of: TimeUnit.self)
        let found = self.moments(fields)
        let cancelAtPeriodEnd = optionalPointers(fields, "cancel_at_period_end")
        let paused = optionalPointers(fields, "paused")
        let paymentMethod = paymentMethod(fields)
        let trialAtEnd = trialAtEnd(fields)
        let schedule = schedule(fields)
        guard let id, let customer, let status, let items, let unit else { return nil }
        return SubscriptionMap(
            id: id,
            customer: customer,
            livemode: livemode,
            status: status,
            items: items,
            timeUnit: unit,
            moments: found,
            cancelAtPeriodEnd: cancelAtPeriodEnd,
            paused: paused,
            paymentMethod: paymentMethod,
            trialAtEnd: trialAtEnd,
            schedule: schedule
        )
    }

    private mutating func moments(_ map: Fields) -> [SubscriptionMap.Moment: Pointers] {
        var found: [SubscriptionMap.Moment: Pointers] = [:]
        for moment in SubscriptionMap.Moment.allCases {
            found[moment] = optionalPointers(map, moment.rawValue)
        }
        return found
    }

    private mutating func items(_ map: Fields) -> SubscriptionMap.Items? {
        let known = ["list", "more", "id", "prices", "quantity", "period_start", "period_end"]
        guard let fields = mapping(map, "items", known: known) else { return nil }
        let list = fields.values["list"].flatMap { pointer($0, fields.way(to: "list")) }
        let more = fields.values["more"].flatMap { pointer($0, fields.way(to: "more")) }
        let id = pointers(fields, "id")
        let prices = pointers(fields, "prices")
        let quantity = optionalPointers(fields, "quantity")
        let start = optionalPointers(fields, "period_start")
        let end = optionalPointers(fields, "period_end")
        guard let id, let prices else { return nil }
        return SubscriptionMap.Items(
            list: list,
            more: more,
            id: id,
            prices: prices,
            quantity: quantity,
            periodStart: start,
            periodEnd: end
        )
    }

    mutating func status(_ root: Fields) -> StatusPolicy? {
        guard let fields = mapping(root, "status", known: ["words", "paused_collection"]) else {
            return nil
        }
        let paused = fields.values["paused_collection"]
            .flatMap {
                word(
                    $0,
                    fields.way(to: "paused_collection"),
                    of: StatusPolicy.PausedCollection.self
                )
            }
        guard let node = required(fields, "words") else { return nil }
        let path = fields.way(to: "words")
        guard let mapping = node.mapping, !mapping.isEmpty else {
            note(node, path, "is no mapping", "write `their word: our status` pairs")
            return nil
        }
        var words: [String: StatusPolicy.Meaning] = [:]
        for (key, value) in mapping {
            guard let word = text(key, path) else { continue }
            words[word] = statusMeaning(value, "\(path).\(word)")
        }
        return StatusPolicy(words: words, pausedCollection: paused ?? .active)
    }

    /// One of our statuses, or `{ as: active, until: period_end }`.
    private mutating func statusMeaning(
        _ node: Node,
        _ path: String
    ) -> StatusPolicy.Meaning? {
        guard node.mapping != nil else {
            return word(node, path, of: Subscription.Status.self)
                .map {
                    StatusPolicy.Meaning(status: $0, endsWithPeriod: false)
                }
        }
        guard let fields = mapping(node, path, known: ["as", "until"]) else { return nil }
        let status = word(fields, "as", of: Subscription.Status.self)
        let until = text(fields, "until")
        if let until, until != "period_end" {
            note(
                fields.values["until"],
                fields.way(to: "until"),
                "`\(until)` is not known",
                "write period_end"
            )
        }
        return status.map { StatusPolicy.Meaning(status: $0, endsWithPeriod: true) }
    }
}
