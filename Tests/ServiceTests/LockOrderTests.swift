import Entitlements
import Postgres
import Store
import TestSupport
import Testing

@testable import Service

/// Everybody locks a subscription before its account, so nobody waits for each other.
@Suite(.database, .timeLimit(.minutes(5))) struct `Writers of one subscription` {
    @Test func `by API and by hand do not lock each other out`() async throws {
        try await World.run { world in
            try await world.signUp()
            try await world.subscribe()
            try await withThrowingTaskGroup(of: Void.self) { group in
                for writer in 0..<3 {
                    group.addTask {
                        for round in 0..<25 { try await world.act(writer * 100 + round) }
                    }
                    group.addTask { try await typeUpdates(25, from: Int64(100 * (writer + 1))) }
                }
                group.addTask {
                    for _ in 0..<10 { try await world.move(to: 1) }
                }
                try await group.waitForAll()
            }
            // The rounds all took effect: nothing was refused, and each left its mark.
            #expect(try await world.subscriptions().count == 1)
        }
    }

    @Test func `of a plan's subscriptions and of one of them go one after the other`()
        async throws
    {
        try await World.run { world in
            for account in ["a", "b", "c"] {
                try await world.signUp(account)
                try await world.subscribe(account)
            }
            let hand = try await connection()
            try await hand.execute(script: "begin")
            try await hand.execute(
                script: "update subscription set quantity = 9 where account_id = 'b'"
            )
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await world.move(to: 1) }
                try await eventually { try await world.waiting() == 1 }
                // Locked in order up to the one that is held, and no account before all of them.
                let heads = try await hand.query(
                    """
                    select account_id
                      from chain_head
                     where account_id in ('a', 'c')
                       for update nowait
                    """
                )
                #expect(heads.count == 2)
                try await hand.execute(script: "commit")
                try await group.waitForAll()
            }
            let moved = try await world.count(
                "select count(*) as n from subscription where version = 1"
            )
            #expect(moved == 3)
        }
    }

    /// What comes into the scope while the first reading waits is left for the next run: its account
    /// comes before those that are locked.
    @Test func `of a page leave alone what comes into it`() async throws {
        try await World.run { world in
            for account in ["a", "b"] {
                try await world.signUp(account)
                try await world.subscribe(account, plan: account == "a" ? "free" : "pro")
            }
            let hand = try await connection()
            try await hand.execute(
                script: """
                    begin;
                    select from subscription where account_id = 'b' for update;
                    select from chain_head where account_id = 'b' for update
                    """
            )
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await world.move(to: 1) }
                try await eventually { try await world.waiting() == 1 }
                _ = try await world.pool.query(
                    "update subscription set plan_id = 'pro' where account_id = 'a'"
                )
                try await hand.execute(script: "commit")
                try await group.waitForAll()
            }
            let moved = try await world.pool.query(
                "select account_id from subscription where version = 1"
            )
            #expect(try moved.map { try $0.text("account_id") } == ["b"])
        }
    }

    private func connection() async throws -> Connection {
        try await Connection(
            ConnectionSettings(
                url: TestDatabase.url,
                statementTimeout: .seconds(30),
                lockTimeout: .seconds(30),
                idleInTransactionTimeout: .zero
            )
        )
    }

    /// Fails by a deadlock's error, which this side finds first.
    private func typeUpdates(_ rounds: Int64, from first: Int64) async throws {
        let hand = try await connection()
        try await hand.execute(script: "set deadlock_timeout = '20ms'")
        for round in 0..<rounds {
            try await hand.execute(
                script: """
                    update subscription set quantity = \(first + round)
                     where account_id = 'acme' and subscription_id = 'main'
                    """
            )
        }
    }
}

extension World {
    /// Connections that wait for a lock of a row.
    fileprivate func waiting() async throws -> Int {
        try await count(
            """
            select count(*) as n from pg_stat_activity
             where datname = current_database() and wait_event_type = 'Lock'
            """
        )
    }

    fileprivate func act(_ number: Int) async throws {
        let quantity = Int64(2 + number % 50)
        if number % 2 == 0 {
            let held = Subscription(id: "main", plan: "pro", status: .active, quantity: quantity)
            _ = try await service.put(
                subscription: SubscriptionContent(subscription: held),
                account: "acme",
                as: author
            )
            return
        }
        _ = try await service.act(
            .change(nil, quantity: quantity, .now),
            on: "main",
            of: "acme",
            call: RepeatableCall(key: nil, operation: "change", request: .null),
            as: author
        ) { _ in StoredAnswer(status: 200, body: .null) }
    }

    fileprivate func move(to version: Int) async throws {
        _ = try await service.migrate(
            MigrationRequest(
                scope: MigrationScope(plan: "pro", to: version),
                isDryRun: false,
                cursor: nil,
                size: 50
            ),
            call: RepeatableCall(key: nil, operation: "migrate", request: .null),
            as: author
        ) { _ in StoredAnswer(status: 200, body: .null) }
    }
}
