import CLibPQ
import Glibc
import Limits

/// One session with the server, used by one owner from one thread at a time; each call blocks.
///
/// No call outlasts its deadline: the socket is polled, so a frozen server cannot hold the caller.
/// When a deadline passes the session is given up (`isAlive` is false from then on), because
/// whatever answer came later would belong to a question that nobody asks any more.
///
/// - Asking: ``query(_:deadline:)``, ``pipeline(_:deadline:)``, ``execute(script:deadline:)``
/// - State: ``isAlive``, ``isInTransaction``
package final class BlockingConnection {
    package let settings: ConnectionSettings
    let handle: ConnectionHandle
    let socket: Int32
    var statements: StatementCache
    /// No further use; the reason was thrown when it was found.
    private(set) var isBroken = false
    let notices = NoticeBox()

    package init(
        _ settings: ConnectionSettings,
        preparedStatements: Int = Limits.preparedStatements
    ) throws(PostgresError) {
        self.settings = settings
        handle = try ConnectionHandle(settings)
        socket = unsafe PQsocket(handle.raw)
        statements = StatementCache(capacity: preparedStatements)
        notices.install(on: handle)
    }

    /// Whether the session can still be asked.
    ///
    /// Looks at the socket, sends nothing.
    package var isAlive: Bool {
        !isBroken && Self.isQuiet(socket)
    }

    /// Whether a transaction is open, a failed one included.
    package var isInTransaction: Bool {
        transactionStatus != PQTRANS_IDLE
    }

    /// Runs one statement, prepared at its first use in this session and kept by its text.
    ///
    /// The deadline says how long to wait for the answer; nil is the session's statement timeout
    /// and some slack. To wait longer than that timeout, raise it in the settings too.
    ///
    /// What is to be done meanwhile runs between sending and waiting, once for each time that the
    /// statement is sent: not at all when there is no connection, twice when it had to be prepared
    /// anew.
    package func query(
        _ sql: SQL,
        deadline: Duration? = nil,
        meanwhile: () -> Void = {}
    ) throws(PostgresError) -> Rows {
        let deadline = Deadline(after: deadline ?? settings.standardDeadline)
        let wasIdle = !isInTransaction
        do throws(PostgresError) {
            return try run(sql, until: deadline, meanwhile: meanwhile)
        } catch {
            guard error.isStaleStatement else { throw error }
            forget(sql.text, after: error)
            // Inside a transaction the error has ended it, so only its owner can repeat it.
            guard wasIdle else { throw error }
            return try run(sql, until: deadline, meanwhile: meanwhile)
        }
    }

    /// Runs several statements without parameters by the simple protocol, as one transaction unless
    /// the script says otherwise.
    package func execute(script: String, deadline: Duration? = nil) throws(PostgresError) {
        try checkUsable()
        guard !script.utf8.contains(0) else { throw BoundParameters.holdsNUL("the script") }
        let deadline = Deadline(after: deadline ?? settings.standardDeadline)
        try sent(unsafe PQsendQuery(handle.raw, script))
        _ = try answer(until: deadline)
    }

    /// Ends all use of the session, for a reason that only its owner can see.
    func giveUp() {
        isBroken = true
    }

    /// Whether nothing waits to be read: an idle session hears only of its end.
    static func isQuiet(_ socket: Int32) -> Bool {
        var descriptor = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
        return unsafe poll(&descriptor, 1, 0) == 0
    }

    private func run(
        _ sql: SQL,
        until deadline: Deadline,
        meanwhile: () -> Void
    ) throws(PostgresError) -> Rows {
        try checkUsable()
        let parameters = try BoundParameters(sql.parameters)
        let name = try prepared(sql.text, until: deadline)
        try sent(
            unsafe parameters.withPointers { count, values, lengths, formats in
                unsafe PQsendQueryPrepared(handle.raw, name, count, values, lengths, formats, 0)
            }
        )
        return try answer(until: deadline, meanwhile: meanwhile)
    }

    private func prepared(_ text: String, until deadline: Deadline) throws(PostgresError) -> String
    {
        if let name = statements.name(of: text) { return name }
        guard !text.utf8.contains(0) else { throw BoundParameters.holdsNUL("the statement") }
        try deallocateRetired(until: deadline)
        let name = statements.newName()
        try sent(unsafe PQsendPrepare(handle.raw, name, text, 0, nil))
        _ = try answer(until: deadline)
        statements.insert(text, name: name)
        return name
    }
}

