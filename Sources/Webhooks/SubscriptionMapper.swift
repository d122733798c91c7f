import Entitlements

/// Turns a provider's subscription into ours, by a map of pointers and a table of status words.
///
/// What is absent is absent; what is there and has not the form that the map expects makes the
/// whole answer unusable, since a guess would grant or revoke.
struct SubscriptionMapper {
    let map: SubscriptionMap
    let policy: StatusPolicy

    func subscription(from json: JSON) throws(MappingProblem) -> ProviderSubscription {
        let items = try entries(of: json)
        let meaning = try meaning(of: json)
        var subscription = ProviderSubscription(
            id: try id(map.id, "subscription", in: json),
            customer: try id(map.customer, "customer", in: json),
            livemode: try flag(map.livemode, in: json),
            status: meaning.status,
            items: try mapped(items)
        )
        subscription.startsAt = try moment(.startsAt, in: json)
        try readTrial(of: json, into: &subscription)
        try readPeriod(of: json, items: items, into: &subscription)
        try readPause(of: json, into: &subscription)
        subscription.pastDueSince = try moment(.pastDueSince, in: json)
        subscription.canceledAt = try moment(.canceledAt, in: json)
        subscription.endedAt = try moment(.endedAt, in: json)
        subscription.cancelAt = try moment(.cancelAt, in: json)
        try endWithPeriod(&subscription, meaning, json)
        try readSchedule(of: json, into: &subscription)
        return subscription
    }

    private func meaning(of json: JSON) throws(MappingProblem) -> StatusPolicy.Meaning {
        guard let word = map.status.text(in: json) else {
            throw MappingProblem("\(map.status.names()) holds no status")
        }
        guard let meaning = policy.words[word] else {
            throw MappingProblem("the status `\(word.prefix(64))` is not known")
        }
        return meaning
    }

    // MARK: Items

    /// The items as they came; a subscription without a list is its own only item.
    private func entries(of json: JSON) throws(MappingProblem) -> [JSON] {
        guard let list = map.items.list else { return [json] }
        return try self.list(list, of: "items", in: json)
    }

    private func mapped(_ entries: [JSON]) throws(MappingProblem) -> [ProviderSubscription.Item] {
        var items: [ProviderSubscription.Item] = []
        for entry in entries {
            guard let id = map.items.id.text(in: entry) else {
                throw MappingProblem("an item has no id at \(map.items.id.names())")
            }
            items.append(
                ProviderSubscription.Item(
                    id: id,
                    prices: try prices(map.items.prices, in: entry),
                    quantity: try quantity(map.items.quantity, in: entry)
                )
            )
        }
        return items
    }

    // MARK: Dates

    /// The period of the items, else the subscription's own.
    ///
    /// Stripe moved it from the subscription to each of its items; items that renew at different
    /// times span it together.
    private func readPeriod(
        of json: JSON,
        items: [JSON],
        into subscription: inout ProviderSubscription
    ) throws(MappingProblem) {
        let start = try moment(.periodStart, in: json)
        let end = try moment(.periodEnd, in: json)
        subscription.periodStart = try times(map.items.periodStart, in: items).min() ?? start
        subscription.periodEnd = try times(map.items.periodEnd, in: items).max() ?? end
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

    /// The words about a pause stay with the subscription; only the policy makes a span of them.
    ///
    /// A span and no status: its end is then met by the clock, with no further webhook.
    private func readPause(
        of json: JSON,
        into subscription: inout ProviderSubscription
    ) throws(MappingProblem) {
        let from = try moment(.pausedFrom, in: json)
        let until = try moment(.pausedUntil, in: json)
        subscription.paused = map.paused?.value(in: json)?.value
        guard subscription.paused != nil, subscription.status == .active,
            policy.pausedCollection == .paused
        else { return }
        subscription.pause = ProviderSubscription.Pause(from: from, until: until)
    }
}
