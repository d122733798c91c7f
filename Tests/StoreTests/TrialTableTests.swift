import Entitlements
import Postgres
import Store
import TestSupport
import Testing

@Suite(.database, .timeLimit(.minutes(5))) struct `The table of trials` {
    let shop: Shop
    let store: Store

    init() async throws {
        shop = try await Shop()
        store = shop.store
        try await shop.run(
            """
            insert into account (account_id) values ('acme');
            update plan set family = 'team' where plan_id = 'pro';
            """
        )
    }

    private func claim(_ family: String, _ subscription: String) async throws {
        let store = store
        try await store.write(as: Shop.author) { connection in
            try await store.claimTrial(
                family: family,
                subscription: subscription,
                startedAt: Instant(microseconds: 1),
                account: "acme",
                on: connection
            )
        }
    }

    @Test func `gives a family's trial to one subscription, for good`() async throws {
        try await claim("team", "one")
        try await claim("team", "one")
        try await claim("solo", "two")
        let refusal = StoreRefusal.trialAlreadyUsed(family: "team", subscription: "one")
        await #expect(throws: refusal) { try await claim("team", "two") }
        let used = try await store.trials(of: "acme", after: nil, size: 9).items
        #expect(used.map(\.family) == ["solo", "team"])
        #expect(used.map(\.subscription) == ["two", "one"])
    }

    @Test func `gives it to one of many that come at once`() async throws {
        let claimed = await withTaskGroup(of: Bool.self, returning: [Bool].self) { group in
            for number in 1...8 {
                group.addTask { (try? await claim("team", "sub_\(number)")) != nil }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        #expect(claimed.count { $0 } == 1)
    }

    @Test func `notes what is typed, by the family of the plan, and outlives the subscription`()
        async throws
    {
        try await shop.run(
            """
            insert into subscription (account_id, subscription_id, plan_id, status, trial_start,
                trial_end)
            values ('acme', 'one', 'pro', 'trialing', '2026-01-01Z', '2026-02-01Z');
            delete from subscription;
            """
        )
        let used = try await store.trials(of: "acme", after: nil, size: 9).items
        #expect(used.map(\.family) == ["team"] && used.map(\.subscription) == ["one"])
        #expect(used.first?.startedAt == Instant(rfc3339: "2026-01-01T00:00:00Z"))
    }
}