// What the other ways of asking are built from.
extension BlockingConnection {
    var transactionStatus: PGTransactionStatusType {
        unsafe PQtransactionStatus(handle.raw)
    }

    func checkUsable() throws(PostgresError) {
        guard !isBroken else {
            throw PostgresError(
                kind: .connection,
                message: "the connection was given up after an earlier error"
            )
        }
    }

    /// Checks what a `PQsend…` gave back.
    func sent(_ accepted: Int32) throws(PostgresError) {
        guard accepted == 1 else { throw lost() }
    }

    /// Frees what the cache let go, once the session is in a state that allows it.
    func deallocateRetired(until deadline: Deadline) throws(PostgresError) {
        guard !statements.retired.isEmpty, transactionStatus != PQTRANS_INERROR else { return }
        let script = statements.retired.map { "deallocate \($0)" }.joined(separator: ";")
        try sent(unsafe PQsendQuery(handle.raw, script))
        _ = try answer(until: deadline)
        statements.deallocated()
    }

    func forget(_ text: String, after error: PostgresError) {
        // Statements that the server does not know were discarded there, all at once.
        if error.sqlState == "26000" {
            statements.removeAll()
        } else {
            statements.retire(text)
        }
    }

    /// Sends what is buffered, reads all results up to the end of the answer, and gives the last
    /// one, or throws the first error.
    func answer(
        until deadline: Deadline,
        meanwhile: () -> Void = {}
    ) throws(PostgresError) -> Rows {
        notices.clear()
        try flush(until: deadline)
        meanwhile()
        var last: Rows?
        var failure: PostgresError?
        while let result = try nextResult(until: deadline) {
            switch result.status {
            case PGRES_TUPLES_OK, PGRES_COMMAND_OK, PGRES_EMPTY_QUERY:
                last = try rows(of: result)
            default:
                let error = try refusal(result)
                // Behind the last words of a session comes nothing.
                if isBroken { throw error }
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
        try checkReplicated()
        guard let last else { throw lost() }
        return last
    }

    /// Copies a result out.
    ///
    /// One that cannot be copied leaves an answer half read.
    func rows(of result: borrowing ResultHandle) throws(PostgresError) -> Rows {
        do throws(PostgresError) {
            return try result.rows()
        } catch {
            giveUp()
            throw error
        }
    }

    /// The error of a result; throws instead if the session cannot go on after it.
    func refusal(_ result: borrowing ResultHandle) throws(PostgresError) -> PostgresError {
        switch result.status {
        case PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH:
            giveUp()
            throw PostgresError(kind: .protocolViolation, message: "copy is not supported here")
        default:
            // The last words of a session arrive before its socket is seen to be closed.
            let severity = unsafe PostgresError.field("V", of: result.raw)
            let isBad =
                unsafe severity == "FATAL" || severity == "PANIC"
                || PQstatus(handle.raw) == CONNECTION_BAD
            if isBad { giveUp() }
            return unsafe PostgresError(result: result.raw, connectionIsBad: isBad)
        }
    }

    /// A commit whose wait for the standbys was cut short is done here, and perhaps nowhere else.
    func checkReplicated() throws(PostgresError) {
        guard let notice = notices.replicationNotice else { return }
        throw PostgresError(kind: .outcomeUnknown, message: notice)
    }

    func lost() -> PostgresError {
        giveUp()
        return unsafe .connection(handle.raw)
    }
}
