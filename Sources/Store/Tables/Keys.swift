package import Entitlements
package import Postgres

/// An API key as management calls show it; the key itself is shown once, when it is made.
package struct KeyRecord: Sendable, Equatable {
    package let id: String
    package let name: String
    package let scopes: [Scope]
    package let createdAt: Instant
    package let expiresAt: Instant?
    package let revokedAt: Instant?
}

extension Store {
    /// Keys by id, which is the order in which they were made, from the one after `cursor`.
    package func keys(after cursor: String?, size: Int) async throws -> Page<KeyRecord> {
        let rows = try await pool.query(
            """
            select \(raw: Self.keyColumns)
              from api_key
             where key_id > \(cursor ?? "")
             order by key_id
             limit \(size + 1)
            """
        )
        return Page(rows: try rows.map(KeyRecord.init), size: size) { $0.id }
    }

    package func insert(
        key id: String,
        name: String,
        scopes: [Scope],
        digest: KeyDigest,
        expiresAt: Instant?,
        on connection: Connection
    ) async throws -> KeyRecord {
        let rows = try await connection.query(
            """
            insert into api_key (key_id, name, hash, scopes, expires_at)
            values (\(id), \(name), \(digest.bytes), \(scopes.map(\.rawValue)),
                \(instant: expiresAt))
            returning \(raw: Self.keyColumns)
            """
        )
        guard let row = rows.first else { throw StoreProblem.vanished }
        return try KeyRecord(row)
    }

    /// One key, locked to the end of the transaction.
    package func lock(key id: String, on connection: Connection) async throws -> KeyRecord? {
        try await connection.query(
            "select \(raw: Self.keyColumns) from api_key where key_id = \(id) for update"
        )
        .first.map(KeyRecord.init)
    }

    package func revoke(key id: String, on connection: Connection) async throws -> KeyRecord? {
        try await connection.query(
            """
            update api_key
               set revoked_at = coalesce(revoked_at, clock_timestamp())
             where key_id = \(id)
            returning \(raw: Self.keyColumns)
            """
        )
        .first.map(KeyRecord.init)
    }

    private static let keyColumns = "key_id, name, scopes, created_at, expires_at, revoked_at"
}

extension KeyRecord {
    fileprivate init(_ row: Row) throws {
        id = try row.text("key_id")
        name = try row.text("name")
        scopes = try row.textArray("scopes").compactMap(Scope.init(rawValue:))
        createdAt = try row.instant("created_at")
        expiresAt = try row.instantIfPresent("expires_at")
        revokedAt = try row.instantIfPresent("revoked_at")
    }
}
