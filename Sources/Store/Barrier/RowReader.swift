import Postgres

/// Reads rows one by one, so that a row that cannot be read is missing instead of failing all.
///
/// The tables refuse what this program cannot read; a newer program's words, written while both
/// run, pass them. What such a row would have opened stays closed.
struct RowReader {
    private(set) var unreadable = 0

    /// Counts rows that were found unreadable before, and are not read again.
    mutating func skip(_ rows: Int) { unreadable += rows }

    mutating func read<Value>(_ rows: Rows, _ read: (Row) throws -> Value) -> [Value] {
        rows.compactMap { row in
            do {
                return try read(row)
            } catch {
                unreadable += 1
                return nil
            }
        }
    }
}
