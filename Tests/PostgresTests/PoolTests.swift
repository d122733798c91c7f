import Glibc
import Testing
import TestSupport

@testable import Postgres

@Suite(.emptyDatabase, .timeLimit(.minutes(5))) struct `A pool` {
    @Test func `opens no more connections than it may`() async throws {
        let pool = Pool(ConnectionSettings(url: TestDatabase.url), maximum: 3, wait: .seconds(20))
        let busiest = Shared(0)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<60 {
                group.addTask {
                    try await pool.withConnection { connection in
                        let inUse = pool.statistics.inUse
                        busiest.change { $0 = max($0, inUse) }
                        _ = try await connection.query("select pg_sleep(0.002)")
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(busiest.value == 3)
        let rest = PoolStatistics(maximum: 3, inUse: 0, idle: 3, opening: 0, waiting: 0)
        #expect(pool.statistics == rest)
    }

    @Test func `serves in the order of asking`() async throws {
        let pool = Pool(ConnectionSettings(url: TestDatabase.url), maximum: 1, wait: .seconds(20))
        let order = Shared<[Int]>([])
        let held = try await pool.lease()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<10 {
                group.addTask {
                    try await pool.withConnection { _ in order.change { $0.append(number) } }
                }
                while pool.statistics.waiting <= number { await Task.yield() }
            }
            pool.giveBack(held)
            try await group.waitForAll()
        }
        #expect(order.value == Array(0..<10))
    }

    @Test func `refuses those who wait for too long, and says how busy it is`() async throws {
        let pool = Pool(
            ConnectionSettings(url: TestDatabase.url),
            maximum: 1,
            wait: .milliseconds(500)
        )
        let held = try await pool.lease()
        let error = try await #require(throws: PostgresError.self) {
            try await pool.query("select 1")
        }
        #expect(error.kind == .poolExhausted)
        #expect(error.isUnavailable)
        #expect(error.detail?.contains("in use 1") == true)
        pool.giveBack(held)
        #expect(try await pool.query("select 1").count == 1)
    }

    @Test func `lets a cancelled task go, and nobody loses a connection by it`() async throws {
        let pool = Pool(ConnectionSettings(url: TestDatabase.url), maximum: 1, wait: .seconds(20))
        let held = try await pool.lease()
        let task = Task { try await pool.query("select 1") }
        while pool.statistics.waiting == 0 { await Task.yield() }
        task.cancel()
        let error = try await #require(throws: PostgresError.self) { try await task.value }
        #expect(error.kind == .cancelled)
        pool.giveBack(held)
        #expect(try await pool.query("select 1").count == 1)
        #expect(pool.statistics.inUse == 0)
    }

    @Test func `throws away a connection that comes back broken or in a transaction`() async throws
    {
        let pool = Pool(ConnectionSettings(url: TestDatabase.url), maximum: 2)
        let pid: SQL = "select pg_backend_pid() as pid"
        var seen: Set<Int64> = []
        for script in ["select pg_terminate_backend(pg_backend_pid())", "begin", "select 1"] {
            try await pool.withConnection { connection in
                seen.insert(try await connection.query(pid)[0].int64("pid"))
                try? await connection.execute(script: script)
            }
        }
        #expect(seen.count == 3)
        #expect(pool.statistics.idle == 1)
    }

    @Test func `never hands out an idle connection whose server process has ended`() async throws {
        let pool = Pool(ConnectionSettings(url: TestDatabase.url), maximum: 4)
        let other = try await Connection(ConnectionSettings(url: TestDatabase.url))
        for _ in 0..<5 {
            let pid = try await pool.query("select pg_backend_pid() as pid")[0].int64("pid")
            _ = try await other.query("select pg_terminate_backend(\(pid)::int, 5000)")
        }
        #expect(pool.statistics.idle == 1)
    }

    @Test func `is closed for good`() async throws {
        let pool = Pool(ConnectionSettings(url: TestDatabase.url), maximum: 1, wait: .seconds(20))
        let held = try await pool.lease()
        let task = Task { try await pool.query("select 1") }
        while pool.statistics.waiting == 0 { await Task.yield() }
        pool.close()
        await #expect(throws: PostgresError.self) { try await task.value }
        pool.giveBack(held)
        #expect(pool.statistics.idle == 0)
        await #expect(throws: PostgresError.self) { try await pool.query("select 1") }
    }
}

@Suite(.timeLimit(.minutes(1))) struct `A pool whose server goes away` {
    @Test func `fails at once while it is down, and works when it is back`() async throws {
        try await TemporaryFolder.with { folder in
            let cluster = try await EmbeddedCluster.start(
                dataDirectory: folder,
                settings: TestServer.settings
            )
            let pool = Pool(ConnectionSettings(url: cluster.url), maximum: 2, wait: .seconds(20))
            #expect(try await pool.query("select 1").count == 1)
            let server = try #require(await cluster.serverPID)
            kill(server, SIGQUIT)
            while await cluster.serverPID == server { await Task.yield() }
            // Down for some 100 ms; every refusal that is not a fast one would take a while.
            while (try? await pool.query("select 1")) == nil {}
            for _ in 0..<10 { #expect(try await pool.query("select 1").count == 1) }
            await cluster.stop()
            let error = try await #require(throws: PostgresError.self) {
                try await pool.query("select 1")
            }
            #expect(error.kind == .connection)
            let again = try await #require(throws: PostgresError.self) {
                try await pool.query("select 1")
            }
            #expect(again == error, "known to be down: nobody asked again")
        }
    }
}
