import CLibPQ
import Limits

extension ConnectionSettings {
    /// The keywords for `PQconnectdbParams`.
    ///
    /// Those before `dbname` are defaults, which the URL may override; those after it override the
    /// URL.
    func keywords() throws(PostgresError) -> [(keyword: String, value: String)] {
        let given = try parsedURL()
        var keywords: [(keyword: String, value: String)] = [
            ("application_name", applicationName),
            ("connect_timeout", String(max(2, connectTimeout.components.seconds))),
            ("tcp_user_timeout", String(Limits.tcpUser.wholeMilliseconds)),
        ]
        if namesSeveralHosts(given) {
            keywords.append(("target_session_attrs", "read-write"))
        }
        keywords.append(("dbname", url))
        keywords.append(("client_encoding", "UTF8"))
        keywords.append(("options", serverOptions(given["options"])))
        return keywords
    }

    /// Ours, then the URL's, then what decoding relies on: the last one wins.
    private func serverOptions(_ given: String?) -> String {
        let bounds = [
            ("statement_timeout", String(statementTimeout.wholeMilliseconds)),
            ("lock_timeout", String(lockTimeout.wholeMilliseconds)),
            (
                "idle_in_transaction_session_timeout",
                String(idleInTransactionTimeout.wholeMilliseconds)
            ),
        ]
        let further = options.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
        let fixed = [("TimeZone", "UTC"), ("DateStyle", "ISO"), ("bytea_output", "hex")]
        let parts = [bounds + further, fixed]
            .map { settings in
                settings.map { "-c \($0)=\(Self.escaped($1))" }.joined(separator: " ")
            }
        return [parts[0], given ?? "", parts[1]].joined(separator: " ")
    }

    private func namesSeveralHosts(_ given: [String: String]) -> Bool {
        ["host", "hostaddr", "port"].contains { given[$0]?.contains(",") ?? false }
    }

    private func parsedURL() throws(PostgresError) -> [String: String] {
        var problem: UnsafeMutablePointer<CChar>? = nil
        guard let list = unsafe PQconninfoParse(url, &problem) else {
            let message = unsafe problem.map { unsafe String(cString: $0) } ?? "out of memory"
            unsafe PQfreemem(problem)
            throw PostgresError(
                kind: .connection,
                message: "the database URL cannot be read: \(message)",
                hint: "Write it as postgresql://user@host:5432/database."
            )
        }
        defer { unsafe PQconninfoFree(list) }
        var given: [String: String] = [:]
        var option = unsafe list
        while let keyword = unsafe option.pointee.keyword {
            if let value = unsafe option.pointee.val {
                unsafe given[String(cString: keyword)] = unsafe String(cString: value)
            }
            unsafe option += 1
        }
        return given
    }

    /// The server splits `options` at spaces.
    private static func escaped(_ value: String) -> String {
        value.map { $0 == " " || $0 == "\\" ? "\\\($0)" : String($0) }.joined()
    }
}

extension Duration {
    /// The duration in milliseconds, rounded up, so that a short bound never becomes none.
    var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        return seconds * 1_000 + (attoseconds + 999_999_999_999_999) / 1_000_000_000_000_000
    }
}
