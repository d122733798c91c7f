/// What a statement returned: its rows, and how many rows it touched.
package struct Rows: Sendable, RandomAccessCollection {
    /// Rows inserted, updated, deleted or selected, as the server counted them.
    package let affected: Int
    /// The server's word for what it did, such as `INSERT 0 1`.
    let command: String
    private let table: ResultTable

    init(table: ResultTable, affected: Int, command: String) {
        self.table = table
        self.affected = affected
        self.command = command
    }

    package var columns: [String] { table.columns }
    package var startIndex: Int { 0 }
    package var endIndex: Int { table.rowCount }

    package subscript(position: Int) -> Row {
        precondition(indices.contains(position), "row \(position) of \(count)")
        return Row(table: table, index: position)
    }
}
