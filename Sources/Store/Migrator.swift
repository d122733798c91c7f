import Crypto
import Foundation
import Limits
package import Logging
package import Postgres

/// Brings a database to the schema that this program needs, one file a transaction, forward only.
///
/// Each landed file is recorded with its SHA-256. A landed file that was edited, a database that is
/// newer than the program, and a gap in the numbers are refused before anything is done. Two
/// migrators at once are harmless: the second waits for the first and finds nothing left to do.
package struct Migrator: Sendable {
    /// One `NNNN_verb_noun.sql`.
    package struct File: Sendable, Equatable {
        package let version: Int
        package let name: String
        package let sql: String
        let digest: [UInt8]
    }

    /// Why a database cannot be used as it is; the text says what to do.
    package struct Refusal: Error, CustomStringConvertible, Equatable {
        package let description: String
    }

    package let files: [File]

    /// Reads every migration of a directory.
    package init(directory: String) throws {
        let url = URL(fileURLWithPath: directory, isDirectory: true)
        guard let names = try? FileManager.default.contentsOfDirectory(atPath: url.path) else {
            throw Refusal(
                description:
                    "no migrations at \(url.path): set USHER_MIGRATIONS_DIR to the folder of .sql files"
            )
        }
        files = try names.filter { $0.hasSuffix(".sql") }.sorted()
            .map { name in
                guard let version = Int(name.prefix(4)), name.dropFirst(4).first == "_" else {
                    throw Refusal(description: "\(name): a migration is named NNNN_verb_noun.sql")
                }
                let sql = try String(contentsOf: url.appendingPathComponent(name), encoding: .utf8)
                return File(
                    version: version,
                    name: name,
                    sql: sql,
                    digest: Array(SHA256.hash(data: Data(sql.utf8)))
                )
            }
        for (index, file) in files.enumerated() where file.version != index + 1 {
            throw Refusal(
                description: "\(file.name): expected number \(index + 1), migrations have no gaps"
            )
        }
    }

    /// Applies what is missing and tells what it applied.
    @discardableResult
    package func migrate(_ settings: ConnectionSettings, logger: Logger) async throws -> [String] {
        // Nothing else waits behind this connection, and a migration may take its time.
        var patient = settings
        patient.statementTimeout = .seconds(3_600)
        patient.lockTimeout = .seconds(60)
        let connection = try await Connection(patient)
        // Held by the session, not by a transaction: each file commits by itself.
        _ = try await connection.query("select pg_advisory_lock(\(Self.lockKey)::int8)")
        let pending = try await pending(connection)
        for file in pending {
            logger.info("migrating", metadata: ["migration": "\(file.name)"])
            try await apply(file, on: connection)
        }
        _ = try await connection.query("select pg_advisory_unlock(\(Self.lockKey)::int8)")
        return pending.map(\.name)
    }

    /// Any number will do, as long as no other program on the database uses it: "usher" in ASCII.
    private static let lockKey: Int64 = 0x75_7368_6572

    private func pending(_ connection: Connection) async throws -> [File] {
        try await createLedger(connection)
        let landed = try await connection.query(
            "select version, name, digest from migration order by version"
        )
        for row in landed { try check(row) }
        return Array(files.dropFirst(landed.count))
    }

    /// Asks first, so that a role that may not create anything can serve a migrated database.
    private func createLedger(_ connection: Connection) async throws {
        let known = try await connection.query(
            "select to_regclass('migration') is not null as known"
        )
        guard try known.first?.bool("known") != true else { return }
        try await connection.execute(
            script: """
                create table if not exists migration (
                    version int primary key,
                    name text not null,
                    digest bytea not null,
                    applied_at timestamptz not null default clock_timestamp()
                )
                """
        )
    }

    /// Refuses a landed migration that this program has in another form, or not at all.
    private func check(_ landed: Row) throws {
        let version = Int(try landed.int64("version"))
        let name = try landed.text("name")
        guard version <= files.count else {
            throw Refusal(
                description: """
                    the database is newer than this program: it has migration \(name), the \
                    newest known here is \(files.last?.name ?? "none"). Run a newer usher
                    """
            )
        }
        guard try files[version - 1].digest == landed.bytes("digest") else {
            throw Refusal(
                description: """
                    migration \(name) was edited after it was applied. Restore the file, and \
                    put the change into a new migration
                    """
            )
        }
    }

    private func apply(_ file: File, on connection: Connection) async throws {
        try await connection.execute(script: "begin")
        do {
            try await connection.execute(script: file.sql)
            _ = try await connection.query(
                """
                insert into migration (version, name, digest)
                values (\(file.version), \(file.name), \(file.digest))
                """
            )
            try await connection.execute(script: "commit")
        } catch {
            try? await connection.execute(script: "rollback")
            throw error
        }
    }
}
