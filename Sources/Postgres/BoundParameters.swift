/// The parameters of one statement, laid out as libpq reads them: one buffer, pointers into it.
struct BoundParameters {
    private static let postgresEpoch: Int64 = 946_684_800_000_000  // 2000-01-01, in µs since 1970

    private var buffer: [UInt8] = []
    private var starts: [Int?] = []
    private var lengths: [Int32] = []
    private var formats: [Int32] = []

    init(_ parameters: [Parameter]) throws(PostgresError) {
        for (index, parameter) in parameters.enumerated() {
            switch parameter {
            case .null:
                append(nil, binary: false)
            case .text(let text):
                // libpq takes text up to the first NUL, which would bind another value.
                guard !text.utf8.contains(0) else { throw Self.holdsNUL("parameter $\(index + 1)") }
                append(text.utf8, binary: false)
                buffer.append(0)
            case .bytes(let bytes):
                append(bytes, binary: true)
            case .timestamp(let microseconds):
                append(Self.binaryTimestamp(microseconds), binary: true)
            }
        }
    }

    /// Lends the four arrays that `PQsend…` takes; they are valid for the call only.
    func withPointers<Value>(
        _ body: (
            Int32, UnsafePointer<UnsafePointer<CChar>?>?, UnsafePointer<Int32>?,
            UnsafePointer<Int32>?
        ) -> Value
    ) -> Value {
        unsafe buffer.withUnsafeBytes { bytes in
            // An empty buffer has no address, and a value without one would be read as null.
            let base =
                unsafe bytes.baseAddress ?? UnsafeRawPointer(bitPattern: 1).unsafelyUnwrapped
            let values = unsafe starts.map { start in
                unsafe start.map { unsafe (base + $0).assumingMemoryBound(to: CChar.self) }
            }
            return unsafe values.withUnsafeBufferPointer { values in
                unsafe lengths.withUnsafeBufferPointer { lengths in
                    unsafe formats.withUnsafeBufferPointer { formats in
                        unsafe body(
                            Int32(starts.count),
                            values.baseAddress,
                            lengths.baseAddress,
                            formats.baseAddress
                        )
                    }
                }
            }
        }
    }

    /// Refused by Postgres in any text, with this SQLSTATE.
    static func holdsNUL(_ what: String) -> PostgresError {
        PostgresError(
            kind: .server,
            sqlState: "22021",
            message: "\(what) contains the character U+0000, which Postgres cannot store in text",
            hint: "Leave the character out, or bind bytes to a bytea."
        )
    }

    private mutating func append(_ bytes: (some Collection<UInt8>)?, binary: Bool) {
        starts.append(bytes == nil ? nil : buffer.count)
        lengths.append(Int32(bytes?.count ?? 0))
        formats.append(binary ? 1 : 0)
        if let bytes { buffer.append(contentsOf: bytes) }
    }

    private mutating func append(_ nothing: Never?, binary: Bool) {
        append([UInt8]?.none, binary: binary)
    }

    /// Microseconds since 2000, big-endian.
    ///
    /// The two extreme values would mean ±infinity, so what does not fit becomes the neighbour of
    /// the extreme, which the server refuses as out of range.
    private static func binaryTimestamp(_ microseconds: Int64) -> [UInt8] {
        let (value, overflow) = microseconds.subtractingReportingOverflow(postgresEpoch)
        let pattern = UInt64(bitPattern: overflow ? .min + 1 : value)
        return (0..<8).map { UInt8(truncatingIfNeeded: pattern >> (56 - 8 * $0)) }
    }
}
