import Entitlements
package import Store

extension UsherService {
    package func subscription(
        _ id: String,
        of account: String
    ) async throws -> (record: SubscriptionRecord, revision: Int64) {
        let owner = try await self.account(account)
        guard let record = try await store.subscription(id, of: account) else {
            throw Refusal.unknownSubscription(id, of: account)
        }
        return (record, owner.revision)
    }

    package func subscriptions(
        of account: String,
        after cursor: String?,
        size: Int
    ) async throws -> (page: Page<SubscriptionRecord>, revision: Int64) {
        let owner = try await self.account(account)
        let page = try await store.subscriptions(of: account, after: cursor, size: size)
        return (page, owner.revision)
    }

    /// Creates or replaces a subscription, for apps without a billing provider.
    package func put(
        subscription content: SubscriptionContent,
        account: String,
        as author: Author
    ) async throws -> (record: SubscriptionRecord, revision: Int64, isNew: Bool) {
        try Self.checkDates(of: content.subscription)
        return try await store.write(as: author) { connection in
            let source = try await store.lockSource(
                ofSubscription: content.subscription.id,
                account: account,
                on: connection
            )
            // What a provider feeds, the provider's next word would overwrite.
            if let source, source != content.source {
                throw Refusal.fed(by: source, content.subscription.id)
            }
            let record = try await store.put(
                subscription: content,
                account: account,
                on: connection
            )
            let owner = try await store.account(account, on: connection)
            return (record, owner?.revision ?? 0, source == nil)
        }
    }

    package func delete(
        subscription id: String,
        account: String,
        as author: Author
    ) async throws {
        let existed = try await store.write(as: author) { connection in
            let source = try await store.lockSource(
                ofSubscription: id,
                account: account,
                on: connection
            )
            if let source, source != "api" { throw Refusal.fed(by: source, id) }
            return try await store.delete(subscription: id, account: account, on: connection)
        }
        guard !existed else { return }
        _ = try await self.account(account)
        throw Refusal.unknownSubscription(id, of: account)
    }

    /// What the table refuses too, told before it is asked, by field.
    private static func checkDates(of held: Subscription) throws(Refusal) {
        if let start = held.periodStart, let end = held.periodEnd, end <= start {
            throw Refusal(
                .invalidField,
                "the period ends at \(end), not after its start at \(start)",
                field: "period_end",
                remedy: "give an end that is later than period_start"
            )
        }
        if held.status == .scheduled, held.startsAt == nil {
            throw Refusal(
                .missingField,
                "a scheduled subscription needs the instant at which it starts",
                field: "starts_at",
                remedy: "give starts_at, or another status"
            )
        }
        if held.status == .trialing, held.trialEnd == nil {
            throw Refusal(
                .missingField,
                "a trial needs the instant at which it ends",
                field: "trial_end",
                remedy: "give trial_end, or another status"
            )
        }
    }
}

extension Refusal {
    fileprivate static func fed(by source: String, _ id: String) -> Refusal {
        Refusal(
            .conflict,
            "subscription \(id) is fed by \(source)",
            field: "subscription",
            remedy: "change it at \(source), or use another id here"
        )
    }

    fileprivate static func unknownSubscription(_ id: String, of account: String) -> Refusal {
        Refusal(
            .unknownSubscription,
            "account \(account) has no subscription \(id)",
            field: "subscription",
            remedy: "see GET /v1/accounts/\(account)/subscriptions"
        )
    }
}
