import CLibPQ

/// Sole owner of one `PGconn`; the connection closes when it goes out of scope.
@safe struct ConnectionHandle: ~Copyable {
    let raw: OpaquePointer

    /// Connects, blocking for at most the connect timeout of each host.
    init(_ settings: ConnectionSettings) throws(PostgresError) {
        let keywords = try settings.keywords()
        let opened = unsafe Self.withCStrings(keywords.map(\.keyword)) { names in
            unsafe Self.withCStrings(keywords.map(\.value)) { values in
                unsafe PQconnectdbParams(names, values, 1)
            }
        }
        guard let raw = unsafe opened else {
            throw PostgresError(kind: .connection, message: "libpq is out of memory")
        }
        // Non-blocking, so that sending is bound by a deadline as well.
        guard unsafe PQstatus(raw) == CONNECTION_OK, unsafe PQsetnonblocking(raw, 1) == 0 else {
            let error = unsafe PostgresError.connection(raw)
            unsafe PQfinish(raw)
            throw error
        }
        unsafe self.raw = raw
    }

    deinit {
        unsafe PQfinish(raw)
    }

    /// Lends a null-terminated list of C strings.
    private static func withCStrings<Value>(
        _ strings: [String],
        _ body: (UnsafePointer<UnsafePointer<CChar>?>) -> Value
    ) -> Value {
        let buffer = strings.flatMap { Array($0.utf8CString) }
        let starts = strings.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.utf8.count + 1) }
        return unsafe buffer.withUnsafeBufferPointer { buffer in
            var pointers = unsafe starts.dropLast()
                .map { start in
                    unsafe buffer.baseAddress.map { unsafe $0 + start }
                }
            unsafe pointers.append(nil)
            return unsafe pointers.withUnsafeBufferPointer { list in
                unsafe body(list.baseAddress.unsafelyUnwrapped)
            }
        }
    }
}

/// Sole owner of one `PGresult`.
@safe struct ResultHandle: ~Copyable {
    let raw: OpaquePointer

    init(_ raw: OpaquePointer) {
        unsafe self.raw = raw
    }

    deinit {
        unsafe PQclear(raw)
    }

    var status: ExecStatusType { unsafe PQresultStatus(raw) }

    /// Copies rows, count and command out.
    func rows() throws(PostgresError) -> Rows {
        let tuples = unsafe PQcmdTuples(raw).map { unsafe String(cString: $0) } ?? ""
        let command = unsafe PQcmdStatus(raw).map { unsafe String(cString: $0) } ?? ""
        return Rows(
            table: try unsafe ResultTable(raw),
            affected: Int(tuples) ?? 0,
            command: command
        )
    }
}
