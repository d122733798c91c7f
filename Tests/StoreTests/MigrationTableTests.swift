import Entitlements
import Postgres
import Store
import TestSupport
import Testing

/// Which subscriptions a migration is about: `pro` has three versions, of which 3 is followed.
@Suite(.database, .timeLimit(.minutes(5))) struct `The scope of a migration` {
    let shop: Shop
    let store: Store

    init() async throws {
        shop = try await Shop()
        store = shop.store
        try await shop.run(
            """
            insert into plan_version (plan_id, version) values ('pro', 2), ('pro', 3);
            update plan set version = 3 where plan_id = 'pro';
            insert into account (account_id, clock_at) values
                ('a', '2026-01-10Z'), ('b', '2026-01-10Z');
            insert into subscription (account_id, subscription_id, plan_id, version, status) values
                ('a', 'one', 'pro', 1, 'active'), ('a', 'two', 'pro', 2, 'active'),
                ('a', 'follows', 'pro', null, 'active'), ('b', 'one', 'pro', 1, 'canceled'),
                ('b', 'other', 'free', 1, 'active');
            insert into subscription (account_id, subscription_id, plan_id, status, next_plan_id,
                next_version, change_at)
            values ('b', 'came', 'free', 'active', 'pro', 1, '2026-01-10Z'),
                   ('b', 'comes', 'free', 'active', 'pro', 1, '2026-01-11Z'),
                   ('b', 'left', 'pro', 'active', 'free', null, '2026-01-09Z');
            """
        )
    }

    private func steps(
        _ from: Int?,
        _ to: Int?,
        after cursor: MigrationCursor? = nil,
        size: Int = 100
    ) async throws -> [MigrationStep] {
        let store = store
        return try await store.write(as: Shop.author) { connection in
            try await store.migrationSteps(
                MigrationScope(plan: "pro", from: from, to: to),
                after: cursor,
                size: size,
                on: connection
            )
        }
    }

    @Test(
        arguments: [
            (nil, nil, ["a/one", "a/two", "b/came", "b/one"]),
            (1, nil, ["a/one", "b/came", "b/one"]),
            (1, 2, ["a/one", "b/came", "b/one"]),
            (nil, 2, ["a/follows", "a/one", "b/came", "b/one"]),
            (3, 1, ["a/follows"]),
            (2, 2, []),
        ] as [(Int?, Int?, [String])]
    )
    func `is what is held by then, on another version`(
        from: Int?,
        to: Int?,
        expected: [String]
    ) async throws {
        let steps = try await steps(from, to)
        #expect(steps.map { "\($0.account)/\($0.subscription)" } == expected)
        #expect(steps.contains(where: \.isNext) == expected.contains("b/came"))
    }

    @Test func `is read in pages, each with one more that tells of the next`() async throws {
        var names: [String] = []
        var cursor: MigrationCursor?
        repeat {
            let page = try await steps(nil, nil, after: cursor, size: 2)
            names += page.prefix(2).map { "\($0.account)/\($0.subscription)" }
            cursor =
                page.count > 2
                ? MigrationCursor(account: page[1].account, subscription: page[1].subscription)
                : nil
        } while cursor != nil
        #expect(names == ["a/one", "a/two", "b/came", "b/one"])
    }

    @Test func `moves the version that is held, also from its slot`() async throws {
        let store = store
        let moving = try await steps(1, nil)
        try await store.write(as: Shop.author) { connection in
            try await store.move(moving, to: 2, on: connection)
        }
        let held = try await store.subscriptions(of: "b", after: nil, size: 9).items
            .map(\.subscription)
        #expect(held.first { $0.id == "one" }?.version == 2)
        #expect(held.first { $0.id == "came" }?.planChange?.version == 2)
        #expect(held.first { $0.id == "comes" }?.planChange?.version == 1)
    }

    @Test func `grandfathers what is held, also in its slot`() async throws {
        try await shop.run("update subscription set next_version = null")
        let store = store
        let pinned = try await store.write(as: Shop.author) { connection in
            try await store.grandfather(plan: "pro", version: 3, on: connection)
        }
        #expect(pinned == 2)
        let held = try await store.subscriptions(of: "b", after: nil, size: 9).items
            .map(\.subscription)
        #expect(held.first { $0.id == "came" }?.planChange?.version == 3)
        #expect(held.first { $0.id == "came" }?.version == nil)
        #expect(held.first { $0.id == "comes" }?.planChange?.version == nil)
        #expect(held.first { $0.id == "left" }?.version == nil)
    }

    @Test func `is judged by accounts as checks read them`() async throws {
        let store = store
        let (accounts, clock) = try await store.write(as: Shop.author) { connection in
            try await store.states(ofAccounts: ["a", "b", "none"], on: connection)
        }
        #expect(accounts.keys.sorted() == ["a", "b"])
        let a = try #require(accounts["a"])
        #expect(a.testClock == Instant(rfc3339: "2026-01-10T00:00:00Z"))
        #expect(a.subscriptions.map(\.id).sorted() == ["follows", "one", "two"])
        #expect(clock > a.changedAt)
    }
}
