import Entitlements
import Flags
import Postgres

/// Flags as rows: read whole, with the rest of the configuration or by themselves.
enum FlagStatements {
    static let flags: SQL =
        "select flag_id, version, definition, killed_at, changed_at from flag order by flag_id"
    static let shared: SQL = "select evaluators, segments, metadata from flag_shared"
}

extension FlagSet {
    /// Reads the answers of `FlagStatements`; a flag in words of a newer program is missing.
    init(_ flags: Rows, shared: Rows, by reader: inout RowReader) throws {
        var document = try FlagDocument(shared: shared.first)
        var killed: Set<String> = []
        document.flags = reader.read(flags) { row in
            let key = try row.text("flag_id")
            if try row.instantIfPresent("killed_at") != nil { killed.insert(key) }
            return try FlagDefinition(key: key, json: try row.json("definition"))
        }
        self.init(document, killed: killed)
    }
}

extension FlagDocument {
    /// What all flags share, without a flag.
    init(shared row: Row?) throws {
        self.init()
        guard let row else { return }
        let document: JSON = [
            "flags": [:], "$evaluators": try row.json("evaluators"),
            "metadata": try row.json("metadata"), "usher": ["segments": try row.json("segments")],
        ]
        self = try FlagDocument(json: document)
    }
}
