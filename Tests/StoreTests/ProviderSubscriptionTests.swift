import Entitlements
import Postgres
import Store
import TestSupport
import Testing

/// Subscriptions that a provider keeps, item by item.
@Suite(.database, .timeLimit(.minutes(5))) struct `The rows of a provider's subscriptions` {
    let shop: Shop
    let store: Store

    init() async throws {
        shop = try await Shop()
        store = shop.store
        try await shop.run("insert into account (account_id) values ('acme')")
    }

    @discardableResult
    private func put(
        _ subscription: Subscription,
        source: String,
        providerID: String?
    ) async throws -> SubscriptionRecord {
        let store = store
        let content = SubscriptionContent(
            subscription: subscription,
            source: source,
            providerID: providerID
        )
        return try await store.write(as: Shop.author) { connection in
            try await store.put(subscription: content, account: "acme", on: connection)
        }
    }

    @Test func `are known by its ids, and dropped when their items left it`()
        async throws
    {
        for (id, source, provider) in [
            ("a", "stripe", "sub_1"), ("b", "stripe", "sub_1"), ("c", "stripe", "sub_2"),
            ("d", "lago", "sub_1"), ("e", "stripe", nil),
        ] {
            try await put(
                Subscription(id: id, plan: "pro", status: .active),
                source: source,
                providerID: provider
            )
        }
        let store = store
        let ids = try await store.write(as: Shop.author) { connection in
            try await store.deleteItems(
                of: "sub_1",
                source: "stripe",
                account: "acme",
                except: ["b"],
                on: connection
            )
            return try await store.providerIDs(
                account: "acme",
                source: "stripe",
                on: connection
            )
        }
        #expect(ids == ["sub_1", "sub_2"])
        let rest = try await store.subscriptions(of: "acme", after: nil, size: 9).items
        #expect(rest.map(\.subscription.id) == ["b", "c", "d", "e"])
    }

    /// A provider says nothing of versions, so its news must not undo a grandfathering.
    @Test func `keep a pinned version while it keeps the plan`() async throws {
        try await shop.run("insert into plan_version (plan_id, version) values ('pro', 2)")
        func put(_ plan: String, _ version: Int?, providerID: String?) async throws -> Int? {
            try await self.put(
                Subscription(id: "sub", plan: plan, version: version, status: .active),
                source: "stripe",
                providerID: providerID
            )
            .subscription.version
        }
        #expect(try await put("pro", nil, providerID: "sub_1") == nil)
        try await shop.run("update subscription set version = 1")
        #expect(try await put("pro", nil, providerID: "sub_1") == 1)
        #expect(try await put("free", nil, providerID: "sub_1") == nil)
        // Pinned while the change that brought the plan was in its slot still.
        try await shop.run(
            """
            update subscription
               set next_plan_id = 'pro', next_version = 1, change_at = now() - interval '1 hour'
            """
        )
        #expect(try await put("pro", nil, providerID: "sub_1") == 1)
        #expect(try await put("pro", 2, providerID: nil) == 2)
        #expect(try await put("pro", nil, providerID: nil) == nil)
    }
}
