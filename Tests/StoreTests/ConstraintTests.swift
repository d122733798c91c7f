import Entitlements
import Limits
import Postgres
import Store
import TestSupport
import Testing

/// What the code refuses the tables refuse as well, so a row typed by hand keeps the rules.
@Suite(.database, .timeLimit(.minutes(5))) struct `The tables` {
    let shop: Shop

    init() async throws {
        shop = try await Shop()
        try await shop.open("acme")
        try await shop.run(
            """
            insert into account_customer values ('acme', 'stripe', 'cus_1');
            insert into subject (source, kind, id) values ('stripe', 'customer', 'cus_1');
            insert into inbox (source, event_key, event_type, state, body, body_hash)
            values ('stripe', 'evt_1', 't', 'pending', '', '');
            insert into idempotency values ('c', 'o', 'k', '', 200, '{}');
            """
        )
    }

    private func accepts(_ statement: String) async throws -> Bool {
        do throws(PostgresError) {
            let connection = try await Connection(ConnectionSettings(url: shop.url))
            try await connection.execute(
                script: "begin; set constraints all immediate; \(statement); rollback"
            )
            return true
        } catch {
            // A constraint has spoken, not a misspelt statement.
            guard error.sqlState == "23514" else { throw error }
            return false
        }
    }

    /// Texts and their bounds: as long as the bound is taken, one character more is not.
    private static let texts: [(table: String, column: String, bound: Int, condition: String)] = [
        ("account", "name", Limits.textCharacters, ""),
        ("account", "blocked_reason", Limits.textCharacters, ""),
        ("account_customer", "source", Limits.nameCharacters, ""),
        ("account_customer", "customer_id", Limits.providerIDCharacters, ""),
        ("subscription", "source", Limits.nameCharacters, ""),
        ("subscription", "subscription_id", Limits.providerIDCharacters, ""),
        ("session", "user_id", Limits.nameCharacters, ""),
        ("session", "source", Limits.nameCharacters, ""),
        ("session", "revoked_reason", Limits.textCharacters, ""),
        ("feature", "feature_id", Limits.nameCharacters, "where feature_id = 'calls'"),
        ("feature", "name", Limits.textCharacters, ""),
        ("plan", "name", Limits.textCharacters, ""),
        ("plan", "description", Limits.textCharacters, ""),
        ("plan_price", "source", Limits.nameCharacters, ""),
        ("plan_price", "price_id", Limits.providerIDCharacters, ""),
        ("api_key", "key_id", Limits.nameCharacters, ""),
        ("api_key", "name", Limits.nameCharacters, ""),
        ("subject", "source", Limits.nameCharacters, ""),
        ("subject", "id", Limits.providerIDCharacters, ""),
        ("inbox", "source", Limits.nameCharacters, ""),
        ("inbox", "event_key", Limits.providerIDCharacters, ""),
        ("idempotency", "key", 255, ""),
    ]

    @Test func `take a text up to its bound`() async throws {
        for (table, column, bound, condition) in Self.texts {
            let update = "update \(table) set \(column) = repeat('x', "
            let name = "\(table).\(column)"
            #expect(try await accepts(update + "\(bound)) \(condition)"), "\(name)")
            #expect(try await !accepts(update + "\(bound + 1)) \(condition)"), "\(name)")
        }
        let insert = "insert into account (account_id) values (repeat('x', "
        #expect(try await accepts(insert + "\(Limits.nameCharacters)))"))
        #expect(try await !accepts(insert + "\(Limits.nameCharacters + 1)))"))
    }

    @Test func `take as a name what the code takes`() async throws {
        for name in ["", " ", "a b", "ä", "a/b", "a\n", "'||'", "a,b", "aZ09_.:-"] {
            let quoted = name.replacing("'", with: "''")
            let insert = "insert into account (account_id) values ('\(quoted)')"
            #expect(try await accepts(insert) == Name.isValid(name), "\(name)")
        }
    }

    private static let sessionIDs: [(id: String, isValid: Bool)] = [
        ("ses_0123456789abcdefghjkmnpqrs_acme", true),
        ("ses_tvwxyz00000000000000000000_acme", true),
        ("ses_0123456789abcdefghjkmnpqrs_other", false),
        ("ses_0123456789abcdefghjkmnpqr_acme", false),
        ("ses_0123456789abcdefghjkmnpqrst_acme", false),
        ("ses_i0000000000000000000000000_acme", false),
        ("ses_l0000000000000000000000000_acme", false),
        ("ses_o0000000000000000000000000_acme", false),
        ("ses_u0000000000000000000000000_acme", false),
        ("ses_A0000000000000000000000000_acme", false),
        ("tok_00000000000000000000000000_acme", false),
        ("ses_00000000000000000000000000_", false),
    ]

    @Test func `take as a session id what the code takes`() async throws {
        for (id, isValid) in Self.sessionIDs {
            #expect((SessionID.account(of: id) == "acme") == isValid, "\(id)")
            let insert = """
                insert into session (account_id, session_id, user_id, expires_at)
                values ('acme', '\(id)', 'ann', now())
                """
            #expect(try await accepts(insert) == isValid, "\(id)")
        }
    }

    @Test func `take every word of the code, and no other`() async throws {
        let words: [(String, [String])] = [
            ("feature set value_type = 'string', type", ["config"]),
            ("feature set type", Feature.Kind.allCases.filter { $0 != .config }.map(\.rawValue)),
            ("feature set combine", Feature.Combine.allCases.map(\.rawValue)),
            (
                "feature set type = 'config', value_type",
                Feature.ValueType.allCases.map(\.rawValue)
            ),
            ("subscription set status", Subscription.Status.allCases.map(\.rawValue)),
            ("inbox set state", InboxRecord.State.allCases.map(\.rawValue)),
            ("plan set is_default = false, kind", ["plan", "addon"]),
            ("subject set kind", ["subscription", "customer"]),
        ]
        for (column, known) in words {
            for word in known {
                #expect(try await accepts("update \(column) = '\(word)'"), "\(word)")
            }
            #expect(try await !accepts("update \(column) = 'nonsense'"), "\(column)")
        }
        for scope in Scope.allCases {
            #expect(try await accepts("update api_key set scopes = '{\(scope.rawValue)}'"))
        }
        #expect(try await !accepts("update api_key set scopes = '{nonsense}'"))
        #expect(try await !accepts("update api_key set scopes = '{}'"))
    }

    /// Numbers: what the code takes at most, the tables take.
    private static let updates: [(statement: String, isTaken: Bool)] = [
        ("plan_version set trial_days = \(Limits.trialDays)", true),
        ("plan_version set trial_days = \(Limits.trialDays + 1)", false),
        ("plan_version set trial_days = 0", false),
        ("plan_version set grace_days = \(Limits.graceDays)", true),
        ("plan_version set grace_days = \(Limits.graceDays + 1)", false),
        ("plan_version set grace_days = 0", true),
        ("plan_version set grace_days = -1", false),
        ("entitlement set value = null, limit_units = \(Limits.limitUnits)", true),
        ("entitlement set value = null, limit_units = 0", true),
        ("feature set type = 'metered', pool_id = null, cost = 1", true),
        ("feature set type = 'metered', pool_id = null, cost = 2", false),
        ("entitlement set value = null, limit_units = -1", false),
        ("entitlement set value = null", false),
        ("entitlement set unlimited = true", false),
        ("entitlement set limit_units = 1", false),
        ("entitlement set settings = '[]'", false),
        ("subscription set quantity = 1000000000", true),
        ("subscription set quantity = 0", false),
        ("subscription set quantity = 1000000001", false),
        ("subscription set period_start = now(), period_end = now()", false),
        ("subject set done = 1", false),
        ("api_key set hash = '\\x00'", false),
        ("account set attributes = '[]'", false),
        ("session set device = '1'", false),
        ("feature set value_type = 'integer'", false),
        ("plan set is_default = true where plan_id = 'pack'", false),
        ("inbox set event_type = repeat('x', \(Limits.eventTypeCharacters))", true),
        ("inbox set event_type = repeat('x', 256)", false),
    ]

    /// Decisions compare instants, and answers write them with four digits of year.
    @Test func `take as an instant what the code takes`() async throws {
        let columns = try await shop.pool.query(
            """
            select table_name::text as t, column_name::text as c
              from information_schema.columns
             where table_schema = 'public' and domain_name = 'instant'
            """
        )
        #expect(columns.count >= 18)
        // Only what decisions never read may be without bounds.
        let unbound = try await shop.pool.query(
            """
            select distinct table_name::text as t
              from information_schema.columns
             where table_schema = 'public' and domain_name is null
               and data_type = 'timestamp with time zone'
               and table_name not like 'meter!_entry!_%' escape '!'
               and not exists (
                   select from pg_constraint
                    where conrelid = table_name::text::regclass
                      and pg_get_constraintdef(oid) like '%is_instant(' || column_name || ')%')
             order by 1
            """
        )
        #expect(
            try unbound.map { try $0.text("t") }
                == [
                    "chain_head", "change", "consume_key", "feed", "idempotency", "inbox",
                    "meter_entry", "meter_sweep", "migration", "outbox", "subject", "usage_event",
                    "usage_hour", "usage_hour_user",
                ]
        )
        for (text, isTaken) in [
            ("infinity", false), ("-infinity", false), ("10000-01-01 00:00:00+00", false),
            ("0001-12-31 00:00:00+00 BC", false), ("9999-12-31 23:59:59.999999+00", true),
            ("0001-01-01 00:00:00+00", true),
        ] {
            let insert = """
                insert into session (account_id, session_id, user_id, expires_at)
                values ('acme', '\(Shop.session(of: "acme", 2))', 'ann', '\(text)')
                """
            #expect(try await accepts(insert) == isTaken, "\(text)")
            let update = "update subscription set trial_end = '\(text)'"
            #expect(try await accepts(update) == isTaken, "\(text)")
        }
    }

    @Test func `take what holds together`() async throws {
        for (statement, isTaken) in Self.updates {
            // The only default makes room, so that it is the kind of plan that is refused.
            let prelude =
                statement.contains("pack")
                ? "update plan set is_default = false; update " : "update "
            #expect(try await accepts(prelude + statement) == isTaken, "\(statement)")
        }
    }
}
