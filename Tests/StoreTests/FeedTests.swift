import Entitlements
import Postgres
import TestSupport
import Testing

@testable import Store

@Suite(.database, .timeLimit(.minutes(5))) struct `The feed` {
    let shop: Shop
    let reader: BarrierReader
    let session: String

    init() async throws {
        shop = try await Shop()
        reader = shop.reader()
        session = try await shop.open("acme")
    }

    private func rename() async throws {
        try await shop.run("update account set name = coalesce(name, '') || 'x'")
    }

    /// A horizon beyond every change so far: transactions of other tests hold it back for a while.
    private func horizon() async throws -> String {
        var horizon = ""
        try await wait {
            horizon = try await shop.store.feedHorizon()
            return try await shop.number(
                "select count(*) from feed where txid >= \(horizon)::xid8"
            ) == 0
        }
        return horizon
    }

    private func feedRows() async throws -> Int64 {
        try await shop.number("select count(*) from feed")
    }

    @Test func `loses what lies below the horizon, and says how much`() async throws {
        try await rename()
        let rows = try await feedRows()
        let horizon = try await horizon()
        try await rename()
        #expect(try await shop.store.pruneFeed(below: horizon) == rows)
        #expect(try await feedRows() == 1)
        #expect(
            try await shop.pool.query("select floor::text as f from feed_floor")[0].text("f")
                == horizon
        )
        #expect(try await shop.store.gauges().feed == 1)
    }

    @Test func `pruned below a reader's position leaves its memory as it is`() async throws {
        let horizon = try await shop.store.feedHorizon()
        _ = try await reader.view(session: session)
        _ = try await shop.store.pruneFeed(below: horizon)
        let loaded = try await keysLoaded(after: 1)
        try await rename()
        #expect(try await reader.view(session: session).account?.revision == 4)
        // Only what changed was loaded again.
        #expect(try await keysLoaded(after: 2) == loaded + 1)
    }

    /// The change that the reader needs is gone from the feed, so only the floor can tell.
    @Test func `pruned past a reader's position makes it start afresh, and misses nothing`()
        async throws
    {
        _ = try await reader.view(session: session)
        let loaded = try await keysLoaded(after: 1)
        try await shop.run("update session set revoked_at = now()")
        _ = try await shop.store.pruneFeed(below: horizon())
        #expect(try await feedRows() == 0)
        #expect(try await reader.view(session: session).session?.revokedAt != nil)
        #expect(try await keysLoaded(after: 2) == loaded + 2)
    }

    /// Also for a reader that stands in the midst of an open transaction: its position reaches as
    /// far back as that transaction.
    @Test func `keeps what an open transaction may still need`() async throws {
        let open = try await shop.connect()
        try await open.execute(script: "begin; update session set revoked_at = now()")
        #expect(try await reader.view(session: session).session?.revokedAt == nil)
        try await shop.run("update feature set unit = 'x'")
        let horizon = try await shop.store.feedHorizon()
        let before = try await feedRows()
        let pruned = try await shop.store.pruneFeed(below: horizon)
        // The configuration's rows are younger than the open transaction, and stay as well.
        #expect(try await feedRows() == before - Int64(pruned))
        #expect(try await feedRows() >= 2)
        try await open.execute(script: "commit")
        let view = try await reader.view(session: session)
        #expect(view.session?.revokedAt != nil)
        #expect(view.live.configuration.features["sso"]?.unit == "x")
    }

    /// The horizon is the oldest running transaction itself: what it wrote is still to be told.
    @Test func `keeps what the transaction at the horizon has written`() async throws {
        let open = try await shop.connect()
        try await open.execute(script: "begin; update session set revoked_at = now()")
        let number = try await open.query("select pg_current_xact_id()::text as x")[0].text("x")
        try await wait { try await shop.store.feedHorizon() == number }
        #expect(try await reader.view(session: session).session?.revokedAt == nil)
        try await open.execute(script: "commit")
        #expect(try await shop.store.pruneFeed(below: number) > 0)
        #expect(try await reader.view(session: session).session?.revokedAt != nil)
    }

    @Test func `floor never sinks`() async throws {
        let old = try await shop.store.feedHorizon()
        try await rename()
        let new = try await horizon()
        _ = try await shop.store.pruneFeed(below: new)
        #expect(try await shop.store.pruneFeed(below: old) == 0)
        #expect(
            try await shop.pool.query("select floor::text as f from feed_floor")[0].text("f")
                == new
        )
    }

    @Test func `that came with a dump from another cluster is put right`() async throws {
        _ = try await reader.view(session: session)
        #expect(try await !shop.store.healFeed())
        let rows = try await feedRows()
        try await shop.run(
            """
            insert into feed (account_id, revision, at, txid) values
                ('acme', 1, now(), (pg_current_xact_id()::text::bigint + 1000000)::text::xid8),
                ('acme', 1, now(), '3');
            update feed_floor
               set floor = (pg_current_xact_id()::text::bigint + 1000000)::text::xid8;
            """
        )
        #expect(try await shop.store.healFeed())
        #expect(try await !shop.store.healFeed())
        // What may be of this cluster stays, and readers go on from the floor.
        #expect(try await feedRows() == rows + 1)
        try await shop.run("update session set revoked_at = now()")
        #expect(try await reader.view(session: session).session?.revokedAt != nil)
    }

    /// Noted before the server crashed, say: numbers up to it are still to be handed out.
    @Test func `is not pruned below what is still to come`() async throws {
        try await rename()
        let rows = try await feedRows()
        let ahead =
            try await shop.pool
            .query(
                "select (pg_snapshot_xmax(pg_current_snapshot())::text::int8 + 1000000)::text as x"
            )[0]
            .text("x")
        #expect(try await shop.store.pruneFeed(below: ahead) == 0)
        #expect(try await feedRows() == rows)
        #expect(try await shop.store.healFeed() == false)
    }

    /// Readers look and writers write while the feed is pruned as hard as it can be.
    @Test func `pruned all the time makes nobody miss a change`() async throws {
        try await FreshnessWorld.prepare(shop)
        let acknowledged = Acknowledged()
        let isDone = Shared(false)
        let problems = Shared<[String]>([])
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { [shop] in
                while !isDone.value {
                    _ = try await shop.store.pruneFeed(below: shop.store.feedHorizon())
                }
            }
            for account in FreshnessWorld.accounts.prefix(2) {
                group.addTask { [reader] in
                    while !isDone.value {
                        let floor = acknowledged.revision(of: account)
                        let view = try await reader.view(session: Shop.session(of: account))
                        let found = FreshnessWorld.problem(with: view, of: account, floor: floor)
                        if let found { problems.change { $0.append(found) } }
                    }
                }
            }
            defer { isDone.change { $0 = true } }
            let writer = FreshnessWriter(
                shop: shop,
                accounts: Array(FreshnessWorld.accounts.prefix(2)),
                acknowledged: acknowledged
            ) { [reader] in _ = try await reader.view() }
            try await writer.write(rounds: 4)
        }
        #expect(problems.value.prefix(5) == [])
    }

    private func keysLoaded(after answers: Int) async throws -> Int {
        try await wait { reader.statistics.figures.answered >= answers }
        return reader.statistics.figures.keysLoaded
    }
}
