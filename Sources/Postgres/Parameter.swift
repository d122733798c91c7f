/// One bound value of a statement, as it travels.
///
/// Types are left to the server, which takes them from where the value stands; a value that
/// stands alone needs a cast (`\(amount)::bigint`).
package enum Parameter: Sendable, Equatable {
    case null
    /// In Postgres's text form.
    case text(String)
    /// The raw bytes of a `bytea`.
    case bytes([UInt8])
    /// A `timestamptz`, in microseconds since 1970.
    case timestamp(Int64)
}

/// What can be bound as a value: `"… where id = \(id)"`.
package protocol PostgresParameter {
    var postgresParameter: Parameter { get }
}

extension Parameter: PostgresParameter {
    package var postgresParameter: Parameter { self }
}

extension String: PostgresParameter {
    package var postgresParameter: Parameter { .text(self) }
}

extension Int: PostgresParameter {
    package var postgresParameter: Parameter { .text(String(self)) }
}

extension Int64: PostgresParameter {
    package var postgresParameter: Parameter { .text(String(self)) }
}

extension Bool: PostgresParameter {
    package var postgresParameter: Parameter { .text(self ? "t" : "f") }
}

extension Double: PostgresParameter {
    package var postgresParameter: Parameter { .text(String(self)) }
}

extension Optional: PostgresParameter where Wrapped: PostgresParameter {
    package var postgresParameter: Parameter { self?.postgresParameter ?? .null }
}
