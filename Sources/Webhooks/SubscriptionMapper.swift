import Entitlements

/// An answer that cannot be read as a subscription, and why.
struct MappingProblem: Error {
    let reason: String

    init(_ reason: String) {
        self.reason = reason
    }
}

/// Turns a provider's subscription into ours, by a map of pointers and a table of status words.
///
/// What is absent is absent; what is there and has not the form that the map expects makes the
/// whole answer unusable, since a guess would grant or revoke.
struct SubscriptionMapper {
    let map: SubscriptionMap
    let policy: StatusPolicy

    func subscription(from json: JSON) throws(MappingProblem) -> ProviderSubscription {
        let items = try entries(of: json)
        let paused = map.paused?.value(in: json)?.value
        let meaning = try meaning(of: json)
        var subscription = ProviderSubscription(
            id: try id(map.id, "subscription", in: json),
            customer: try id(map.customer, "customer", in: json),
            livemode: try flag(map.livemode, in: json),
            status: status(meaning, isPaused: paused != nil),
            items: try mapped(items)
        )
        subscription.startsAt = try moment(.startsAt, in: json)
        subscription.trialStart = try moment(.trialStart, in: json)
        subscription.trialEnd = try moment(.trialEnd, in: json)
        // Stripe moved the period from the subscription to each of its items. Items that renew at
        // different times span the period together.
        let start = try moment(.periodStart, in: json)
        let end = try moment(.periodEnd, in: json)
        subscription.periodStart = try times(map.items.periodStart, in: items).min() ?? start
        subscription.periodEnd = try times(map.items.periodEnd, in: items).max() ?? end
        subscription.canceledAt = try moment(.canceledAt, in: json)
        subscription.endedAt = try moment(.endedAt, in: json)
        subscription.paused = paused
        subscription.cancelAt = try moment(.cancelAt, in: json)
        try endWithPeriod(&subscription, meaning, json)
        return subscription
    }

    /// Sets when a subscription ends that ends with its period, by its word or by its flag.
    private func endWithPeriod(
        _ subscription: inout ProviderSubscription,
        _ meaning: StatusPolicy.Meaning,
        _ json: JSON
    ) throws(MappingProblem) {
        let isFlagged = try flag(map.cancelAtPeriodEnd, in: json) == true
        let isLive = [.trialing, .active, .pastDue].contains(subscription.status)
        guard meaning.endsWithPeriod || isFlagged, isLive, subscription.cancelAt == nil else {
            return
        }
        // Without an end it would entitle for ever, on the strength of a field that moved.
        guard let end = subscription.periodEnd else {
            throw MappingProblem("it ends with its period, but no end of the period is given")
        }
        subscription.cancelAt = end
    }

    // MARK: Status

    private func meaning(of json: JSON) throws(MappingProblem) -> StatusPolicy.Meaning {
        guard let word = map.status.text(in: json) else {
            throw MappingProblem("\(names(map.status)) holds no status")
        }
        guard let meaning = policy.words[word] else {
            throw MappingProblem("the status `\(word.prefix(64))` is not known")
        }
        return meaning
    }

    private func status(
        _ meaning: StatusPolicy.Meaning,
        isPaused: Bool
    ) -> Subscription.Status {
        let pauses = isPaused && meaning.status == .active && policy.pausedCollection == .paused
        return pauses ? .paused : meaning.status
    }

    // MARK: Items

    /// The items as they came; a subscription without a list is its own only item.
    private func entries(of json: JSON) throws(MappingProblem) -> [JSON] {
        guard let list = map.items.list else { return [json] }
        guard let entries = json.at(pointer: list)?.array else {
            throw MappingProblem("\(list) is no list of items")
        }
        return entries
    }

    private func mapped(_ entries: [JSON]) throws(MappingProblem) -> [ProviderSubscription.Item] {
        var items: [ProviderSubscription.Item] = []
        for entry in entries {
            guard let id = map.items.id.text(in: entry) else {
                throw MappingProblem("an item has no id at \(names(map.items.id))")
            }
            let prices = map.items.prices.texts(in: entry)
            guard !prices.isEmpty else {
                throw MappingProblem("an item has no price at \(names(map.items.prices))")
            }
            items.append(.init(id: id, prices: prices, quantity: try quantity(of: entry)))
        }
        return items
    }

    /// Metered prices have no quantity: one is what they were bought in.
    private func quantity(of entry: JSON) throws(MappingProblem) -> Int64 {
        guard let (value, pointer) = map.items.quantity?.value(in: entry) else { return 1 }
        guard let quantity = value.integer, quantity >= 0 else {
            throw MappingProblem("\(pointer) of an item is no quantity")
        }
        return quantity
    }

    // MARK: Values

    private func id(
        _ pointers: Pointers,
        _ what: String,
        in json: JSON
    ) throws(MappingProblem) -> String {
        guard let id = pointers.text(in: json), SafeID.holds(id) else {
            throw MappingProblem("\(names(pointers)) holds no id of a \(what)")
        }
        return id
    }

    private func flag(_ pointers: Pointers?, in json: JSON) throws(MappingProblem) -> Bool? {
        guard let (value, pointer) = pointers?.value(in: json) else { return nil }
        guard let flag = value.bool else {
            throw MappingProblem("\(pointer) is neither true nor false")
        }
        return flag
    }

    private func moment(
        _ moment: SubscriptionMap.Moment,
        in json: JSON
    ) throws(MappingProblem) -> Instant? {
        try time(map.moments[moment], in: json)
    }

    private func times(
        _ pointers: Pointers?,
        in entries: [JSON]
    ) throws(MappingProblem) -> [Instant] {
        var times: [Instant] = []
        for entry in entries {
            if let time = try time(pointers, in: entry) { times.append(time) }
        }
        return times
    }

    private func time(_ pointers: Pointers?, in json: JSON) throws(MappingProblem) -> Instant? {
        guard let (value, pointer) = pointers?.value(in: json) else { return nil }
        guard let time = map.timeUnit.instant(from: value) else {
            throw MappingProblem("\(pointer) is no time in \(map.timeUnit.rawValue)")
        }
        return time
    }

    private func names(_ pointers: Pointers) -> String {
        pointers.candidates.joined(separator: " or ")
    }
}
