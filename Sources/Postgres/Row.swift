/// One row of a result.
///
/// Columns are found by name, or faster by position from zero.
///
/// Each accessor states what the column must hold; anything else, null included, is an error of
/// kind `decoding` that names the column. The `…IfPresent` ones give nil for null.
package struct Row: Sendable {
    private let table: ResultTable
    private let index: Int

    init(table: ResultTable, index: Int) {
        self.table = table
        self.index = index
    }

    /// How many columns there are.
    package var width: Int { table.columns.count }

    /// The value's text form as bytes, nil for null.
    package func raw(_ column: some ColumnKey) throws(PostgresError) -> ArraySlice<UInt8>? {
        guard let position = column.position(in: table.columns) else {
            let known = table.columns.joined(separator: ", ")
            throw PostgresError(
                kind: .decoding,
                message: "the result has no column \(column); it has: \(known)"
            )
        }
        return table.value(row: index, column: position)
    }

    /// Reads a value by `decode`, which gives nil for what it cannot read; nil for null.
    func decodeIfPresent<Value>(
        _ column: some ColumnKey,
        as type: String,
        _ decode: (ArraySlice<UInt8>) -> Value?
    ) throws(PostgresError) -> Value? {
        guard let bytes = try raw(column) else { return nil }
        guard let value = decode(bytes) else {
            let shown = String(decoding: bytes.prefix(64), as: UTF8.self)
            throw PostgresError(
                kind: .decoding,
                message: "column \(column) holds “\(shown)”, which is no \(type)"
            )
        }
        return value
    }

    func decode<Value>(
        _ column: some ColumnKey,
        as type: String,
        _ decode: (ArraySlice<UInt8>) -> Value?
    ) throws(PostgresError) -> Value {
        guard let value = try decodeIfPresent(column, as: type, decode) else {
            throw PostgresError(
                kind: .decoding,
                message: "column \(column) is null, where a \(type) was expected"
            )
        }
        return value
    }
}

/// A column by name (`String`) or by position from zero (`Int`).
package protocol ColumnKey: Sendable, CustomStringConvertible {
    func position(in columns: [String]) -> Int?
}

extension Int: ColumnKey {
    package func position(in columns: [String]) -> Int? {
        columns.indices.contains(self) ? self : nil
    }
}

extension String: ColumnKey {
    /// A linear search: results have few columns, and a dictionary a result would cost more.
    package func position(in columns: [String]) -> Int? {
        columns.firstIndex(of: self)
    }
}
