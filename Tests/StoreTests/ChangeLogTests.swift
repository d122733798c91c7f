import Entitlements
import Postgres
import Store
import TestSupport
import Testing

@Suite(.database, .timeLimit(.minutes(5))) struct `The change log` {
    let shop: Shop

    init() async throws {
        shop = try await Shop()
        try await shop.open("acme")
        try await shop.run(
            "insert into account_customer values ('acme', 'stripe', 'cus_1')"
        )
    }

    /// Statements as somebody types them in psql: each is one change of its chain.
    private static let statements:
        [(statement: String, chain: String, entity: String, operation: String)] = [
            ("insert into account (account_id) values ('new')", "new", "account", "insert"),
            ("update account set name = 'Acme'", "acme", "account", "update"),
            (
                "insert into account_customer values ('acme', 'other', 'c')", "acme",
                "account_customer", "insert"
            ),
            (
                "update account_customer set customer_id = 'c2'", "acme", "account_customer",
                "update"
            ),
            ("delete from account_customer", "acme", "account_customer", "delete"),
            (
                "insert into subscription (account_id, subscription_id, plan_id, status) "
                    + "values ('acme', 's2', 'pro', 'active')", "acme", "subscription", "insert"
            ),
            ("update subscription set status = 'unpaid'", "acme", "subscription", "update"),
            ("delete from subscription", "acme", "subscription", "delete"),
            ("update session set revoked_at = now()", "acme", "session", "update"),
            ("delete from session", "acme", "session", "delete"),
            (
                "insert into feature (feature_id, type, combine) values ('f', 'level', 'sum')", "",
                "feature", "insert"
            ),
            ("update feature set name = 'SSO' where feature_id = 'sso'", "", "feature", "update"),
            ("delete from feature where feature_id = 'calls'", "", "feature", "delete"),
            ("update plan set name = 'Free' where plan_id = 'free'", "", "plan", "update"),
            (
                "insert into plan_version (plan_id, version) values ('pro', 2)", "", "plan_version",
                "insert"
            ),
            (
                "update plan_version set trial_days = 3 where plan_id = 'pro'", "", "plan_version",
                "update"
            ),
            (
                "insert into entitlement (plan_id, version, feature_id, unlimited) "
                    + "values ('pro', 1, 'calls', true)", "", "entitlement", "insert"
            ),
            ("update entitlement set value = 'false'", "", "entitlement", "update"),
            ("delete from entitlement", "", "entitlement", "delete"),
            ("insert into plan_price values ('stripe', 'p2', 'pro')", "", "plan_price", "insert"),
            ("update plan_price set plan_id = 'free'", "", "plan_price", "update"),
            ("delete from plan_price", "", "plan_price", "delete"),
            (
                "insert into api_key (key_id, name, hash, scopes) "
                    + "values ('k2', 'K', sha256('x'), '{admin}')", "", "api_key", "insert"
            ),
            ("update api_key set revoked_at = now()", "", "api_key", "update"),
            ("delete from api_key", "", "api_key", "delete"),
            ("truncate plan_price", "", "plan_price", "truncate"),
        ]

    @Test func `has one row for a statement`() async throws {
        let connection = try await shop.connect()
        for (statement, chain, entity, operation) in Self.statements {
            let before = try await shop.revision(chain)
            try await connection.execute(script: "begin; \(statement)")
            let changes = try await connection.query(
                "select * from change where account_id = \(chain) and revision > \(before)"
            )
            let problems = try await connection.query("select * from verify_chain(\(chain))")
            try await connection.execute(script: "rollback")
            #expect(changes.count == 1 && problems.isEmpty, "\(statement)")
            let change = try #require(changes.first)
            #expect(try change.int64("revision") == before + 1)
            #expect(try change.text("entity") == entity, "\(statement)")
            #expect(try change.text("operation") == operation, "\(statement)")
            #expect(try change.text("actor") == "database:postgres")
            #expect(try change.textIfPresent("reason") == nil)
            #expect(try change.textIfPresent("request_id") == nil)
            let rows = (try change.jsonIfPresent("before"), try change.jsonIfPresent("after"))
            #expect((rows.0 == nil) == ["insert", "truncate"].contains(operation), "\(statement)")
            #expect((rows.1 == nil) == ["delete", "truncate"].contains(operation), "\(statement)")
            #expect(rows.0 != rows.1 || operation == "truncate", "\(statement)")
        }
    }

    @Test func `has before and after, whole, and what the row is called`() async throws {
        try await shop.run("update subscription set quantity = 5")
        let change = try #require(
            try await shop.store.changes(of: "acme", after: 4, size: 1).items.first
        )
        #expect(change.key == ["account_id": "acme", "subscription_id": "sub"])
        #expect(change.before["quantity"] == 1 && change.after["quantity"] == 5)
        #expect(change.before["status"] == "active" && change.after["status"] == "active")
        #expect(change.after.object?.count == 30)
    }

    @Test func `says who, why and in which request, only of the transaction it was said in`()
        async throws
    {
        let pool = Pool(ConnectionSettings(url: shop.url), maximum: 1)
        let store = Store(pool: pool)
        try await store.write(as: Shop.author) { connection in
            _ = try await connection.query("update account set name = 'a'")
            _ = try await connection.query("update session set revoked_at = now()")
        }
        _ = try await pool.query("update account set name = 'b'")
        try await store.write(as: Author(actor: "cli")) { connection in
            _ = try await connection.query("update account set name = 'c'")
        }
        let changes = try await store.changes(of: "acme", after: 4, size: 10).items
        #expect(changes.map(\.actor) == ["key:test", "key:test", "database:postgres", "cli"])
        #expect(changes.map(\.reason) == ["because", "because", nil, nil])
        #expect(changes.map(\.requestID) == ["req_1", "req_1", nil, nil])
    }

    @Test func `has nothing of what changed nothing, or was rolled back`() async throws {
        let revisions = (try await shop.revision("acme"), try await shop.revision(""))
        try await shop.run(
            """
            update account set name = name;
            update subscription set status = 'active', quantity = 1;
            update session set device = '{ }';
            update feature set combine = combine;
            update api_key set name = name;
            """
        )
        // By itself: a `begin` would take the statements before it along, and back.
        try await shop.run(
            """
            begin; update account set name = 'x'; delete from feature where feature_id = 'calls';
            rollback;
            """
        )
        #expect(try await shop.revision("acme") == revisions.0)
        #expect(try await shop.revision("") == revisions.1)
    }

    @Test func `has a row for each row of a statement, the deletions of a cascade included`()
        async throws
    {
        try await shop.open("other")
        try await shop.run("update account set name = 'x'")
        #expect(try await shop.revision("acme") == 5)
        #expect(try await shop.revision("other") == 4)
        try await shop.run("delete from account where account_id = 'acme'")
        let changes = try await shop.store.changes(of: "acme", after: 5, size: 10).items
        #expect(changes.allSatisfy { $0.operation == "delete" })
        #expect(
            changes.map(\.entity).sorted()
                == ["account", "account_customer", "session", "subscription"]
        )
        #expect(try await shop.store.verify(chains: ["acme"]) == .verified(chains: 1, changes: 9))
    }

    @Test func `never shows the hash of an API key`() async throws {
        try await shop.run(
            """
            update api_key set hash = sha256('another'), name = 'Renamed';
            delete from api_key;
            """
        )
        let shown = try await shop.number(
            """
            select count(*) from change
             where entity = 'api_key'
               and (before ? 'hash' or after ? 'hash' or key ? 'hash')
            """
        )
        #expect(shown == 0)
        #expect(try await shop.number("select count(*) from change where entity = 'api_key'") == 3)
        // A change of the hash alone is a change all the same.
        try await shop.run(
            """
            insert into api_key (key_id, name, hash, scopes)
            values ('k', 'K', sha256('x'), '{admin}')
            """
        )
        let before = try await shop.revision("")
        try await shop.run("update api_key set hash = sha256('y')")
        #expect(try await shop.revision("") == before + 1)
    }

    /// A migration that adds a table has to say which it is.
    @Test func `watches every table but those that hold no state of decisions`() async throws {
        let tables = try await shop.pool.query(
            """
            select c.relname as name,
                   array(select t.tgname::text from pg_trigger t
                          where t.tgrelid = c.oid and not t.tgisinternal
                          order by 1) as triggers
              from pg_class c
             where c.relkind = 'r' and c.relnamespace = 'public'::regnamespace
            """
        )
        let unwatched: Set = [
            "chain_head", "change", "feed", "feed_floor", "idempotency", "inbox", "subject",
            "migration", "trial_use", "seat_count", "meter", "meter_sweep", "usage_hour",
            "usage_hour_user", "usage_rollup", "usage_event", "consume_key", "reservation",
            "outbox", "flag_version",
        ]
        for table in tables {
            let name = try table.text("name")
            let triggers = try table.textArray("triggers")
            guard !unwatched.contains(name), !name.hasPrefix("meter_entry_") else { continue }
            #expect(Set(triggers).isSuperset(of: ["track_row", "track_truncate"]), "\(name)")
        }
        #expect(tables.count >= unwatched.count + 10)
    }
}
