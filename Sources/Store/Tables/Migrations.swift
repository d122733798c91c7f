import Limits
package import Postgres

/// Which subscriptions move to another version of their plan.
package struct MigrationScope: Sendable, Equatable {
    package var plan: String
    /// Only those that have this version, pinned or by following the plan; nil for any.
    package var from: Int?
    /// The version to be pinned to; nil to follow the plan.
    package var to: Int?

    package init(plan: String, from: Int? = nil, to: Int? = nil) {
        self.plan = plan
        self.from = from
        self.to = to
    }
}

/// One subscription that moves.
package struct MigrationStep: Sendable, Equatable {
    package let account: String
    package let subscription: String
    /// The version it is pinned to; nil when it follows the plan.
    package let from: Int?
    /// Whether the plan is held by a change that has come, and is still in its slot.
    package let isNext: Bool

    package init(account: String, subscription: String, from: Int?, isNext: Bool) {
        self.account = account
        self.subscription = subscription
        self.from = from
        self.isNext = isNext
    }

    /// Its place in the order of a migration.
    package var cursor: MigrationCursor {
        MigrationCursor(account: account, subscription: subscription)
    }
}

/// Where a page of a migration ended.
package struct MigrationCursor: Sendable, Hashable {
    package let account: String
    package let subscription: String

    package init(account: String, subscription: String) {
        self.account = account
        self.subscription = subscription
    }
}

extension Store {
    /// Gives a transaction's statements the time that a page takes.
    package func beginMigration(on connection: Connection) async throws {
        let milliseconds = Limits.migrationStatement.components.seconds * 1_000
        _ = try await connection.query(
            "select set_config('statement_timeout', \(String(milliseconds)), true)"
        )
    }

    /// Subscriptions to move, in the order of accounts and ids, from the one after `cursor`; one
    /// more than the size where there are more.
    package func migrationSteps(
        _ scope: MigrationScope,
        after cursor: MigrationCursor?,
        size: Int,
        on connection: Connection
    ) async throws -> [MigrationStep] {
        try await connection.query(
            """
            select s.account_id, s.subscription_id, is_next,
                   case when is_next then s.next_version else s.version end as version
              from subscription s
             cross join lateral (select \(raw: Self.holdsNext) as is_next) as slot
              join plan p
                on p.plan_id = case when is_next then s.next_plan_id else s.plan_id end
             where (s.plan_id = \(scope.plan) or s.next_plan_id = \(scope.plan))
               and p.plan_id = \(scope.plan)
               and (s.account_id, s.subscription_id)
                   > (\(cursor?.account ?? ""), \(cursor?.subscription ?? ""))
               and case when is_next then s.next_version else s.version end
                   is distinct from \(nullable: scope.to)::int
               and (\(nullable: scope.from)::int is null
                    or coalesce(case when is_next then s.next_version else s.version end,
                           p.version) = \(nullable: scope.from)::int)
             order by s.account_id, s.subscription_id
             limit \(size + 1)
            """,
            deadline: Limits.migrationStatement
        )
        .map(MigrationStep.init)
    }

    /// Lets nobody else change these subscriptions to the end of the transaction; asked before their
    /// accounts are locked, as who changes one of them locks its row first.
    package func lock(
        subscriptionsOf steps: [MigrationStep],
        on connection: Connection
    ) async throws {
        _ = try await connection.query(
            """
            select
              from subscription s
              join unnest(\(steps.map(\.account))::text[], \(steps.map(\.subscription))::text[])
                   as moving (account_id, subscription_id)
                on s.account_id = moving.account_id
               and s.subscription_id = moving.subscription_id
             order by s.account_id, s.subscription_id
               for update of s
            """,
            deadline: Limits.migrationStatement
        )
    }

    /// Moves subscriptions.
    package func move(
        _ steps: [MigrationStep],
        to version: Int?,
        on connection: Connection
    ) async throws {
        for isNext in [false, true] {
            let moving = steps.filter { $0.isNext == isNext }
            guard !moving.isEmpty else { continue }
            let column = isNext ? "next_version" : "version"
            _ = try await connection.query(
                """
                update subscription s set \(raw: column) = \(nullable: version)::int
                  from unnest(\(moving.map(\.account))::text[],
                           \(moving.map(\.subscription))::text[])
                       as moving (account_id, subscription_id)
                 where s.account_id = moving.account_id
                   and s.subscription_id = moving.subscription_id
                """,
                deadline: Limits.migrationStatement
            )
        }
    }
}

extension MigrationStep {
    fileprivate init(_ row: Row) throws {
        account = try row.text("account_id")
        subscription = try row.text("subscription_id")
        from = try row.int64IfPresent("version").map(Int.init)
        isNext = try row.bool("is_next")
    }
}
