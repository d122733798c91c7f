import Limits

/// How to reach a database, and what every session there is bound by.
package struct ConnectionSettings: Sendable {
    /// A libpq URL or conninfo.
    ///
    /// With several hosts the first that takes writes is used, unless `target_session_attrs` says
    /// otherwise.
    package var url: String
    /// Shown in `pg_stat_activity`; the URL's own `application_name` wins.
    package var applicationName: String
    /// For each host; libpq rounds to whole seconds, two at least.
    package var connectTimeout: Duration
    /// Ends a statement at the server (57014).
    ///
    /// Zero is none.
    package var statementTimeout: Duration
    /// Ends a wait for a lock (55P03).
    ///
    /// Zero is none.
    package var lockTimeout: Duration
    /// Ends a session that left its transaction open.
    ///
    /// Zero is none.
    package var idleInTransactionTimeout: Duration
    /// Further server settings of the session, such as `["jit": "off"]`.
    package var options: [String: String]

    package init(
        url: String,
        applicationName: String = "usher",
        connectTimeout: Duration = Limits.connect,
        statementTimeout: Duration = Limits.statement,
        lockTimeout: Duration = Limits.lock,
        idleInTransactionTimeout: Duration = Limits.idleInTransaction,
        options: [String: String] = [:]
    ) {
        self.url = url
        self.applicationName = applicationName
        self.connectTimeout = connectTimeout
        self.statementTimeout = statementTimeout
        self.lockTimeout = lockTimeout
        self.idleInTransactionTimeout = idleInTransactionTimeout
        self.options = options
    }

    /// How long an answer is waited for when the caller names no time: the server's own bound and
    /// some slack, so that only a frozen or unreachable server gets that far.
    var standardDeadline: Duration {
        statementTimeout == .zero ? .seconds(86_400) : statementTimeout + Limits.answerSlack
    }
}
