import Synchronization

/// One session with the server, for tasks: a ``BlockingConnection`` on a thread of its own.
///
/// Statements run one after the other. Cancelling the task ends its statement at the server
/// (`PostgresError.Kind.cancelled`) and no other; the connection stays good.
package actor Connection {
    /// What can be known of the session without asking its thread.
    private struct Health {
        var isBroken = false
        var isInTransaction = false
    }

    private let blocking: BlockingConnection
    private let canceller: Canceller
    private let executor: QueueExecutor
    private nonisolated let socket: Int32
    private nonisolated let health = Mutex(Health())

    package nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    /// Connects.
    package init(_ settings: ConnectionSettings) async throws(PostgresError) {
        let executor = QueueExecutor(label: "postgres.connection")
        let opened = await executor.run {
            Result { () throws(PostgresError) in try BlockingConnection(settings) }
        }
        let blocking = try opened.get()
        self.executor = executor
        canceller = Canceller(blocking.handle)
        socket = blocking.socket
        self.blocking = blocking
    }

    /// See ``BlockingConnection/query(_:deadline:)``.
    package func query(
        _ sql: SQL,
        deadline: Duration? = nil
    ) async throws(PostgresError) -> Rows {
        try await cancellable { blocking throws(PostgresError) in
            try blocking.query(sql, deadline: deadline)
        }
    }

    /// See ``BlockingConnection/pipeline(_:deadline:)``.
    package func pipeline(
        _ sqls: [SQL],
        deadline: Duration? = nil
    ) async throws(PostgresError) -> [Rows] {
        try await cancellable { blocking throws(PostgresError) in
            try blocking.pipeline(sqls, deadline: deadline)
        }
    }

    /// See ``BlockingConnection/execute(script:deadline:)``.
    package func execute(
        script: String,
        deadline: Duration? = nil
    ) async throws(PostgresError) {
        try await cancellable { blocking throws(PostgresError) in
            try blocking.execute(script: script, deadline: deadline)
        }
    }

    /// Whether the session can be used for something new: alive, and no transaction left open.
    package nonisolated var isReusable: Bool {
        let health = health.withLock { $0 }
        // The order matters: libpq closes a broken session's socket, and the number may be reused.
        return !health.isBroken && !health.isInTransaction && BlockingConnection.isQuiet(socket)
    }

    /// Runs a statement that must run although the task is cancelled: the end of a transaction.
    func finish(_ sql: SQL) throws(PostgresError) -> Rows {
        try noted { () throws(PostgresError) in try blocking.query(sql) }
    }

    private func cancellable<Value: Sendable>(
        _ work: (BlockingConnection) throws(PostgresError) -> Value
    ) async throws(PostgresError) -> Value {
        let cancellation = Cancellation(canceller)
        let result = await withTaskCancellationHandler {
            watched(cancellation, work)
        } onCancel: {
            cancellation.request()
        }
        return try result.get()
    }

    private func watched<Value>(
        _ cancellation: Cancellation,
        _ work: (BlockingConnection) throws(PostgresError) -> Value
    ) -> Result<Value, PostgresError> {
        guard cancellation.begin() else { return .failure(Self.cancelled()) }
        let result = Result { () throws(PostgresError) in
            try noted { () throws(PostgresError) in try work(blocking) }
        }
        let end = cancellation.end()
        if end == .stuck {
            blocking.giveUp()
            health.withLock { $0.isBroken = true }
        }
        guard case .failure(let error) = result, error.sqlState == "57014", end != .undisturbed
        else { return result }
        return .failure(Self.cancelled())
    }

    private func noted<Value>(
        _ work: () throws(PostgresError) -> Value
    )
        throws(PostgresError) -> Value
    {
        defer {
            let isBroken = blocking.isBroken
            let isInTransaction = blocking.isInTransaction
            health.withLock { health in
                health.isBroken = health.isBroken || isBroken
                health.isInTransaction = isInTransaction
            }
        }
        do throws(PostgresError) {
            return try work()
        } catch {
            if error.condemnsConnection { health.withLock { $0.isBroken = true } }
            throw error
        }
    }

    private static func cancelled() -> PostgresError {
        PostgresError(kind: .cancelled, message: "the task was cancelled")
    }
}
