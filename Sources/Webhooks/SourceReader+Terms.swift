import Yams

// The optional parts of `map`: the means to pay, what follows a trial, and the schedule.

extension SourceReader {
    mutating func paymentMethod(_ map: Fields) -> SubscriptionMap.PaymentMethod? {
        guard map.values["payment_method"] != nil,
            let fields = mapping(map, "payment_method", known: ["at", "or"])
        else { return nil }
        let places = pointers(fields, "at")
        let alternative = condition(fields, "or")
        return places.map { SubscriptionMap.PaymentMethod(places: $0, alternative: alternative) }
    }

    mutating func trialAtEnd(_ map: Fields) -> SubscriptionMap.TrialAtEnd? {
        guard map.values["trial_at_end"] != nil,
            let fields = mapping(map, "trial_at_end", known: ["at", "words"])
        else { return nil }
        let place = pointers(fields, "at")
        guard let node = required(fields, "words") else { return nil }
        let path = fields.way(to: "words")
        guard let mapping = node.mapping, !mapping.isEmpty else {
            note(node, path, "is no mapping", "write `their word: cancel, pause, fallback or plan`")
            return nil
        }
        var words: [String: SubscriptionMap.TrialAtEnd.Word] = [:]
        for (key, value) in mapping {
            guard let theirs = text(key, path) else { continue }
            words[theirs] = word(
                value,
                "\(path).\(theirs)",
                of: SubscriptionMap.TrialAtEnd.Word.self
            )
        }
        return place.map { SubscriptionMap.TrialAtEnd(place: $0, words: words) }
    }

    mutating func schedule(_ map: Fields) -> ScheduleMap? {
        let known = ["at", "subscription", "current_end", "phases", "cancels"]
        guard map.values["schedule"] != nil,
            let fields = mapping(map, "schedule", known: known)
        else { return nil }
        let at = pointer(fields, "at")
        let subscription = optionalPointers(fields, "subscription")
        let currentEnd = pointers(fields, "current_end")
        let cancels = condition(fields, "cancels")
        guard
            let phases = mapping(
                fields,
                "phases",
                known: ["list", "starts_at", "ends_at", "items"]
            )
        else { return nil }
        let list = pointer(phases, "list")
        let phase = phase(phases)
        if cancels != nil, phase?.endsAt == nil { _ = required(phases, "ends_at") }
        guard let at, let currentEnd, let list, let phase else { return nil }
        return ScheduleMap(
            at: at,
            subscription: subscription,
            currentEnd: currentEnd,
            phases: list,
            phase: phase,
            cancels: cancels
        )
    }

    private mutating func phase(_ phases: Fields) -> ScheduleMap.Phase? {
        let start = pointers(phases, "starts_at")
        let end = optionalPointers(phases, "ends_at")
        guard let items = mapping(phases, "items", known: ["list", "prices", "quantity"]) else {
            return nil
        }
        let list = pointer(items, "list")
        let prices = pointers(items, "prices")
        let quantity = optionalPointers(items, "quantity")
        guard let start, let list, let prices else { return nil }
        return ScheduleMap.Phase(
            startsAt: start,
            endsAt: end,
            items: list,
            prices: prices,
            quantity: quantity
        )
    }
}
