import Entitlements
import Logging
import Postgres
import Store
import Webhooks

extension SubjectProcessor {
    /// Applies the provider's current word about one subscription, in one transaction.
    func apply(_ claim: ClaimedSubject, _ found: [ProviderSubscription]) async throws {
        guard let provided = found.first else {
            return try await bury(claim, "the provider's answer holds no subscription")
        }
        let problem = try await store.write(as: author(of: claim)) { [store, catchUp] connection in
            try await store.apply(provided, of: claim, catchUp, on: connection)
        }
        switch problem {
        case nil: break
        case .some(let unknown) where unknown.isAll: logDeadLetter(claim, unknown.note)
        case .some(let unknown):
            logger.warning(
                "an item was passed over",
                metadata: ["subject": "\(claim.key.id)", "reason": "\(unknown.note)"]
            )
        }
    }

    /// A customer changes nothing by itself: each subscription that it has, or had here, is fetched
    /// on its own, so that no listing can overwrite what a later fetch found.
    func applyCustomer(_ claim: ClaimedSubject, listed: [String]) async throws {
        try await store.write(as: author(of: claim)) { [store] connection in
            let source = claim.key.source
            let customer = claim.key.id
            try await store.lock(customer: customer, source: source, on: connection)
            guard try await store.hold(claim, on: connection) else { return }
            let account = try await store.account(
                ofCustomer: customer,
                source: source,
                on: connection
            )
            guard let account else {
                return try await store.settleUnlinked(claim, customer: customer, on: connection)
            }
            let known = try await store.providerIDs(
                account: account,
                source: source,
                on: connection
            )
            for id in known.union(listed).sorted() {
                let key = SubjectKey(source: source, kind: "subscription", id: id)
                _ = try await store.want(key, customer: customer, on: connection)
            }
            try await store.settle(
                claim,
                as: .applied,
                customer: customer,
                note: nil,
                on: connection
            )
        }
    }

    private func author(of claim: ClaimedSubject) -> Author {
        Author(actor: "webhook:\(claim.key.source):\(claim.key.id)", reason: "fetched")
    }
}

/// Prices of a subscription that no plan has.
private struct UnknownPrices: Sendable {
    let prices: [String]
    let source: String
    /// Whether nothing of the subscription is known, so that nothing of it could be applied.
    let isAll: Bool

    var note: String {
        """
        no plan has the price \(prices.joined(separator: ", ")): add it under billing.\(source) in \
        plans/, apply the catalog, and replay the event
        """
    }
}

extension Store {
    /// Finds whose subscription it is, and makes the account's rows of it what was fetched.
    fileprivate func apply(
        _ provided: ProviderSubscription,
        of claim: ClaimedSubject,
        _ catchUp: MeterCatchUp,
        on connection: Connection
    ) async throws -> UnknownPrices? {
        let source = claim.key.source
        try await lock(customer: provided.customer, source: source, on: connection)
        guard try await hold(claim, on: connection) else { return nil }
        let account = try await account(
            ofCustomer: provided.customer,
            source: source,
            on: connection
        )
        guard let account else {
            try await settleUnlinked(claim, customer: provided.customer, on: connection)
            return nil
        }
        let plans = try await plans(
            ofPrices: provided.allPrices,
            source: source,
            on: connection
        )
        let unknown = provided.unknownPrices(plans: plans, source: source)
        if let unknown, unknown.isAll {
            try await release(
                claim,
                retryAfter: nil,
                countsAsAttempt: true,
                error: unknown.note,
                on: connection
            )
            return unknown
        }
        let rows = provided.subscriptions(
            plans: plans,
            standing: try await standing(
                of: provided.id,
                source: source,
                account: account,
                on: connection
            )
        )
        try await lock(accounts: [account], on: connection)
        try await catchUp([account], on: connection)
        try await replace(
            rows,
            of: provided.id,
            source: source,
            account: account,
            // An item that is not understood may be one that was, under its former price: what it
            // gave stays until it is understood again.
            isWhole: unknown == nil,
            on: connection
        )
        try await settle(
            claim,
            as: .applied,
            customer: provided.customer,
            note: unknown?.note,
            on: connection
        )
        return unknown
    }

    private func replace(
        _ rows: [Subscription],
        of providerID: String,
        source: String,
        account: String,
        isWhole: Bool,
        on connection: Connection
    ) async throws {
        for row in rows {
            let content = SubscriptionContent(
                subscription: row,
                source: source,
                providerID: providerID
            )
            _ = try await put(subscription: content, account: account, on: connection)
        }
        guard isWhole else { return }
        try await deleteItems(
            of: providerID,
            source: source,
            account: account,
            except: rows.map(\.id),
            on: connection
        )
    }

    fileprivate func settleUnlinked(
        _ claim: ClaimedSubject,
        customer: String,
        on connection: Connection
    ) async throws {
        try await settle(
            claim,
            as: .unlinked,
            customer: customer,
            note: "customer \(customer) belongs to no account yet",
            on: connection
        )
    }
}

extension ProviderSubscription {
    /// What the catalog does not know of a subscription that can open something; nil when it knows
    /// all of it, or when it opens nothing in any case.
    fileprivate func unknownPrices(plans: [String: String], source: String) -> UnknownPrices? {
        let bought = items.filter { $0.quantity > 0 }
        let strangers = bought.filter { $0.plan(in: plans) == nil }
        guard status.mayEntitle, !strangers.isEmpty || items.isEmpty else { return nil }
        return UnknownPrices(
            prices: strangers.compactMap(\.prices.first),
            source: source,
            isAll: strangers.count == bought.count
        )
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
