import Entitlements
import Postgres
import TestSupport
import Testing

@testable import Store

/// A database that was restored, or failed over: numbers of transactions from another life.
@Suite(.database, .timeLimit(.minutes(5))) struct `A feed from another life` {
    let shop: Shop
    let session: String

    init() async throws {
        shop = try await Shop()
        session = try await shop.open("acme")
    }

    private func floor() async throws -> String {
        try await shop.pool.query("select floor::text as f from feed_floor")[0].text("f")
    }

    @Test(arguments: [1, 1_000_000])
    func `is not pruned by a horizon that this one has not reached`(ahead: Int64) async throws {
        let floor = try await floor()
        let rows = try await shop.number("select count(*) from feed")
        let horizon = try await shop.number(
            """
            select pg_snapshot_xmax(pg_current_snapshot())::text::bigint + 1000 * \(ahead)
            """
        )
        #expect(try await shop.store.pruneFeed(below: "\(horizon)") == 0)
        #expect(try await self.floor() == floor)
        #expect(try await shop.number("select count(*) from feed") == rows)
    }

    /// A reader stands in the midst of an open transaction, so its position reaches far back; the
    /// foreign horizon took the rows that it needs, and healing must not say that it has them.
    @Test func `that is put right makes nobody miss a change`() async throws {
        let open = try await shop.connect()
        try await open.execute(script: "begin; select pg_current_xact_id()")
        let reader = shop.reader()
        #expect(try await reader.view(session: session).session?.revokedAt == nil)

        try await shop.run("update session set revoked_at = now()")
        try await shop.run(
            """
            delete from feed;
            update feed_floor set floor = '9000000000000';
            insert into feed (account_id, revision, txid) values
                ('acme', 99, '9000000000001'), ('', 99, '9000000000002');
            """
        )
        #expect(try await shop.store.healFeed())
        #expect(try await !shop.store.healFeed(), "once is enough")
        #expect(try await shop.number("select count(*) from feed") == 0)
        #expect(try await reader.view(session: session).session?.revokedAt != nil)
        #expect(reader.statistics.figures.fresh >= 1)

        try await open.execute(script: "rollback")
        // From here on it is a feed like any other.
        try await shop.run("update account set blocked_at = now()")
        #expect(try await reader.view(session: session).account?.blockedSince != nil)
        await reader.close()
    }

    /// While nothing is put right yet, a floor that lies in the future says: start afresh.
    @Test func `makes everybody start afresh until it is put right`() async throws {
        let reader = shop.reader()
        _ = try await reader.view(session: session)
        try await shop.run(
            """
            update session set revoked_at = now();
            delete from feed;
            update feed_floor set floor = '9000000000000';
            """
        )
        #expect(try await reader.view(session: session).session?.revokedAt != nil)
        await reader.close()
    }
}

/// After `close` a reader is silent, whatever was on its way.
@Suite(.database, .timeLimit(.minutes(5))) struct `A reader that was closed` {
    let shop: Shop

    init() async throws {
        shop = try await Shop()
    }

    private func worker() -> BarrierWorker {
        BarrierWorker(
            settings: ConnectionSettings(url: shop.url),
            bounds: BarrierBounds(),
            trusted: nil,
            statistics: BarrierStatistics()
        )
    }

    private func connections() async throws -> Int64 {
        try await shop.number(
            """
            select count(*) from pg_stat_activity
             where application_name = 'usher checks' and datname = current_database()
            """
        )
    }

    @Test func `is found unreachable by the probe that waited, which connects no more`()
        async throws
    {
        let worker = worker()
        #expect(await worker.isReachable())
        #expect(try await connections() == 1)
        await worker.close()
        #expect(await !worker.isReachable())
        try await wait { try await connections() == 0 }
        #expect(await !worker.isReachable())
        #expect(try await connections() == 0)
    }

    /// A check that was let in just before the close, and reaches the queue just behind it.
    @Test func `refuses what comes to its queue behind the close`() async throws {
        let worker = worker()
        await worker.close()
        let jobs = Jobs()
        jobs.add(session: Shop.session(of: "acme"), of: "acme")
        let pending = Shared(jobs.all)
        worker.start { _ in
            defer { pending.change { $0 = [] } }
            return pending.value
        } onFailure: { _ in
        }
        try await jobs.wait()
        #expect(jobs.reasons == [.databaseUnavailable])
        #expect(await !worker.isReachable())
        #expect(try await connections() == 0)
    }
}
