import Entitlements
import Postgres
import Store
import Webhooks

extension SubjectProcessor {
    /// Applies the provider's current word about one subscription, in one transaction.
    func apply(_ claim: ClaimedSubject, _ found: [ProviderSubscription]) async throws {
        guard let provided = found.first else {
            return try await bury(claim, "the provider's answer holds no subscription")
        }
        try await store.write(as: author(of: claim)) { [store] connection in
            guard try await store.hold(claim, on: connection) else { return }
            let account = try await store.account(
                ofCustomer: provided.customer,
                source: claim.key.source,
                on: connection
            )
            guard let account else {
                let note = "customer \(provided.customer) belongs to no account yet"
                return try await store.settle(
                    claim,
                    as: .unlinked,
                    customer: provided.customer,
                    note: note,
                    on: connection
                )
            }
            try await store.replace(provided, of: claim, account: account, on: connection)
        }
        if let progress = try await store.progress(of: claim.key), progress.isDead {
            logDeadLetter(claim, progress.lastError ?? "")
        }
    }

    /// A customer changes nothing by itself: each subscription that it has, or had here, is fetched
    /// on its own, so that no listing can overwrite what a later fetch found.
    func applyCustomer(_ claim: ClaimedSubject, listed: [String]) async throws {
        try await store.write(as: author(of: claim)) { [store] connection in
            guard try await store.hold(claim, on: connection) else { return }
            let source = claim.key.source
            let customer = claim.key.id
            let account = try await store.account(
                ofCustomer: customer,
                source: source,
                on: connection
            )
            var ids = Set(listed)
            if let account {
                ids.formUnion(
                    try await store.providerIDs(account: account, source: source, on: connection)
                )
            }
            for id in ids.sorted() {
                let key = SubjectKey(source: source, kind: "subscription", id: id)
                _ = try await store.want(key, customer: customer, on: connection)
            }
            try await store.settle(
                claim,
                as: account == nil ? .unlinked : .applied,
                customer: customer,
                note: account == nil ? "customer \(customer) belongs to no account yet" : nil,
                on: connection
            )
        }
    }

    private func author(of claim: ClaimedSubject) -> Author {
        Author(actor: "webhook:\(claim.key.source):\(claim.key.id)", reason: "fetched")
    }
}

extension Store {
    /// Makes an account's rows of one provider's subscription exactly what was fetched.
    fileprivate func replace(
        _ provided: ProviderSubscription,
        of claim: ClaimedSubject,
        account: String,
        on connection: Connection
    ) async throws {
        let source = claim.key.source
        let plans = try await plans(
            ofPrices: provided.items.flatMap(\.prices),
            source: source,
            on: connection
        )
        let now = try await now(on: connection)
        let rows = provided.subscriptions(plans: plans, now: now)
        if rows.isEmpty, provided.status.mayEntitle {
            let prices = provided.items.compactMap(\.prices.first).joined(separator: ", ")
            let note = """
                no plan has the price \(prices): add it under billing.\(source) in plans/, apply \
                the catalog, and replay the event
                """
            return try await release(
                claim,
                retryAfter: nil,
                countsAsAttempt: true,
                error: note,
                on: connection
            )
        }
        for row in rows {
            let content = SubscriptionContent(
                subscription: row,
                source: source,
                providerID: provided.id
            )
            _ = try await put(subscription: content, account: account, on: connection)
        }
        try await deleteItems(
            of: provided.id,
            source: source,
            account: account,
            except: rows.map(\.id),
            on: connection
        )
        try await settle(
            claim,
            as: .applied,
            customer: provided.customer,
            note: nil,
            on: connection
        )
    }
}

extension ProviderSubscription {
    /// One subscription of ours for each item whose price means a plan.
    ///
    /// The first has the provider's id; further ones add their item's.
    func subscriptions(plans: [String: String], now: Instant) -> [Subscription] {
        let bought = items.compactMap { item in
            item.prices.lazy.compactMap { plans[$0] }.first.map { (item: item, plan: $0) }
        }
        return bought.enumerated()
            .map { index, bought in
                Subscription(
                    id: index == 0 ? id : "\(id):\(bought.item.id)",
                    plan: bought.plan,
                    status: status,
                    quantity: max(bought.item.quantity, 1),
                    startsAt: startsAt,
                    trialEnd: trialEnd,
                    periodStart: periodStart,
                    periodEnd: periodEnd,
                    cancelAt: cancelAt,
                    endedAt: status == .canceled ? endedAt ?? canceledAt ?? now : nil
                )
            }
    }
}

extension Subscription.Status {
    /// Whether a subscription in this status can open anything, at some time.
    fileprivate var mayEntitle: Bool {
        switch self {
        case .trialing, .active, .pastDue, .scheduled: true
        case .incomplete, .incompleteExpired, .unpaid, .paused, .canceled: false
        }
    }
}
