import Synchronization
import Testing
import TestSupport

@testable import Postgres

@Suite(.emptyDatabase, .timeLimit(.minutes(5))) struct `Cancelling a task` {
    let connection: Connection

    init() async throws {
        connection = try await Connection(ConnectionSettings(url: TestDatabase.url))
    }

    @Test func `ends its statement at once, and the connection goes on`() async throws {
        let start = ContinuousClock.now
        let task = Task {
            try await connection.query("select pg_sleep(20)", deadline: .seconds(20))
        }
        try await observe("active")
        task.cancel()
        let error = try await #require(throws: PostgresError.self) { try await task.value }
        #expect(error.kind == .cancelled)
        #expect(ContinuousClock.now - start < .seconds(1.5))
        #expect(try await connection.query("select 1").count == 1)
    }

    @Test func `before its statement sends nothing`() async throws {
        try await connection.execute(script: "create table t (a int)")
        let task = Task {
            unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
            return try await connection.query("insert into t values (1)")
        }
        let error = try await #require(throws: PostgresError.self) { try await task.value }
        #expect(error.kind == .cancelled)
        #expect(try await connection.query("select from t").isEmpty)
    }

    /// The time from the start to the cancel goes through all that a statement is: queued,
    /// prepared, sent, running, answered.
    @Test func `never ends the connection's next statement`() async throws {
        var (cancelled, finished) = (0, 0)
        for round in 0..<400 {
            let isLong = round.isMultiple(of: 2)
            let sql: SQL = isLong ? "select pg_sleep(1.5)" : "select pg_sleep(0.0005)"
            let task = Task { try await connection.query(sql) }
            let wait = Duration.microseconds(round * 5)
            let start = ContinuousClock.now
            while ContinuousClock.now - start < wait { await Task.yield() }
            task.cancel()
            async let next = connection.query("select \(round)::int as n")
            switch await task.result {
            case .success: finished += 1
            case .failure(let error):
                #expect((error as? PostgresError)?.kind == .cancelled)
                cancelled += 1
            }
            #expect(try await next[0].int64("n") == Int64(round))
        }
        #expect(cancelled > 100, "the cancels came too late to prove anything")
        #expect(finished > 10, "the cancels came too early to prove anything")
    }

    @Test func `of a commit that waits for a standby leaves its outcome unknown`() async throws {
        let administrator = try await Connection(ConnectionSettings(url: TestDatabase.url))
        _ = try await administrator.query("create table t (a int)")
        // Other tests' sessions do not wait for standbys: their commits are asynchronous.
        _ = try await administrator.query("alter system set synchronous_standby_names = 'nobody'")
        _ = try await administrator.query("select pg_reload_conf()")
        _ = try await connection.query("set synchronous_commit = on")
        let task = try await commitThatWaits()
        task.cancel()
        let error = try await #require(throws: PostgresError.self) { try await task.value }
        #expect(error.kind == .outcomeUnknown)
        #expect(connection.isReusable)
        _ = try await administrator.query("alter system reset synchronous_standby_names")
        _ = try await administrator.query("select pg_reload_conf()")
    }

    /// A commit that waits for a standby.
    ///
    /// Sessions wait once the checkpointer has told them all to, which it does when it gets to it: a
    /// commit that came before is through, and another one is tried.
    private func commitThatWaits() async throws -> Task<Rows, any Error> {
        let observer = try await Connection(ConnectionSettings(url: TestDatabase.url))
        while true {
            let through = Through()
            let task = Task {
                defer { through.happened() }
                return try await connection.query(
                    "insert into t values (1)",
                    deadline: .seconds(20)
                )
            }
            try await eventually {
                if through.hasHappened { return true }
                return try await isObserved("SyncRep", by: observer)
            }
            if !through.hasHappened { return task }
        }
    }

    /// Waits until another session of this database is in a state or waits for an event.
    private func observe(_ word: String) async throws {
        let observer = try await Connection(ConnectionSettings(url: TestDatabase.url))
        try await eventually { try await isObserved(word, by: observer) }
    }

    private func isObserved(_ word: String, by observer: Connection) async throws -> Bool {
        try await
            !observer.query(
                """
                select from pg_stat_activity
                 where datname = current_database() and pid <> pg_backend_pid()
                   and \(word) in (state, wait_event)
                """
            )
            .isEmpty
    }
}

/// Something that happens once, on another task.
private final class Through: Sendable {
    private let state = Mutex(false)
    var hasHappened: Bool { state.withLock { $0 } }
    func happened() { state.withLock { $0 = true } }
}
