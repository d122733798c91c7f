import Entitlements
import Postgres
import TestSupport
import Testing

@testable import Store

/// The statement by itself: what it finds, and when it says that it cannot know.
@Suite(.database, .timeLimit(.minutes(5))) struct `The barrier read` {
    let shop: Shop
    let connection: Connection

    init() async throws {
        shop = try await Shop()
        try await shop.open("early")
        try await shop.open("late")
        var settings = ConnectionSettings(url: shop.url, statementTimeout: .seconds(30))
        settings.options = ["enable_seqscan": "off", "plan_cache_mode": "force_generic_plan"]
        connection = try await Connection(settings)
    }

    private static let running =
        "or f.txid = any (array(select pg_snapshot_xip($1::pg_snapshot)))"
    private static let later = "f.txid >= pg_snapshot_xmax($1::pg_snapshot)"

    private func read(
        since position: BarrierPosition?,
        without part: String? = nil
    ) async throws -> Barrier {
        let sql = BarrierStatements.read(since: position)
        guard let part else { return try Barrier(try await connection.query(sql)) }
        try #require(sql.text.contains(part))
        // A condition that is never true stands in for the part, so that what is left still parses.
        let text = sql.text.replacing(part, with: part.hasPrefix("or") ? "" : "false")
        return try Barrier(
            try await connection.query(SQL(text: text, parameters: sql.parameters))
        )
    }

    /// A transaction is open at the first barrier, one with a later number has committed by then.
    private func changesAcrossAnOpenTransaction(
        without part: String?
    ) async throws
        -> [FeedChange]
    {
        let open = try await shop.connect()
        try await open.execute(
            script: "begin; update account set name = 'x' where account_id = 'early'"
        )
        try await shop.run("update account set name = 'x' where account_id = 'late'")
        let before = try await read(since: nil)
        try await open.execute(script: "commit")
        let after = try await read(since: before.position, without: part)
        #expect(after.continues(before.position))
        return after.changes
    }

    @Test func `finds what was open at the previous one and committed since`() async throws {
        let changes = try await changesAcrossAnOpenTransaction(without: nil)
        #expect(changes == [.account(id: "early", revision: 4)])
    }

    @Test func `would miss it without the list of running transactions`() async throws {
        #expect(try await changesAcrossAnOpenTransaction(without: Self.running) == [])
    }

    @Test func `would miss what began since without the end of the previous snapshot`()
        async throws
    {
        let before = try await read(since: nil)
        try await shop.run("update account set name = 'x' where account_id = 'late'")
        #expect(try await read(since: before.position, without: Self.later).changes == [])
        #expect(
            try await read(since: before.position).changes == [.account(id: "late", revision: 4)]
        )
    }

    @Test func `tells of each change once, and of nothing that was rolled back`() async throws {
        let before = try await read(since: nil)
        try await shop.run(
            """
            begin;
            update session set revoked_at = now() where account_id = 'late';
            savepoint s;
            update account set name = 'x' where account_id = 'late';
            rollback to s;
            update feature set unit = 'x' where feature_id = 'sso';
            commit;
            begin; update account set name = 'y' where account_id = 'early'; rollback;
            """
        )
        let after = try await read(since: before.position)
        #expect(after.changes.count == 2 && after.changes.contains(.configuration))
        #expect(
            after.changes.contains { change in
                guard case .session(let id, let account, let revision, let at) = change else {
                    return false
                }
                return (id, account, revision) == (Shop.session(of: "late"), "late", 4)
                    && before.at < at && at < after.at
            }
        )
        #expect(try await read(since: after.position).changes == [])
    }

    @Test func `says that everything may have changed after a truncate`() async throws {
        for table in [
            "account_customer", "subscription", "session", "account", "plan_price", "entitlement",
            "feature", "plan_version", "plan", "api_key",
        ] {
            let before = try await read(since: nil)
            try await shop.run("truncate \(table) cascade")
            let changes = try await read(since: before.position).changes
            #expect(changes.contains(.everything), "\(table)")
        }
    }

    @Test func `continues nothing that another server or another life began`() async throws {
        let before = try await read(since: nil)
        try await shop.run("update account set name = 'x' where account_id = 'late'")
        let foreign = BarrierPosition(
            token: before.position.token + "1",
            snapshot: before.position.snapshot
        )
        let after = try await read(since: foreign)
        #expect(!after.continues(foreign))
        #expect(after.changes == [])
        #expect(!after.continues(nil))
    }

    @Test func `names the cluster, its timeline and the start of its checkpointer`()
        async throws
    {
        let token = try await read(since: nil).position.token
        let parts = token.split(separator: "/").map(String.init)
        let expected =
            try await shop.pool
            .query(
                """
                select (select system_identifier from pg_control_system())::text as system,
                       (select lpad(upper(to_hex(timeline_id)), 8, '0')
                          from pg_control_checkpoint()) as timeline,
                       (select extract(epoch from backend_start)
                          from pg_stat_activity where backend_type = 'checkpointer')::text as life
                """
            )[0]
        #expect(
            try parts
                == [expected.text("system"), expected.text("timeline"), expected.text("life")]
        )
    }

    @Test func `brings the server's clock, read after the snapshot`() async throws {
        let before = try await shop.pool.query("select clock_timestamp() as now")[0].instant("now")
        let barrier = try await read(since: nil)
        let after = try await shop.pool.query("select clock_timestamp() as now")[0].instant("now")
        #expect(before < barrier.at && barrier.at < after)
    }

    @Test func `looks up the feed by transaction, in a small feed and in a large one`()
        async throws
    {
        for rows in [0, 20_000] {
            try await fillFeed(rows)
            let position = try await read(since: nil).position
            let nodes = try await explain(since: position)
            #expect(nodes.contains { $0["Index Name"] == "feed_txid" })
            #expect(!nodes.contains { $0["Node Type"] == "Seq Scan" && $0.isOnFeed })
        }
    }

    /// The longest transaction decides what can be pruned; it must not decide what a read costs.
    @Test func `passes over no row that it read before while a writer stays open`()
        async throws
    {
        let writer = try await shop.connect()
        try await writer.execute(
            script: "begin; update account set name = 'x' where account_id = 'early'"
        )
        try await fillFeed(20_000)
        let position = try await read(since: nil).position
        try await shop.run("update account set name = 'x' where account_id = 'late'")
        let scans = try await explain(since: position).filter(\.isOnFeed)
        #expect(!scans.isEmpty)
        #expect(scans.compactMap { $0["Rows Removed by Filter"]?.number }.reduce(0, +) == 0)
        #expect(scans.compactMap { $0["Actual Rows"]?.number }.reduce(0, +) <= 1)
    }

    /// What a busy service leaves in the feed: rows of fifty transactions, all of them past.
    private func fillFeed(_ rows: Int) async throws {
        var past: [String] = []
        for _ in 0..<50 {
            past.append(try await shop.pool.query("select pg_current_xact_id() as id")[0].text(0))
        }
        _ = try await shop.pool.query(
            """
            insert into feed (account_id, revision, at, txid)
            select 'late', n, now(), ((\(past)::text[])[1 + n % 50])::xid8
              from generate_series(1, \(rows)) as n
            """
        )
        try await shop.run("analyze feed")
    }

    /// Runs the read, and tells how: every node of the plan, however deep.
    private func explain(since position: BarrierPosition) async throws -> [JSON] {
        let sql = BarrierStatements.read(since: position)
        let rows = try await connection.query(
            SQL(
                text: "explain (analyze, costs off, timing off, format json) " + sql.text,
                parameters: sql.parameters
            )
        )
        return Self.nodes(of: try rows[0].json("QUERY PLAN"))
    }

    private static func nodes(of plan: JSON) -> [JSON] {
        switch plan {
        case .array(let values): values.flatMap(nodes)
        case .object(let members):
            (members["Node Type"] == nil ? [] : [plan]) + members.values.flatMap(nodes)
        default: []
        }
    }
}

extension JSON {
    fileprivate var isOnFeed: Bool { self["Relation Name"] == "feed" }
}
