package import Entitlements
package import Flags

/// What a caller may do.
///
/// The words are part of the contract.
package enum Scope: String, Sendable, CaseIterable {
    case check, usage, sessions, billing, product, catalog, audit, admin
}

/// An API key as the check path knows it: never the key itself.
package struct AccessKey: Sendable, Hashable {
    package let id: String
    package let scopes: Set<Scope>
    package let expiresAt: Instant?
    package let revokedAt: Instant?

    package init(id: String, scopes: Set<Scope>, expiresAt: Instant?, revokedAt: Instant?) {
        self.id = id
        self.scopes = scopes
        self.expiresAt = expiresAt
        self.revokedAt = revokedAt
    }

    /// `admin` implies every other scope.
    package func allows(_ scope: Scope) -> Bool {
        scopes.contains(scope) || scopes.contains(.admin)
    }
}

/// SHA-256 of a whole key: what is stored, looked up and compared.
package struct KeyDigest: Sendable, Hashable {
    package let bytes: [UInt8]

    package init(bytes: [UInt8]) {
        self.bytes = bytes
    }
}

/// The configuration as the check path holds it: what decisions share, and who may ask.
package struct LiveConfiguration: Sendable {
    package let configuration: Configuration
    /// When its revision was made; see `Account.changedAt`.
    package let changedAt: Instant
    package let keys: [KeyDigest: AccessKey]
    /// Every feature that has not left the catalog, by id in order: what a listing walks through.
    package let features: [Feature]
    /// Compiled with the revision.
    package let flags: FlagSet

    package init(
        configuration: Configuration,
        changedAt: Instant,
        keys: [KeyDigest: AccessKey],
        flags: FlagSet
    ) {
        self.configuration = configuration
        self.changedAt = changedAt
        self.keys = keys
        self.flags = flags
        features = configuration.features.values.sorted { $0.id < $1.id }
    }
}
