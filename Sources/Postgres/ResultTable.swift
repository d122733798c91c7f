import CLibPQ

/// A result copied out of libpq: all values in one buffer, so a row costs no allocation.
final class ResultTable: Sendable {
    /// Where a value lies in the buffer; `length` below zero is null.
    struct Span {
        let start: UInt32
        let length: Int32
    }

    let columns: [String]
    let rowCount: Int
    private let spans: [Span]
    private let bytes: [UInt8]

    init(_ result: OpaquePointer) throws(PostgresError) {
        let columnCount = unsafe PQnfields(result)
        let rowCount = unsafe PQntuples(result)
        columns = (0..<columnCount).map { unsafe String(cString: PQfname(result, $0)) }
        self.rowCount = Int(rowCount)
        var total: UInt64 = 0
        var spans: [Span] = []
        spans.reserveCapacity(Int(columnCount) * Int(rowCount))
        for row in 0..<rowCount {
            for column in 0..<columnCount {
                let isNull = unsafe PQgetisnull(result, row, column) == 1
                let length = isNull ? -1 : unsafe PQgetlength(result, row, column)
                spans.append(Span(start: UInt32(truncatingIfNeeded: total), length: length))
                total += UInt64(max(length, 0))
            }
        }
        guard total < UInt64(UInt32.max) else {
            throw PostgresError(
                kind: .protocolViolation,
                message: "the result is larger than 4 GiB; ask for fewer rows at a time"
            )
        }
        self.spans = spans
        bytes = unsafe Self.copy(result, spans: spans, columnCount: columnCount, total: Int(total))
    }

    /// The bytes of one value, nil if it is null.
    func value(row: Int, column: Int) -> ArraySlice<UInt8>? {
        let span = spans[row * columns.count + column]
        guard span.length >= 0 else { return nil }
        let start = Int(span.start)
        return bytes[start..<start + Int(span.length)]
    }

    private static func copy(
        _ result: OpaquePointer,
        spans: [Span],
        columnCount: Int32,
        total: Int
    ) -> [UInt8] {
        unsafe [UInt8](unsafeUninitializedCapacity: total) { buffer, count in
            let target = UnsafeMutableRawBufferPointer(buffer)
            for (index, span) in spans.enumerated() where span.length > 0 {
                let (row, column) = Int32(index).quotientAndRemainder(dividingBy: columnCount)
                let source = unsafe UnsafeRawBufferPointer(
                    start: PQgetvalue(result, row, column),
                    count: Int(span.length)
                )
                let range = Int(span.start)..<Int(span.start) + Int(span.length)
                unsafe UnsafeMutableRawBufferPointer(rebasing: target[range])
                    .copyMemory(from: source)
            }
            count = total
        }
    }
}
