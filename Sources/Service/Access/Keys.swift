package import Entitlements
import Postgres
package import Store

/// A key that was just made: the only time that its secret is shown.
package struct NewKey: Sendable {
    package let record: KeyRecord
    package let secret: String
}

extension UsherService {
    package func createKey(
        name: String,
        scopes: [Scope],
        expiresAt: Instant?,
        as author: Author
    ) async throws -> NewKey {
        try await store.write(as: author) { connection in
            try await make(name: name, scopes: scopes, expiresAt: expiresAt, on: connection)
        }
    }

    /// Replaces a key by one with the same name, scopes and expiry; the old one is revoked in the
    /// same transaction.
    package func rotateKey(_ id: String, as author: Author) async throws -> NewKey {
        try await store.write(as: author) { connection in
            guard let old = try await store.lock(key: id, on: connection) else {
                throw Refusal.unknownKey(id)
            }
            guard old.revokedAt == nil else {
                throw Refusal(
                    .conflict,
                    "API key \(id) is revoked",
                    field: "key",
                    remedy: "make a new one with POST /v1/keys"
                )
            }
            _ = try await store.revoke(key: id, on: connection)
            return try await make(
                name: old.name,
                scopes: old.scopes,
                expiresAt: old.expiresAt,
                on: connection
            )
        }
    }

    package func revokeKey(_ id: String, as author: Author) async throws {
        try await store.write(as: author) { connection in
            guard try await store.revoke(key: id, on: connection) != nil else {
                throw Refusal.unknownKey(id)
            }
        }
    }
}

extension Refusal {
    fileprivate static func unknownKey(_ id: String) -> Refusal {
        Refusal(
            .unknownKey,
            "there is no API key \(id)",
            field: "key",
            remedy: "see GET /v1/keys; it is the key's id that is meant, not the key"
        )
    }
}

extension UsherService {
    private func make(
        name: String,
        scopes: [Scope],
        expiresAt: Instant?,
        on connection: Connection
    ) async throws -> NewKey {
        var random = SystemRandomNumberGenerator()
        let secret = "uk_" + text(Base32.random(characters: 52, from: &random))
        let now = try await store.now(on: connection)
        // Begins with the time, so that keys sort in the order in which they were made.
        let id =
            "key_" + text(Base32.text(of: UInt64(now.microseconds), characters: 11))
            + text(Base32.random(characters: 9, from: &random))
        let record = try await store.insert(
            key: id,
            name: name,
            scopes: scopes,
            digest: KeyDigest(of: secret),
            expiresAt: expiresAt,
            on: connection
        )
        return NewKey(record: record, secret: secret)
    }

    private func text(_ digits: [UInt8]) -> String {
        String(decoding: digits, as: UTF8.self)
    }
}
