import Entitlements
import Foundation
import Limits
import Postgres
import Store
import TestSupport

/// A borrowed database with a small catalog, and shorthand for what most tests do there.
struct Shop: Sendable {
    let url: String
    let pool: Pool
    let store: Store

    init() async throws {
        try await self.init(url: TestDatabase.url)
    }

    /// Opens the shop in a database that has the schema, and fills in the catalog.
    init(url: String) async throws {
        self.init(at: url)
        try await run(Self.catalog)
    }

    /// Comes back to a shop that was opened before.
    init(at url: String) {
        self.url = url
        // Patient: other tests share the machine, and time is not what most of them are about.
        let settings = ConnectionSettings(
            url: url,
            statementTimeout: .seconds(30),
            lockTimeout: .seconds(30)
        )
        pool = Pool(settings, maximum: 4, wait: .seconds(30))
        store = Store(pool: pool)
    }

    static let author = Author(actor: "key:test", reason: "because", requestID: "req_1")

    static let migrations = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "migrations").path

    /// A session's id that is the same in every run.
    static func session(of account: String, _ number: Int = 1) -> String {
        let digits = String(number)
        return "ses_" + String(repeating: "0", count: 26 - digits.count) + digits + "_" + account
    }

    /// An account on the plan `pro` with one live session; the session's id.
    @discardableResult
    func open(_ account: String) async throws -> String {
        let session = Self.session(of: account)
        try await run(
            """
            insert into account (account_id) values ('\(account)');
            insert into subscription (account_id, subscription_id, plan_id, status)
            values ('\(account)', 'sub', 'pro', 'active');
            insert into session (account_id, session_id, user_id, expires_at)
            values ('\(account)', '\(session)', 'ann', now() + interval '1 hour');
            """
        )
        return session
    }

    /// Statements as somebody types them in psql.
    func run(_ script: String) async throws {
        try await pool.withConnection { try await $0.execute(script: script) }
    }

    func number(_ sql: SQL) async throws -> Int64 {
        try await pool.query(sql)[0].int64(0)
    }

    func revision(_ account: String) async throws -> Int64 {
        try await number(
            "select coalesce((select revision from chain_head where account_id = \(account)), 0)"
        )
    }

    /// A connection whose transactions may stay open for as long as a test needs.
    func connect() async throws -> Connection {
        try await Connection(
            ConnectionSettings(
                url: url,
                statementTimeout: .seconds(30),
                lockTimeout: .seconds(30),
                idleInTransactionTimeout: .zero
            )
        )
    }

    func reader(
        bounds: BarrierBounds = BarrierBounds(),
        statementTimeout: Duration = .seconds(30)
    ) -> BarrierReader {
        BarrierReader(
            settings: ConnectionSettings(url: url, statementTimeout: statementTimeout),
            bounds: bounds,
            logger: .silent
        )
    }

    private static let catalog = """
        insert into feature (feature_id, type, combine) values
            ('sso', 'boolean', 'any'), ('calls', 'metered', 'sum');
        insert into plan (plan_id, kind, is_default, version) values
            ('free', 'plan', true, 1), ('pro', 'plan', false, 1), ('pack', 'addon', false, 1);
        insert into plan_version (plan_id, version) values ('free', 1), ('pro', 1), ('pack', 1);
        insert into entitlement (plan_id, version, feature_id, value) values
            ('pro', 1, 'sso', 'true');
        insert into plan_price (source, price_id, plan_id) values ('stripe', 'price_pro', 'pro');
        insert into api_key (key_id, name, hash, scopes) values
            ('key', 'Key', sha256('secret'), '{check}');
        """
}
