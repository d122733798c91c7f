import Limits
import Synchronization

/// A bounded number of connections, lent in the order in which they are asked for.
///
/// - Asking: ``query(_:)``, ``transaction(isolation:_:)``, ``withConnection(_:)``
/// - Watching: ``statistics``
/// - Ending: ``close()``
///
/// A connection that broke is thrown away. While the server is down, requests fail at once with the
/// last error, but for one attempt now and then that finds out whether it is back.
package final class Pool: Sendable {
    private typealias Answer = CheckedContinuation<Result<Connection, PostgresError>, Never>

    private struct State: Sendable {
        var pool: PoolState<Connection>
        var answers: [Int: Answer] = [:]
        var lastID = 0
        var isWatching = false
    }

    package let settings: ConnectionSettings
    private let state: Mutex<State>

    /// Makes a pool; connections are opened when they are needed.
    package init(
        _ settings: ConnectionSettings,
        maximum: Int = Limits.poolConnections,
        wait: Duration = Limits.poolWait
    ) {
        self.settings = settings
        state = Mutex(State(pool: PoolState(maximum: maximum, patience: wait)))
    }

    package var statistics: PoolStatistics {
        state.withLock { $0.pool.statistics }
    }

    /// Lends a connection to `body`, which must leave no transaction open.
    package func withConnection<Value>(
        _ body: (Connection) async throws -> Value
    ) async throws -> Value {
        let connection = try await lease()
        defer { giveBack(connection) }
        return try await body(connection)
    }

    /// Runs one statement, a transaction of its own.
    package func query(
        _ sql: SQL,
        deadline: Duration? = nil
    ) async throws(PostgresError) -> Rows {
        let connection = try await lease()
        defer { giveBack(connection) }
        return try await connection.query(sql, deadline: deadline)
    }

    /// Runs several statements in one round trip, see ``BlockingConnection/pipeline(_:deadline:)``.
    package func pipeline(
        _ sqls: [SQL],
        deadline: Duration? = nil
    ) async throws(PostgresError) -> [Rows] {
        let connection = try await lease()
        defer { giveBack(connection) }
        return try await connection.pipeline(sqls, deadline: deadline)
    }

    /// Closes idle connections now and lent ones when they come back; refuses everybody from here
    /// on.
    package func close() {
        perform { $0.close() }
    }

    func lease() async throws(PostgresError) -> Connection {
        let idle = perform { state in
            let (connection, actions) = state.take { $0.isReusable }
            return (connection, actions)
        }
        if let idle { return idle }
        return try await waitForConnection()
    }

    func giveBack(_ connection: Connection) {
        perform { $0.giveBack(connection, isUsable: { $0.isReusable }, now: .now) }
    }

    private func waitForConnection() async throws(PostgresError) -> Connection {
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { (answer: Answer) in
                state.withLock { $0.answers[id] = answer }
                perform { $0.wait(id, now: .now) }
                // The handler may have run before there was anybody to cancel.
                if Task.isCancelled { perform { $0.cancel(id) } }
                watchExpiry()
            }
        } onCancel: {
            perform { $0.cancel(id) }
        }
        return try result.get()
    }

    private func perform(_ decide: (inout PoolState<Connection>) -> PoolState<Connection>.Actions) {
        perform { ((), decide(&$0)) }
    }

    /// Lets the state decide, then acts on it without holding its lock.
    private func perform<Value: Sendable>(
        _ decide: (inout PoolState<Connection>) -> (Value, PoolState<Connection>.Actions)
    ) -> Value {
        let (value, actions, answers) = state.withLock { state in
            let (value, actions) = decide(&state.pool)
            let answers = actions.served.map { served in
                (state.answers.removeValue(forKey: served.waiter), served.outcome)
            }
            return (value, actions, answers)
        }
        for (answer, outcome) in answers { answer?.resume(returning: outcome) }
        for _ in 0..<actions.opens { open() }
        return value
    }

    private func open() {
        Task.detached { [self] in
            let result: Result<Connection, PostgresError>
            do throws(PostgresError) {
                result = .success(try await Connection(settings))
            } catch {
                result = .failure(error)
            }
            perform { $0.opened(result, now: .now) }
        }
    }

    /// One task ends the waits that took too long; it lives only while somebody waits.
    private func watchExpiry() {
        let starts = state.withLock { state in
            guard !state.isWatching, state.pool.nextExpiry != nil else { return false }
            state.isWatching = true
            return true
        }
        guard starts else { return }
        Task.detached { [self] in
            while let next = nextExpiry() {
                try? await Task.sleep(until: next, clock: .continuous)
                perform { $0.expire(now: .now) }
            }
        }
    }

    private func nextExpiry() -> ContinuousClock.Instant? {
        state.withLock { state in
            let next = state.pool.nextExpiry
            state.isWatching = next != nil
            return next
        }
    }
}
