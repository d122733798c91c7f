import Entitlements
import Postgres
import Store
import TestSupport
import Testing

/// Grants, seats, levels and test clocks as somebody types them: each is in force at the next
/// barrier, whatever a reader held before, and in the change log.
@Suite(.database, .timeLimit(.minutes(5)))
struct `A statement about a grant, a seat, a level or a clock` {
    let shop: Shop
    let session: String

    init() async throws {
        shop = try await Shop()
        try await shop.addCounted()
        session = try await shop.open("acme")
    }

    /// One statement, what it answers, and what the log calls it.
    struct Step: Sendable {
        let statement: String
        let feature: String
        let reason: Decision.Reason
        let change: String

        init(_ statement: String, _ feature: String, _ reason: Decision.Reason, _ change: String) {
            self.statement = statement
            self.feature = feature
            self.reason = reason
            self.change = change
        }
    }

    private static let grant = "insert into access_grant (account_id, feature_id, effect"
    private static let steps = [
        Step("\(grant)) values ('acme', 'sso', 'deny')", "sso", .deniedByGrant, "grant insert"),
        Step(
            "update access_grant set until_at = greatest(from_at, now())",
            "sso",
            .plan,
            "grant update"
        ),
        Step(
            "\(grant), user_id) values ('acme', 'sso', 'deny', 'ann')",
            "sso",
            .deniedByGrant,
            "grant insert"
        ),
        Step("delete from access_grant", "sso", .plan, "grant delete"),
        Step(
            """
            \(grant), session_id)
            values ('acme', 'sso', 'deny', '\(Shop.session(of: "acme"))')
            """,
            "sso",
            .deniedByGrant,
            "grant insert"
        ),
        Step("truncate access_grant", "sso", .plan, "grant truncate"),
        Step(
            "\(grant), limit_units) values ('acme', 'calls', 'allow', 7)",
            "calls",
            .grant,
            "grant insert"
        ),
        Step(
            "insert into seat (account_id, feature_id, user_id) values ('acme', 'seats', 'ann')",
            "seats",
            .plan,
            "seat insert"
        ),
        Step("update seat set user_id = 'bob'", "seats", .noSeat, "seat update"),
        Step("update seat set user_id = 'ann'", "seats", .plan, "seat update"),
        Step("delete from seat", "seats", .noSeat, "seat delete"),
        Step(
            "insert into seat (account_id, feature_id, user_id) values ('acme', 'seats', 'ann')",
            "seats",
            .plan,
            "seat insert"
        ),
        Step("truncate seat", "seats", .noSeat, "seat truncate"),
        Step(
            "insert into level values ('acme', 'storage', 5)",
            "storage",
            .levelReached,
            "level insert"
        ),
        Step("update level set value = 4", "storage", .plan, "level update"),
        Step("update level set value = 6", "storage", .levelReached, "level update"),
        Step("delete from level", "storage", .plan, "level delete"),
        Step(
            "update account set clock_at = now() + interval '1 year'",
            "sso",
            .sessionExpired,
            "account update"
        ),
        Step("update account set clock_at = null", "sso", .plan, "account update"),
    ]

    @Test func `is in force at the next barrier, and in the change log`() async throws {
        let reader = shop.reader()
        #expect(try await reader.reason(session, "sso") == .plan)
        for step in Self.steps {
            try await shop.run(step.statement)
            let reason = try await reader.reason(session, step.feature)
            #expect(reason == step.reason, "\(step.statement)")
            let chain = step.change.hasSuffix("truncate") ? "" : "acme"
            let last = try await shop.pool.query(
                """
                select replace(entity, 'access_', '') || ' ' || operation as change, actor
                  from change
                 where account_id = \(chain)
                 order by revision desc
                 limit 1
                """
            )
            #expect(try last[0].text("change") == step.change, "\(step.statement)")
            #expect(try last[0].text("actor").hasPrefix("database:"))
        }
        #expect(try await shop.number("select count(*) from verify_chain('acme')") == 0)
        await reader.close()
    }

    @Test func `of a user reaches every live session of that user that is held`() async throws {
        let others = try await shop.signIn("acme", users: ["ann", "ann", "bob"])
        let reader = shop.reader()
        for id in [session] + others {
            #expect(try await reader.reason(id, "sso") == .plan)
            #expect(try await reader.reason(id, "seats") == .noSeat)
        }
        try await shop.run(
            """
            insert into access_grant (account_id, feature_id, effect, user_id)
            values ('acme', 'sso', 'deny', 'ann');
            insert into seat (account_id, feature_id, user_id) values ('acme', 'seats', 'ann');
            """
        )
        for id in [session] + others.dropLast() {
            #expect(try await reader.reason(id, "sso") == .deniedByGrant)
            #expect(try await reader.reason(id, "seats") == .plan)
        }
        #expect(try await reader.reason(others[2], "sso") == .plan)
        #expect(try await reader.reason(others[2], "seats") == .noSeat)
        await reader.close()
    }

    /// The grant's transaction waits for the session's, and a reader holds the session without the
    /// grant by the time that it commits.
    @Test func `of a user reaches a session that was made while it was written`() async throws {
        let (signingIn, granting) = (try await shop.connect(), try await shop.connect())
        let made = Shop.session(of: "acme", 2)
        try await signingIn.execute(
            script: """
                begin;
                insert into session (account_id, session_id, user_id, expires_at)
                values ('acme', '\(made)', 'eve', now() + interval '1 hour')
                """
        )
        let writing = Task {
            try await granting.execute(
                script: """
                    begin;
                    insert into access_grant (account_id, feature_id, effect, user_id)
                    values ('acme', 'sso', 'deny', 'eve')
                    """
            )
        }
        try await wait {
            try await shop.number(
                """
                select count(*) from pg_stat_activity
                 where datname = current_database() and wait_event_type = 'Lock'
                """
            ) == 1
        }
        try await signingIn.execute(script: "commit")
        try await writing.value
        let reader = shop.reader()
        #expect(try await reader.reason(made, "sso") == .plan)
        try await granting.execute(script: "commit")
        #expect(try await reader.reason(made, "sso") == .deniedByGrant)
        await reader.close()
    }

    /// The other order: the session's transaction waits, and finds the grant when it goes on.
    @Test func `of a user is found by a session whose making waited for it`() async throws {
        let granting = try await shop.connect()
        let made = Shop.session(of: "acme", 2)
        let reader = shop.reader()
        #expect(try await reader.reason(session, "sso") == .plan)
        try await granting.execute(
            script: """
                begin;
                insert into access_grant (account_id, feature_id, effect, user_id)
                values ('acme', 'sso', 'deny', 'eve')
                """
        )
        let shop = shop
        let signingIn = Task {
            try await shop.run(
                """
                insert into session (account_id, session_id, user_id, expires_at)
                values ('acme', '\(made)', 'eve', now() + interval '1 hour')
                """
            )
        }
        #expect(try await reader.reason(made, "sso") == .sessionUnknown)
        try await granting.execute(script: "commit")
        try await signingIn.value
        #expect(try await reader.reason(made, "sso") == .deniedByGrant)
        await reader.close()
    }
}
