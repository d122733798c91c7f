package import Entitlements

extension Source {
    /// Says whether a request comes from the provider.
    ///
    /// Nothing of the body may be read before. Every candidate signature is compared with every
    /// secret, in constant time; the time that was signed may be off by `Limits.signatureTolerance`
    /// in both directions, at most.
    ///
    /// - Parameters:
    ///   - headers: all values of a header, by its name; the caller compares names without case.
    ///   - body: the raw bytes, exactly as they came.
    ///   - now: the time of arrival.
    /// - Returns: the verdict; with several schemes, the one that tells most.
    package func verify(
        headers: (String) -> [String],
        body: [UInt8],
        now: Instant
    ) -> SignatureVerdict {
        guard hasSecret else { return .noSecretConfigured }
        var best: SignatureVerdict?
        for authenticator in authenticators {
            let verdict = authenticator.verify(headers: headers, body: body, now: now)
            if best.map({ verdict.rank < $0.rank }) ?? true { best = verdict }
        }
        return best ?? .noSecretConfigured
    }
}
