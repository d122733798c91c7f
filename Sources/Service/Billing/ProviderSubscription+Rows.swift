import Entitlements
import Store
import Webhooks

extension ProviderSubscription {
    /// What its plans are looked up by: all names of what it consists of, and of what it will.
    var allPrices: [String] {
        let upcoming = upcoming.map { $0.items + $0.added } ?? []
        return (items + upcoming).flatMap(\.prices)
    }

    /// One subscription of ours for each item whose price means a plan, and one that waits for each
    /// that will begin.
    ///
    /// The first has the provider's id; further ones add their item's. An item of which there are
    /// none makes no subscription.
    ///
    /// - Parameters:
    ///   - plans: The plans of the prices that are known.
    ///   - standing: What is on record of it, and when it was fetched.
    /// - Returns: The rows, in the order of the items.
    func subscriptions(
        plans: [String: String],
        standing: ProviderStanding
    ) -> [Subscription] {
        // By its place among all items: one that is passed over keeps its row to itself.
        let present = items.enumerated()
            .compactMap { index, item -> Subscription? in
                guard item.quantity > 0, let plan = item.plan(in: plans) else { return nil }
                let place = index == 0 ? id : "\(id):\(item.id)"
                var row = row(place, plan, item.quantity, standing)
                row.pause = pause(standing)
                if let upcoming { row.take(upcoming, of: item, plans) }
                return row
            }
        return present + coming(plans)
    }

    private func row(
        _ id: String,
        _ plan: String,
        _ quantity: Int64,
        _ standing: ProviderStanding
    ) -> Subscription {
        Subscription(
            id: id,
            plan: plan,
            status: status,
            quantity: quantity,
            startsAt: startsAt,
            trialStart: trialStart,
            trialEnd: trialEnd,
            trialAtEnd: trialAtEnd,
            hasPaymentMethod: hasPaymentMethod ?? false,
            periodStart: periodStart,
            periodEnd: periodEnd,
            pastDueSince: owedSince(standing),
            cancelAt: cancelAt,
            endedAt: status == .canceled ? endedAt ?? canceledAt ?? standing.now : nil
        )
    }

    /// What begins beside the present items.
    ///
    /// It has no item of the provider's yet, so it goes by its price until the provider's word of
    /// that day takes its place.
    private func coming(_ plans: [String: String]) -> [Subscription] {
        guard let upcoming, status == .active || status == .trialing else { return [] }
        return upcoming.added.compactMap { item in
            guard item.quantity > 0, let plan = item.plan(in: plans) else { return nil }
            return Subscription(
                id: "\(id):\(item.id)",
                plan: plan,
                status: .scheduled,
                quantity: item.quantity,
                startsAt: upcoming.at,
                cancelAt: cancelAt
            )
        }
    }

    /// Since when it is owed: of the whole subscription, so that an item which is replaced or added
    /// meanwhile starts no grace of its own, and never later than its period ended.
    private func owedSince(_ standing: ProviderStanding) -> Instant? {
        switch status {
        case .pastDue:
            pastDueSince ?? standing.pastDueSince
                ?? min(standing.now, periodEnd ?? standing.now)
        case .unpaid, .paused: pastDueSince ?? standing.pastDueSince
        default: nil
        }
    }

    /// The pause, which began when it was first seen where the provider does not say when.
    private func pause(_ standing: ProviderStanding) -> Subscription.Pause? {
        guard let pause else { return nil }
        let from = pause.from ?? standing.pausedSince ?? standing.now
        if let until = pause.until, until <= from { return nil }
        return Subscription.Pause(from: from, until: pause.until)
    }
}

extension Subscription {
    /// Takes in what will become of the item that this is of.
    ///
    /// A price that no plan has changes nothing ahead of its day: a guess would grant or revoke.
    fileprivate mutating func take(
        _ upcoming: ProviderSubscription.Upcoming,
        of item: ProviderSubscription.Item,
        _ plans: [String: String]
    ) {
        let heir = upcoming.items.first { $0.id == item.id }
        guard let heir, heir.quantity > 0 else {
            return cancelAt = min(cancelAt ?? upcoming.at, upcoming.at)
        }
        if let next = heir.plan(in: plans), next != plan {
            planChange = PlanChange(plan: next, at: upcoming.at)
        }
        if heir.quantity != quantity {
            quantityChange = QuantityChange(quantity: heir.quantity, at: upcoming.at)
        }
    }
}

extension ProviderSubscription.Item {
    /// The plan that the first known of its names means.
    func plan(in plans: [String: String]) -> String? {
        prices.lazy.compactMap { plans[$0] }.first
    }
}
