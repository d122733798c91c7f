/// What the signature says about a request; anything but `genuine` is refused.
package enum SignatureVerdict: Sendable, Hashable {
    case genuine
    /// The header that carries the signature, the credentials, or the time is absent.
    case missingSignature
    /// The header is there and cannot be read; the reason names what is wrong with its form.
    case malformed(reason: String)
    /// No candidate in the header matches any of our secrets.
    case mismatch
    /// Rightly signed, but too long ago (positive skew) or too far ahead (negative skew).
    case stale(skew: Duration)
    /// The source's secret is not set in the environment, so nothing can be genuine.
    case noSecretConfigured
}

extension SignatureVerdict {
    /// How much a refusal tells whoever looks for the reason: the first wins among several schemes.
    var rank: Int {
        switch self {
        case .genuine: 0
        case .stale: 1
        case .mismatch: 2
        case .malformed: 3
        case .missingSignature: 4
        case .noSecretConfigured: 5
        }
    }
}
