import CLibPQ

extension PostgresError {
    /// The error that a result carries; `connectionIsBad` says that it was the connection's last.
    init(result: OpaquePointer, connectionIsBad: Bool) {
        let field = { (code: Character) in unsafe Self.field(code, of: result) }
        let sqlState = field("C")
        let kind: Kind =
            if connectionIsBad {
                .connection
            } else if sqlState == "57014" {
                .timeout
            } else {
                .server
            }
        let whole = unsafe Self.trimmed(PQresultErrorMessage(result))
        self.init(
            kind: kind,
            sqlState: sqlState,
            message: field("M") ?? whole,
            detail: field("D"),
            hint: field("H"),
            constraint: field("n"),
            table: field("t"),
            column: field("c"),
            // 0A000 has many causes; the function that raised it is the same in every language.
            isStaleStatement: sqlState == "26000" || field("R") == "RevalidateCachedQuery"
        )
    }

    /// The error that a connection itself reports: it could not be opened, or broke.
    static func connection(_ connection: OpaquePointer?) -> PostgresError {
        let message = unsafe trimmed(PQerrorMessage(connection))
        return PostgresError(
            kind: .connection,
            message: message.isEmpty ? "the connection to Postgres was lost" : message
        )
    }

    /// One field of an error or notice, by its protocol letter (`PG_DIAG_…`).
    static func field(_ code: Character, of result: OpaquePointer) -> String? {
        let value = unsafe PQresultErrorField(result, Int32(code.asciiValue ?? 0))
        return unsafe value.map { unsafe String(cString: $0) }
    }

    private static func trimmed(_ message: UnsafePointer<CChar>?) -> String {
        let text = unsafe message.map { unsafe String(cString: $0) } ?? ""
        return text.split(whereSeparator: \.isNewline)
            .map { $0.drop { $0.isWhitespace } }
            .joined(separator: "; ")
    }
}
