import Crypto
package import Entitlements
package import Store

/// Decides who may call: by API keys, as live as everything else.
///
/// A key is looked up in the configuration of a barrier, so a key that was revoked opens nothing at
/// the very next call. The bootstrap key (`USHER_ADMIN_KEY`) is the one that is not in the database.
package struct Access: Sendable {
    /// The digest of the bootstrap key: the one that the barrier has to be told of.
    package let bootstrap: KeyDigest?

    package init(bootstrapKey: String?) {
        bootstrap = bootstrapKey.map(KeyDigest.init(of:))
    }

    /// What the caller is called in the change log, when it may do this.
    ///
    /// - Throws: 401 without a valid key, 403 without the scope.
    package func authorize(
        _ digest: KeyDigest?,
        for scope: Scope,
        in live: LiveConfiguration,
        at: Instant
    ) throws(Refusal) -> String {
        guard let digest else {
            throw Refusal(
                .unauthenticated,
                "the call carries no API key",
                field: "Authorization",
                remedy: "send Authorization: Bearer uk_…"
            )
        }
        if digest == bootstrap { return "bootstrap" }
        guard let key = live.keys[digest] else {
            throw Refusal(
                .unauthenticated,
                "the API key is not known",
                field: "Authorization",
                remedy: "make one with usher keys create"
            )
        }
        try Self.check(key, for: scope, at: at)
        return key.id
    }

    private static func check(
        _ key: AccessKey,
        for scope: Scope,
        at: Instant
    ) throws(Refusal) {
        if let revoked = key.revokedAt, revoked <= at {
            throw Refusal(
                .keyRevoked,
                "API key \(key.id) was revoked at \(revoked)",
                field: "Authorization",
                remedy: "use another key"
            )
        }
        if let expiry = key.expiresAt, expiry <= at {
            throw Refusal(
                .keyExpired,
                "API key \(key.id) expired at \(expiry)",
                field: "Authorization",
                remedy: "make another with usher keys create"
            )
        }
        guard key.allows(scope) else {
            throw Refusal(
                .missingScope,
                "API key \(key.id) lacks the scope \(scope.rawValue)",
                field: "Authorization",
                remedy: "use a key with the scope \(scope.rawValue)"
            )
        }
    }
}

extension KeyDigest {
    /// The digest by which a key is stored and found.
    ///
    /// Keys are long and random, so a plain hash is as strong as the key; and a lookup by digest
    /// gives nothing away by its timing.
    package init(of key: String) {
        var hash = SHA256()
        hash.update(data: Array(key.utf8))
        self.init(bytes: Array(hash.finalize()))
    }
}

extension UsherService {
    /// The author of a management call, when it may be made.
    package func authorize(
        _ digest: KeyDigest?,
        for scope: Scope,
        requestID: String
    ) async throws -> Author {
        let view = try await barrier.view()
        let caller = try access.authorize(digest, for: scope, in: view.live, at: view.now)
        return Author(actor: "key:\(caller)", requestID: requestID)
    }
}
