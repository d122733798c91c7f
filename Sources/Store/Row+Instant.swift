package import Entitlements
package import Postgres

extension Row {
    /// A `timestamptz` that is not null.
    package func instant(_ column: String) throws(PostgresError) -> Instant {
        Instant(microseconds: try microseconds(column))
    }

    package func instantIfPresent(_ column: String) throws(PostgresError) -> Instant? {
        try microsecondsIfPresent(column).map(Instant.init(microseconds:))
    }

    /// A `jsonb` column, parsed.
    package func json(_ column: String) throws -> JSON {
        try JSON(parsing: Array(text(column).utf8))
    }

    package func jsonIfPresent(_ column: String) throws -> JSON? {
        try textIfPresent(column).map { try JSON(parsing: Array($0.utf8)) }
    }
}

extension SQL.StringInterpolation {
    /// Binds an instant as `timestamptz`.
    package mutating func appendInterpolation(instant: Instant?) {
        appendInterpolation(timestamp: instant?.microseconds)
    }

    /// Binds a JSON value as `jsonb`.
    package mutating func appendInterpolation(json: JSON?) {
        appendInterpolation(nullable: json?.description)
        appendLiteral("::jsonb")
    }
}
