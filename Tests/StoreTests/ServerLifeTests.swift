import Entitlements
import Foundation
import Glibc
import Limits
import Postgres
import TestSupport
import Testing

@testable import Store

/// What a reader remembers is only good for the same server in the same life.
@Suite(.serialized, .timeLimit(.minutes(5))) struct `A reader whose server` {
    private static let session = Shop.session(of: "acme")

    @Test func `crashed forgets everything, for transaction numbers are handed out again`()
        async throws
    {
        try await TemporaryFolder.with { folder in
            // What is not written by itself is lost in the crash.
            let lazy = ["wal_writer_delay": "10s", "autovacuum": "off"]
            let server = try await OwnServer.start(in: folder, settings: lazy)
            let shop = try await server.open()
            try await shop.run("create unlogged table burnt (); checkpoint")
            let reader = shop.reader()
            let burner = try await shop.connect()
            try await burner.execute(script: "begin; " + Self.burn(3_000))
            #expect(try await reader.view(session: Self.session).session?.revokedAt == nil)
            let reached = try await shop.number(
                "select pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
            )
            try await server.crash(shop)
            // The first number is that of the open transaction, which readers look out for.
            for _ in 0..<10 { _ = try await shop.pool.query("select pg_current_xact_id()") }
            // Only the reader's memory says that the session is live.
            let revoker = try await shop.connect()
            let number =
                try await
                revoker.query(
                    """
                    update session set revoked_at = now()
                    returning pg_current_xact_id()::text::bigint as number
                    """
                )[0]
                .int64("number")
            #expect(number < reached, "no number was handed out again, so nothing is tested")
            #expect(try await reader.view(session: Self.session).session?.revokedAt != nil)
            await reader.close()
            await server.cluster.stop()
        }
    }

    @Test func `stopped refuses checks at once, and is well again by itself`() async throws {
        try await TemporaryFolder.with { folder in
            let server = try await OwnServer.start(in: folder)
            let shop = try await server.open()
            let reader = shop.reader()
            _ = try await reader.view(session: Self.session)
            await server.cluster.stop()
            await #expect(throws: BarrierFailure.databaseUnavailable) { try await reader.view() }
            try await wait { !reader.isAvailable }
            let jobs = Jobs()
            for _ in 0..<1_000 { jobs.add(session: Self.session, of: "acme") }
            jobs.submit(to: reader)
            // Refused on the spot: nothing was waited for.
            #expect(jobs.failures == 1_000 && jobs.completedTwice == 0 && jobs.unflushed == 0)

            let again = try await OwnServer.start(in: folder)
            try await Shop(at: again.cluster.url).run("update session set revoked_at = now()")
            try await wait { reader.isAvailable }
            #expect(try await reader.view(session: Self.session).session?.revokedAt != nil)
            await reader.close()
            await again.cluster.stop()
        }
    }

    @Test func `froze refuses checks within the deadline, and is well again when it thawed`()
        async throws
    {
        try await TemporaryFolder.with { folder in
            let server = try await OwnServer.start(in: folder)
            let shop = try await server.open()
            let timeout = Duration.milliseconds(200)
            let reader = shop.reader(statementTimeout: timeout)
            // The first read connects and plans, which on a busy machine takes longer than that.
            try await wait { (try? await reader.view(session: Self.session)) != nil }
            let processes = try await server.processes(shop)
            server.freeze(processes)
            defer { server.thaw(processes) }
            let start = ContinuousClock.now
            await #expect(throws: BarrierFailure.databaseUnavailable) { try await reader.view() }
            // A second of slack, for the machine is shared.
            #expect(ContinuousClock.now - start < timeout + Limits.answerSlack + .seconds(1))
            try await wait { !reader.isAvailable }
            let jobs = Jobs()
            for _ in 0..<100 { jobs.add() }
            jobs.submit(to: reader)
            #expect(jobs.failures == 100)
            server.thaw(processes)
            try await wait { reader.isAvailable }
            #expect(try await reader.view(session: Self.session).session != nil)
            await reader.close()
            await server.cluster.stop()
        }
    }

    @Test func `made room for another one behind the same URL forgets the former`()
        async throws
    {
        try await TemporaryFolder.with { folder in
            let former = try await OwnServer.start(in: folder)
            let shop = try await former.open()
            for _ in 0..<200 { _ = try await shop.pool.query("select pg_current_xact_id()") }
            let reader = shop.reader()
            #expect(try await reader.view(session: Self.session).session?.revokedAt == nil)
            let reached = try await shop.number(
                "select pg_snapshot_xmax(pg_current_snapshot())::text::bigint"
            )
            await former.cluster.stop()
            try FileManager.default.moveItem(
                atPath: folder + "/postgres",
                toPath: folder + "/former"
            )
            let other = try await OwnServer.start(in: folder)
            #expect(other.cluster.url == former.cluster.url)
            let otherShop = try await other.open()
            try await otherShop.run("update session set revoked_at = now()")
            let number = try await otherShop.number(
                "select max(txid::text::bigint) from feed"
            )
            #expect(number < reached, "the feed alone would have told")
            #expect(try await reader.view(session: Self.session).session?.revokedAt != nil)
            await reader.close()
            await other.cluster.stop()
        }
    }

    /// On a standby a snapshot does not list what is running, so the read would miss changes.
    @Test func `is a standby refuses checks until it is promoted to a timeline of its own`()
        async throws
    {
        try await TemporaryFolder.with { folder in
            let primary = try await OwnServer.start(in: folder)
            let shop = try await primary.open()
            let reader = shop.reader()
            _ = try await reader.view(session: Self.session)
            let token = try await Self.token(of: shop)
            await primary.cluster.stop()
            try Data().write(to: URL(filePath: folder + "/postgres/data/standby.signal"))

            let standby = try await OwnServer.start(in: folder)
            await #expect(throws: BarrierFailure.databaseUnavailable) { try await reader.view() }
            let standbyShop = Shop(at: shop.url)
            let problem = await #expect(throws: BarrierProblem.self) {
                try await Self.token(of: standbyShop)
            }
            #expect(problem?.description.contains("target_session_attrs=read-write") == true)

            try await standbyShop.run("select pg_promote()")
            try await wait { reader.isAvailable }
            try await standbyShop.run("update session set revoked_at = now()")
            #expect(try await reader.view(session: Self.session).session?.revokedAt != nil)
            let promoted = try await Self.token(of: standbyShop)
            #expect(token.contains("/00000001/") && promoted.contains("/00000002/"))
            await reader.close()
            await standby.cluster.stop()
        }
    }

    /// Takes so many transaction numbers and writes nothing that would survive.
    ///
    /// Some more, until half a page of the log waits: whole pages are written by themselves, and
    /// the numbers in them are not handed out again.
    private static func burn(_ count: Int) -> String {
        """
        do $$
        begin
            for n in 1..\(count + 1_000) loop
                begin
                    insert into burnt default values;
                    raise exception 'back';
                exception when raise_exception then null;
                end;
                exit when n >= \(count) and mod(pg_current_wal_insert_lsn() - '0/0'::pg_lsn, 8192)
                    between 4096 and 6144;
            end loop;
        end $$
        """
    }

    private static func token(of shop: Shop) async throws -> String {
        try Barrier(try await shop.pool.query(BarrierStatements.read(since: nil))).position.token
    }
}
