import Postgres
import TestSupport
import Testing

/// What a typed row may not say.
@Suite(.database, .timeLimit(.minutes(5))) struct `A row about an exception is refused` {
    private static let grant = "insert into access_grant (account_id, feature_id, effect"
    private static let rows: [(statement: String, constraint: String?)] = [
        ("\(grant)) values ('acme', 'calls', 'allow')", "grant_fits_feature"),
        ("\(grant), value) values ('acme', 'calls', 'allow', '7')", "grant_fits_feature"),
        ("\(grant), value) values ('acme', 'sso', 'allow', 'false')", "grant_fits_feature"),
        ("\(grant), limit_units) values ('acme', 'sso', 'allow', 7)", "grant_fits_feature"),
        ("\(grant)) values ('acme', 'days', 'allow')", "grant_fits_feature"),
        ("\(grant), value) values ('acme', 'days', 'allow', '1.5')", "grant_fits_feature"),
        ("\(grant), value) values ('acme', 'days', 'allow', '\"7\"')", "grant_fits_feature"),
        (
            "\(grant), limit_units, user_id) values ('acme', 'seats', 'allow', 7, 'ann')",
            "grant_of_account"
        ),
        ("\(grant), mode) values ('acme', 'sso', 'deny', 'stack')", "grant_deny_is_bare"),
        ("\(grant), value) values ('acme', 'sso', 'deny', 'true')", "grant_deny_is_bare"),
        (
            """
            \(grant), from_at, until_at)
            values ('acme', 'sso', 'deny', now(), now() - interval '1s')
            """,
            "grant_window"
        ),
        (
            "\(grant), limit_units) values ('acme', 'calls', 'allow', -1)",
            "access_grant_limit_units_check"
        ),
        (
            "\(grant), limit_units, unlimited) values ('acme', 'calls', 'allow', 1, true)",
            "grant_one_amount"
        ),
        (
            """
            \(grant), user_id, session_id)
            values ('acme', 'sso', 'deny', 'ann', '\(Shop.session(of: "acme"))')
            """,
            "grant_one_scope"
        ),
        ("update access_grant set user_id = 'bob'", "grant_scope_stays"),
        ("update access_grant set session_id = '\(Shop.session(of: "acme"))'", "grant_scope_stays"),
        ("update access_grant set reason = ''", "access_grant_reason_check"),
        ("update access_grant set grant_id = 'grt_x'", "grant_id_names_account"),
        (
            "insert into seat (account_id, feature_id, user_id) values ('acme', 'sso', 'ann')",
            "seat_feature_type"
        ),
        ("insert into level values ('acme', 'seats', 1)", "level_feature_type"),
        ("insert into level values ('acme', 'storage', -1)", "level_not_negative"),
        (
            "update account set blocked_at = now(), blocked_until = now() - interval '1s'",
            "account_block"
        ),
        ("\(grant)) values ('acme', 'sso', 'deny')", nil),
        ("\(grant)) values ('acme', 'sso', 'allow')", nil),
        ("\(grant), value) values ('acme', 'days', 'allow', '7')", nil),
        ("\(grant), unlimited) values ('acme', 'seats', 'allow', true)", nil),
    ]

    @Test func `by a constraint that says why`() async throws {
        let shop = try await Shop()
        try await shop.addCounted()
        try await shop.open("acme")
        try await shop.run(
            """
            insert into feature (feature_id, type, value_type, combine)
            values ('days', 'config', 'integer', 'max');
            insert into access_grant (account_id, feature_id, effect, user_id)
            values ('acme', 'sso', 'deny', 'ann');
            """
        )
        for (statement, constraint) in Self.rows {
            let connection = try await Connection(ConnectionSettings(url: shop.url))
            do throws(PostgresError) {
                try await connection.execute(script: "begin; \(statement); rollback")
                #expect(constraint == nil, "\(statement)")
            } catch {
                #expect(error.sqlState == "23514", "\(statement): \(error)")
                #expect(error.constraint == constraint, "\(statement)")
            }
        }
    }
}
