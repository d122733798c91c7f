import Crypto
import Flags
import Foundation
import Postgres

/// Flags as they were compiled last, for as long as their rows are the same.
///
/// Each change of the configuration has all of it read again, and most are of keys and plans:
/// compiling a thousand flags takes 20 ms, which every waiting check would pay.
struct CompiledFlags {
    private struct Known {
        let digest: SHA256.Digest
        let set: FlagSet
        let unreadable: Int
    }

    private var known: Known?

    /// The flags of the rows that `FlagStatements` ask for.
    mutating func set(
        _ flags: Rows,
        shared: Rows,
        by reader: inout RowReader
    ) throws -> FlagSet {
        let digest = try Self.digest(flags, shared)
        if let known, known.digest == digest {
            reader.skip(known.unreadable)
            return known.set
        }
        let before = reader.unreadable
        let set = try FlagSet(flags, shared: shared, by: &reader)
        known = Known(digest: digest, set: set, unreadable: reader.unreadable - before)
        return set
    }

    /// Of all that a set is made of.
    private static func digest(_ flags: Rows, _ shared: Rows) throws -> SHA256.Digest {
        var hash = SHA256()
        func take(_ row: Row, _ columns: [String]) throws {
            for column in columns {
                // No text has a NUL, so none runs into the next.
                hash.update(data: Array((try row.textIfPresent(column) ?? "").utf8) + [0])
            }
        }
        for row in flags { try take(row, ["flag_id", "definition", "killed_at"]) }
        for row in shared { try take(row, ["evaluators", "segments", "metadata"]) }
        return hash.finalize()
    }
}
