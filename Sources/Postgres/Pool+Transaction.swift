import Limits

/// How much of other transactions one may see.
package enum Isolation: String, Sendable {
    case readCommitted = "read committed"
    case repeatableRead = "repeatable read"
    case serializable
}

extension Pool {
    /// Runs `body` in a transaction and commits it.
    ///
    /// An error of the body, and the cancellation of its task, roll back. A transaction that lost
    /// against another (40001, 40P01) is run again from its start, so `body` must do nothing that
    /// lasts outside of the database.
    ///
    /// - Throws: what the body threw, or a ``PostgresError``; `outcomeUnknown` if the commit was
    ///   sent and its answer never came. That one is never repeated here.
    package func transaction<Value>(
        isolation: Isolation? = nil,
        _ body: (Connection) async throws -> Value
    ) async throws -> Value {
        var backoff = Backoff.transaction
        while true {
            switch try await attempt(isolation, body) {
            case .done(let value):
                return value
            case .lost(let error):
                let wait = backoff.next()
                guard backoff.failures < Limits.transactionTries else { throw error }
                try await Task.sleep(for: wait)
            }
        }
    }

    private enum Attempt<Value> {
        case done(Value)
        /// Nothing happened, and it may be tried again.
        case lost(PostgresError)
    }

    private func attempt<Value>(
        _ isolation: Isolation?,
        _ body: (Connection) async throws -> Value
    ) async throws -> Attempt<Value> {
        let connection = try await lease()
        defer { giveBack(connection) }
        do throws(PostgresError) {
            let level = isolation.map { " isolation level \($0.rawValue)" } ?? ""
            _ = try await connection.query(SQL(text: "begin" + level))
        } catch {
            // A connection that broke before anything was asked of it: another one may do.
            guard error.kind == .connection else { throw error }
            return .lost(error)
        }
        do {
            let value = try await body(connection)
            try Task.checkCancellation()
            try await commit(connection)
            return .done(value)
        } catch {
            await rollBack(connection)
            guard let error = error as? PostgresError, error.mayRepeatTransaction else {
                throw error
            }
            return .lost(error)
        }
    }

    /// Commits, cancelled or not: half-way a cancel could only make the outcome unclear.
    private func commit(_ connection: Connection) async throws(PostgresError) {
        let rows: Rows
        do throws(PostgresError) {
            rows = try await connection.finish("commit")
        } catch {
            // 57014 is an answer: the server ended the commit before it happened.
            guard error.kind == .connection || error.kind == .timeout, error.sqlState != "57014"
            else { throw error }
            throw PostgresError(
                kind: .outcomeUnknown,
                sqlState: error.sqlState,
                message: "the answer to commit was lost, so it may have happened: \(error.message)",
                hint: "Read the state before repeating."
            )
        }
        // The server answers a commit of a failed transaction with a rollback, and no error.
        guard rows.command == "COMMIT" else {
            throw PostgresError(
                kind: .server,
                sqlState: "25P02",
                message: "the transaction was rolled back: a statement in it had failed",
                hint: "Let the error of the statement leave the transaction's body."
            )
        }
    }

    /// If it fails the connection is not reusable and leaves the pool, which rolls back as well.
    private func rollBack(_ connection: Connection) async {
        guard !connection.isReusable else { return }
        _ = try? await connection.finish("rollback")
    }
}

extension PostgresError {
    /// A stale statement too: it was prepared for a schema that changed in between.
    fileprivate var mayRepeatTransaction: Bool { isRetryable || isStaleStatement }
}
