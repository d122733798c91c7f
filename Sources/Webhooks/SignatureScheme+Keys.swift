extension SignatureScheme {
    /// Standard Webhooks: 24 to 64 bytes.
    private static let decodedKeyBytes = 24...64

    /// Key bytes for HMAC; for the weak schemes the whole value that the header must have.
    ///
    /// Nil when the secret does not have the form that the scheme needs.
    func keys(from secret: Secret) -> [[UInt8]]? {
        let whole = Array(secret.exposed.utf8)
        switch self {
        case .staticHeader: return [whole]
        case .basic:
            guard secret.exposed.contains(":") else { return nil }
            return [Array("Basic \(TextBytes.base64(of: whole))".utf8)]
        case .hmac(let hmac):
            switch hmac.key {
            case .utf8: return [whole]
            case .decoded: return Self.decoded(secret.exposed).map { [$0] }
            case .either: return [whole] + [Self.decoded(secret.exposed)].compactMap(\.self)
            }
        }
    }

    /// What a secret has to look like, for whoever mends it.
    var secretForm: String {
        switch self {
        case .basic: "user:password"
        case .hmac(let hmac) where hmac.key == .decoded: "whsec_ and the base64 of 24 to 64 bytes"
        case .staticHeader, .hmac: "the provider's text"
        }
    }

    var decodesSecrets: Bool {
        if case .hmac(let hmac) = self { hmac.key != .utf8 } else { false }
    }

    private static func decoded(_ secret: String) -> [UInt8]? {
        let prefix = "whsec_"
        let text = secret.hasPrefix(prefix) ? secret.dropFirst(prefix.count) : secret[...]
        guard let key = TextBytes.base64(text), decodedKeyBytes ~= key.count else { return nil }
        return key
    }
}
