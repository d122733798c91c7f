/// Why Postgres did not do what it was asked, in a form that callers decide by.
///
/// A refusal by the server carries its SQLSTATE and the names of what was violated; nothing is ever
/// read out of the message, which is for people.
package struct PostgresError: Error, Sendable, Equatable {
    /// Where it went wrong.
    package enum Kind: Sendable, Equatable {
        /// The connection could not be opened, or broke. What was sent may or may not have
        /// happened.
        case connection
        /// The server refused the statement; nothing of it happened.
        case server
        /// A bound on time ended the statement: at the server (57014, nothing happened), or here
        /// (no SQLSTATE: the server is frozen or unreachable, the connection is given up, and what
        /// was sent may happen still).
        case timeout
        /// The caller's task was cancelled.
        case cancelled
        /// No connection of the pool became free in time.
        case poolExhausted
        /// A value is not of the type that was asked for, or there is no such column.
        case decoding
        /// The server or the caller did what the protocol has no place for, such as `copy`.
        case protocolViolation
        /// A commit was sent and its answer never came: it may have happened. Read before
        /// repeating.
        case outcomeUnknown
    }

    package let kind: Kind
    /// Five characters from the server's catalogue of errors, if the server spoke.
    package let sqlState: String?
    package let message: String
    package let detail: String?
    package let hint: String?
    package let constraint: String?
    package let table: String?
    package let column: String?
    /// The prepared statement no longer fits the schema; prepared again it will work.
    let isStaleStatement: Bool

    package init(
        kind: Kind,
        sqlState: String? = nil,
        message: String,
        detail: String? = nil,
        hint: String? = nil,
        constraint: String? = nil,
        table: String? = nil,
        column: String? = nil
    ) {
        self.init(
            kind: kind,
            sqlState: sqlState,
            message: message,
            detail: detail,
            hint: hint,
            constraint: constraint,
            table: table,
            column: column,
            isStaleStatement: false
        )
    }

    init(
        kind: Kind,
        sqlState: String?,
        message: String,
        detail: String?,
        hint: String?,
        constraint: String?,
        table: String?,
        column: String?,
        isStaleStatement: Bool
    ) {
        self.kind = kind
        self.sqlState = sqlState
        self.message = message
        self.detail = detail
        self.hint = hint
        self.constraint = constraint
        self.table = table
        self.column = column
        self.isStaleStatement = isStaleStatement
    }

    /// The transaction lost against another one and may be run again from its start.
    package var isRetryable: Bool {
        kind == .server && (sqlState == "40001" || sqlState == "40P01")
    }

    /// The database cannot answer now, through no fault of the request: what a caller answers 503.
    ///
    /// True of an unknown outcome as well: it is no success, and the caller of an HTTP call that
    /// carries an idempotency key may repeat it.
    package var isUnavailable: Bool {
        switch kind {
        case .connection, .timeout, .poolExhausted, .outcomeUnknown: true
        case .server: sqlState.map(Self.meansUnavailable) ?? false
        case .cancelled, .decoding, .protocolViolation: false
        }
    }

    /// Whether a connection that gave this error should not be used again.
    ///
    /// 25006 is the primary that became a standby: its connections go on, and refuse each write.
    var condemnsConnection: Bool {
        switch kind {
        case .connection, .protocolViolation: true
        case .server: sqlState == "25006" || (sqlState?.hasPrefix("57P") ?? false)
        case .timeout, .cancelled, .poolExhausted, .decoding, .outcomeUnknown: false
        }
    }

    private static func meansUnavailable(_ sqlState: String) -> Bool {
        switch sqlState {
        case "57P01", "57P02", "57P03": true  // shutting down, crashed, starting
        case "55P03": true  // lock_timeout
        case "25006", "25P03": true  // a standby now; idle in transaction for too long
        default: sqlState.hasPrefix("53") || sqlState.hasPrefix("08")  // resources; connection
        }
    }
}

extension PostgresError: CustomStringConvertible {
    package var description: String {
        var text = message
        if let sqlState { text += " (SQLSTATE \(sqlState))" }
        if let detail { text += "; \(detail)" }
        if let hint { text += "; \(hint)" }
        return text
    }
}
