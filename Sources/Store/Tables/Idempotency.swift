package import Entitlements
package import Postgres

/// A request that its sender may send again.
package struct IdempotencyClaim: Sendable, Equatable {
    package let caller: String
    package let operation: String
    package let key: String
    /// SHA-256 of what was asked; another request under the same key is refused.
    package let fingerprint: [UInt8]

    package init(caller: String, operation: String, key: String, fingerprint: [UInt8]) {
        self.caller = caller
        self.operation = operation
        self.key = key
        self.fingerprint = fingerprint
    }
}

/// An answer as it was given the first time.
package struct StoredAnswer: Sendable, Equatable {
    package let status: Int
    package let body: JSON

    package init(status: Int, body: JSON) {
        self.status = status
        self.body = body
    }
}

/// A claim that cannot be honoured.
package enum IdempotencyRefusal: Error, Sendable, Equatable {
    /// The same key came with another request.
    case reused
    /// The first request under this key has not ended.
    case inFlight
}

extension Store {
    /// Runs the body once for a claim, however often it arrives: effect and answer are committed
    /// together, and a repetition gets the first answer.
    package func once(
        _ claim: IdempotencyClaim,
        on connection: Connection,
        _ body: () async throws -> StoredAnswer
    ) async throws -> StoredAnswer {
        let lock = "\(claim.caller)\n\(claim.operation)\n\(claim.key)"
        let locked = try await connection.query(
            "select pg_try_advisory_xact_lock(hashtextextended(\(lock), 0)) as locked"
        )
        guard try locked.first?.bool("locked") == true else { throw IdempotencyRefusal.inFlight }
        if let answer = try await stored(claim, on: connection) { return answer }
        let answer = try await body()
        _ = try await connection.query(
            """
            insert into idempotency (caller, operation, key, fingerprint, status, answer)
            values (\(claim.caller), \(claim.operation), \(claim.key), \(claim.fingerprint),
                \(answer.status), \(json: answer.body))
            """
        )
        return answer
    }

    /// Forgets answers older than a day, which is how long a key may be used again.
    package func pruneIdempotency() async throws -> Int {
        try await pool.query(
            "delete from idempotency where created_at < clock_timestamp() - interval '1 day'"
        )
        .affected
    }

    private func stored(
        _ claim: IdempotencyClaim,
        on connection: Connection
    ) async throws -> StoredAnswer? {
        let rows = try await connection.query(
            """
            select fingerprint, status, answer
              from idempotency
             where caller = \(claim.caller) and operation = \(claim.operation)
               and key = \(claim.key)
            """
        )
        guard let row = rows.first else { return nil }
        guard try row.bytes("fingerprint") == claim.fingerprint else {
            throw IdempotencyRefusal.reused
        }
        return StoredAnswer(status: Int(try row.int64("status")), body: try row.json("answer"))
    }
}
