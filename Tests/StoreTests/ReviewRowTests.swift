import Entitlements
import Postgres
import Store
import TestSupport
import Testing

/// What the tables refuse, and what becomes of a row that got past them.
@Suite(.database, .timeLimit(.minutes(5))) struct `A row that cannot be answered from` {
    let shop: Shop
    let session: String
    let other: String

    init() async throws {
        shop = try await Shop()
        session = try await shop.open("acme")
        other = try await shop.open("other")
    }

    private static let beyond = [
        "infinity", "-infinity", "10000-01-01 00:00:00+00", "0001-12-31 23:59:59+00 BC",
    ]

    /// Every column of every table that the check path reads.
    @Test func `has no instant beyond what can be compared and written`() async throws {
        let columns = try await shop.pool.query(
            """
            select c.table_name::text as t, c.column_name::text as c
              from information_schema.columns c
             where c.table_schema = 'public' and c.data_type like 'timestamp%'
               and c.table_name in ('account', 'api_key', 'feature', 'plan', 'plan_version',
                                    'session', 'subscription')
            """
        )
        #expect(columns.count >= 20)
        var taken: [String] = []
        for column in columns {
            let (table, name) = (try column.text("t"), try column.text("c"))
            for value in Self.beyond {
                do {
                    try await shop.run("update \(table) set \(name) = '\(value)'")
                    taken.append("\(table).\(name) = \(value)")
                } catch let error as PostgresError {
                    #expect(error.sqlState == "23514", "\(table).\(name) = \(value)")
                }
            }
        }
        #expect(taken == [])
    }

    @Test func `is no session under another id`() async throws {
        let error = await #expect(throws: PostgresError.self) {
            try await shop.run(
                """
                update session set session_id = '\(Shop.session(of: "acme", 2))'
                 where account_id = 'acme'
                """
            )
        }
        #expect(error?.sqlState == "23514")
        #expect(error?.message.contains("cannot change its id") == true)
    }

    /// What is written past the tables' checks, and what it may close.
    enum Closed: Sendable { case session, account, subscription, feature, plan, key }

    private static let instants = "alter domain instant drop constraint instant_check;"

    private static let unreadable: [(closed: Closed, script: String)] = [
        (
            .session,
            "\(instants) update session set expires_at = 'infinity' where account_id = 'acme'"
        ),
        (
            .session,
            "\(instants) update session set revoked_at = '-infinity' where account_id = 'acme'"
        ),
        (
            .account,
            "\(instants) update account set blocked_at = 'infinity' where account_id = 'acme'"
        ),
        (
            .subscription,
            """
            alter table subscription drop constraint subscription_status_check;
            update subscription set status = 'dormant' where account_id = 'acme'
            """
        ),
        (
            .subscription,
            "\(instants) update subscription set ended_at = 'infinity' where account_id = 'acme'"
        ),
        (
            .feature,
            """
            alter table feature drop constraint feature_type_check;
            update feature set type = 'quantum' where feature_id = 'calls'
            """
        ),
        (
            .feature,
            """
            alter table feature drop constraint feature_combine_check;
            update feature set combine = 'median' where feature_id = 'calls'
            """
        ),
        (
            .feature,
            "\(instants) update feature set disabled_at = 'infinity' where feature_id = 'calls'"
        ),
        (
            .plan,
            """
            alter table plan drop constraint plan_kind_check;
            update plan set kind = 'bundle' where plan_id = 'pack'
            """
        ),
        (.key, "\(instants) update api_key set expires_at = 'infinity'"),
    ]

    @Test(arguments: unreadable)
    func `closes what it is about, and nothing else`(
        row: (closed: Closed, script: String)
    ) async throws {
        let closed = row.closed
        let reader = shop.reader()
        _ = try await reader.view(session: session)
        try await shop.run(row.script)
        let view = try await reader.view(session: session)
        #expect((view.session == nil) == (closed == .session))
        #expect((view.account == nil) == (closed == .account))
        let none = closed == .account || closed == .subscription
        #expect((view.account?.subscriptions ?? []).isEmpty == none)
        let features = view.live.configuration.features
        #expect(features["sso"] != nil && (features["calls"] == nil) == (closed == .feature))
        let plans = view.live.configuration.plans
        #expect(plans["pro"] != nil && (plans["pack"] == nil) == (closed == .plan))
        #expect(view.live.keys.isEmpty == (closed == .key))

        let others = try await reader.view(session: other)
        #expect(others.session != nil && others.account?.subscriptions.count == 1)
        // Counted once the answer was given; the next one's barrier is behind it.
        _ = try await reader.view()
        #expect(reader.statistics.figures.unreadable == 1)
        await reader.close()
    }

    /// A scope of a newer program opens nothing; the others of the key go on.
    @Test func `is none for a scope that nobody knows`() async throws {
        try await shop.run(
            """
            alter table api_key drop constraint api_key_scopes_check;
            update api_key set scopes = '{check,telepathy}'
            """
        )
        let reader = shop.reader()
        let view = try await reader.view(session: session)
        #expect(view.live.keys.values.map(\.scopes) == [[.check]])
        #expect(view.session != nil)
        await reader.close()
    }
}
