package import Entitlements
package import Flags
package import Postgres

/// A flag as it is stored.
package struct FlagRecord: Sendable, Equatable {
    package let key: String
    package let version: Int
    /// In flagd's format, with Usher's own section.
    package let definition: JSON
    package let killedAt: Instant?
    package let changedAt: Instant
}

/// A definition that a flag had, or has.
package struct FlagVersion: Sendable, Equatable {
    package let key: String
    package let version: Int
    /// Nil where the flag was deleted.
    package let definition: JSON?
    package let author: String
    package let reason: String?
    package let at: Instant
}

extension Store {
    /// Keeps two changes of flags from being checked against each other's past, to the end of the
    /// transaction.
    package func lockFlags(on connection: Connection) async throws {
        _ = try await connection.query(
            "select pg_advisory_xact_lock(hashtextextended('usher flags', 0))"
        )
    }

    /// All flags as the transaction sees them; those that cannot be read are missing.
    package func flags(on connection: Connection) async throws -> FlagSet {
        let answers = try await connection.pipeline([
            FlagStatements.flags, FlagStatements.shared,
        ])
        var reader = RowReader()
        return try FlagSet(answers[0], shared: answers[1], by: &reader)
    }

    /// Flags by key, from the one after `cursor`.
    package func flags(after cursor: String?, size: Int) async throws -> Page<FlagRecord> {
        let rows = try await pool.query(
            """
            select \(raw: Self.flagColumns)
              from flag
             where flag_id > \(cursor ?? "")
             order by flag_id
             limit \(size + 1)
            """
        )
        return Page(rows: try rows.map(FlagRecord.init), size: size) { $0.key }
    }

    package func flag(_ key: String) async throws -> FlagRecord? {
        try await pool.withConnection { try await flag(key, on: $0) }
    }

    package func flag(_ key: String, on connection: Connection) async throws -> FlagRecord? {
        try await connection.query(
            "select \(raw: Self.flagColumns) from flag where flag_id = \(key)"
        )
        .first.map(FlagRecord.init)
    }

    /// Writes a definition; the table numbers it, and keeps it as a version.
    package func put(
        flag key: String,
        _ definition: JSON,
        on connection: Connection
    ) async throws -> FlagRecord {
        let rows = try await connection.query(
            """
            insert into flag (flag_id, definition)
            values (\(key), \(definition.description)::jsonb)
            on conflict (flag_id) do update
               set definition = excluded.definition
            returning \(raw: Self.flagColumns)
            """
        )
        guard let row = rows.first else { throw StoreProblem.vanished }
        return try FlagRecord(row)
    }

    /// - Returns: Whether there was one.
    package func delete(flag key: String, on connection: Connection) async throws -> Bool {
        let rows = try await connection.query(
            "delete from flag where flag_id = \(key) returning 1"
        )
        return rows.first != nil
    }

    /// Switches a flag off for everybody, or gives it back to its definition; nil where there is
    /// none.
    package func setKilled(
        flag key: String,
        _ isKilled: Bool,
        on connection: Connection
    ) async throws -> FlagRecord? {
        try await connection.query(
            """
            update flag
               set killed_at = case when \(isKilled) then coalesce(killed_at, clock_timestamp()) end
             where flag_id = \(key)
            returning \(raw: Self.flagColumns)
            """
        )
        .first.map(FlagRecord.init)
    }

    /// What all flags share.
    package func put(shared document: FlagDocument, on connection: Connection) async throws {
        _ = try await connection.query(
            """
            update flag_shared
               set evaluators = \(JSON.object(document.evaluators).description)::jsonb,
                   segments = \(JSON.object(document.segments.mapValues(\.json)).description)::jsonb,
                   metadata = \(JSON.object(document.metadata).description)::jsonb
            """
        )
    }

    /// The versions of a flag, the newest first, from the one before `cursor`; also of one that is
    /// gone.
    package func versions(
        ofFlag key: String,
        before cursor: Int64?,
        size: Int
    ) async throws -> Page<FlagVersion> {
        let rows = try await pool.query(
            """
            select flag_id, version, definition, author, reason, at
              from flag_version
             where flag_id = \(key) and version < \(cursor ?? Int64(Int32.max))
             order by version desc
             limit \(size + 1)
            """
        )
        return Page(rows: try rows.map(FlagVersion.init), size: size) { "\($0.version)" }
    }

    package func version(
        _ version: Int,
        ofFlag key: String,
        on connection: Connection
    ) async throws -> FlagVersion? {
        try await connection.query(
            """
            select flag_id, version, definition, author, reason, at
              from flag_version
             where flag_id = \(key) and version = \(version)
            """
        )
        .first.map(FlagVersion.init)
    }

    private static let flagColumns = "flag_id, version, definition, killed_at, changed_at"
}

extension FlagRecord {
    fileprivate init(_ row: Row) throws {
        key = try row.text("flag_id")
        version = Int(try row.int64("version"))
        definition = try row.json("definition")
        killedAt = try row.instantIfPresent("killed_at")
        changedAt = try row.instant("changed_at")
    }
}

extension FlagVersion {
    fileprivate init(_ row: Row) throws {
        key = try row.text("flag_id")
        version = Int(try row.int64("version"))
        definition = try row.jsonIfPresent("definition")
        author = try row.text("author")
        reason = try row.textIfPresent("reason")
        at = try row.instant("at")
    }
}
