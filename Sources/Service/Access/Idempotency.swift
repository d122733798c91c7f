import Crypto
package import Entitlements
package import Postgres
package import Store

extension UsherService {
    /// Carries a call out once, however often it arrives under the same key; without a key, each
    /// time.
    ///
    /// Effect and answer are committed together.
    package func once(
        key: String?,
        operation: String,
        request: JSON,
        as author: Author,
        _ body: @escaping @Sendable (Connection) async throws -> StoredAnswer
    ) async throws -> StoredAnswer {
        try await store.write(as: author) { connection in
            guard let key else { return try await body(connection) }
            let claim = IdempotencyClaim(
                caller: author.actor,
                operation: operation,
                key: key,
                fingerprint: Array(SHA256.hash(data: Array(request.description.utf8)))
            )
            return try await store.once(claim, on: connection) { try await body(connection) }
        }
    }
}
