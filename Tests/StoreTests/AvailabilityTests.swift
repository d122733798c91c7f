import Glibc
import Limits
import Postgres
import TestSupport
import Testing

@testable import Store

/// While a test holds the feed's floor, a barrier read waits for its lock: that is how checks are
/// kept waiting here for as long as a test likes.
@Suite(.database, .timeLimit(.minutes(5))) struct `Checks` {
    let shop: Shop
    let reader: BarrierReader

    init() async throws {
        shop = try await Shop()
        try await shop.open("acme")
        reader = shop.reader()
    }

    private func jobs(_ count: Int) -> Jobs {
        let jobs = Jobs()
        for _ in 0..<count { jobs.add(session: Shop.session(of: "acme"), of: "acme") }
        return jobs
    }

    /// Has one check wait for its barrier while `body` runs.
    ///
    /// Other tests' databases have the same tables under the same numbers.
    private func holdingBarrier(_ body: () async throws -> Void) async throws -> Jobs {
        let holder = try await shop.connect()
        try await holder.execute(script: "begin; lock table feed_floor")
        let first = jobs(1)
        first.submit(to: reader)
        try await wait {
            try await shop.number(
                """
                select count(*) from pg_locks
                 where not granted and relation = 'feed_floor'::regclass
                   and database = (select oid from pg_database
                                    where datname = current_database())
                """
            ) == 1
        }
        try await body()
        try await holder.execute(script: "commit")
        return first
    }

    @Test func `that arrive during a read are all answered by the next one`() async throws {
        let late = jobs(500)
        let first = try await holdingBarrier { late.submit(to: reader) }
        try await late.wait()
        #expect(first.views == 1 && late.views == 500)
        #expect(late.completedTwice == 0 && late.absent == [])
        // The account was loaded for the first check, so the rest needed one read and one flush.
        #expect(late.flushes == 1)
        try await wait { reader.statistics.figures.answered == 501 }
        #expect(reader.statistics.figures.reads == 2)
        #expect(reader.statistics.figures.batches == [1, 0, 0, 0, 0, 1, 0])
    }

    @Test func `beyond the queue's bound are refused at once, the others answered`()
        async throws
    {
        let most = jobs(Limits.checkQueue)
        let beyond = jobs(1)
        let first = try await holdingBarrier {
            most.submit(to: reader)
            beyond.submit(to: reader)
            #expect(beyond.reasons == [.overloaded])
            #expect(beyond.unflushed == 0)
            #expect(most.views == 0)
        }
        try await most.wait()
        #expect(first.views == 1 && most.views == Limits.checkQueue)
        #expect(most.completedTwice == 0 && beyond.completedTwice == 0)
    }

    @Test func `that were accepted before the close are answered, later ones refused`()
        async throws
    {
        let accepted = jobs(50)
        let refused = jobs(1)
        let reader = reader
        var closing: Task<Void, Never>?
        let first = try await holdingBarrier {
            accepted.submit(to: reader)
            closing = Task { await reader.close() }
            try await wait { !reader.isAvailable }
            refused.submit(to: reader)
            #expect(refused.reasons == [.databaseUnavailable])
            #expect(accepted.views == 0)
        }
        await closing?.value
        try await accepted.wait()
        #expect(first.views == 1 && accepted.views == 50)
        #expect(accepted.completedTwice == 0 && refused.completedTwice == 0)
    }

    @Test func `whose connection broke are answered over a new one`() async throws {
        _ = try await reader.view()
        let killed = try await shop.number(
            """
            select count(pg_terminate_backend(pid, 10000))
              from pg_stat_activity
             where application_name = 'usher checks' and datname = current_database()
            """
        )
        #expect(killed == 1)
        let view = try await reader.view(session: Shop.session(of: "acme"))
        #expect(view.session != nil)
    }

    @Test func `whose connection broke during the read are answered over a new one`()
        async throws
    {
        let late = jobs(10)
        let first = try await holdingBarrier {
            late.submit(to: reader)
            let killed = try await shop.number(
                """
                select count(pg_terminate_backend(pid, 10000))
                  from pg_locks
                 where not granted and relation = 'feed_floor'::regclass
                   and database = (select oid from pg_database
                                    where datname = current_database())
                """
            )
            #expect(killed == 1)
        }
        try await late.wait()
        #expect(first.views == 1 && late.views == 10)
        #expect(first.completedTwice == 0 && late.completedTwice == 0)
    }

    @Test func `are refused once each when a read fails, and answered when it works again`()
        async throws
    {
        let waiting = jobs(100)
        let first = try await holdingBarrier {
            waiting.submit(to: reader)
            try await shop.run("alter table session rename to hidden")
        }
        try await first.wait()
        try await waiting.wait()
        #expect(first.failures == 1 && waiting.failures == 100)
        #expect(waiting.completedTwice == 0)
        #expect(Set(waiting.reasons) == [.databaseUnavailable])
        try await shop.run("alter table hidden rename to session")
        try await wait { reader.isAvailable }
        let again = jobs(10)
        again.submit(to: reader)
        try await again.wait()
        #expect(again.views == 10)
    }

    @Test func `of a role that may not see the server's identity are refused`() async throws {
        let role = "usher_test_\(UInt32.random(in: 0 ... .max))"
        try await shop.run("create role \(role) login; grant pg_read_all_data to \(role)")
        let url = shop.url.replacing("user=postgres", with: "user=\(role)")
        try #require(url != shop.url)
        let reader = BarrierReader(
            settings: ConnectionSettings(url: url),
            bounds: BarrierBounds(),
            logger: .silent
        )
        await #expect(throws: BarrierFailure.databaseUnavailable) { try await reader.view() }
        let other = try await Connection(ConnectionSettings(url: url))
        let error = try await #require(throws: BarrierProblem.self) {
            try Barrier(try await other.query(BarrierStatements.read(since: nil)))
        }
        #expect("\(error)".contains("grant pg_read_all_stats"))
        // It is well again as soon as it may.
        try await shop.run("grant pg_read_all_stats to \(role)")
        try await wait { reader.isAvailable }
        _ = try await reader.view()
        await reader.close()
        try await shop.run("drop role \(role)")
    }
}
