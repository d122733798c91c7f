import Crypto
import Entitlements
import Limits

/// A scheme together with the keys that may have signed: what decides about one request.
struct Authenticator: Sendable {
    let scheme: SignatureScheme
    /// Key bytes for HMAC; for the weak schemes the whole value that the header must have.
    let keys: [[UInt8]]

    /// Judges the request: the whole header form first, then every candidate against every key.
    func verify(
        headers: (String) -> [String],
        body: [UInt8],
        now: Instant
    ) -> SignatureVerdict {
        do throws(ClaimProblem) {
            switch scheme {
            case .hmac(let hmac): return try verify(hmac, headers, body, now)
            case .basic: return try verifyFixed("Authorization", headers)
            case .staticHeader(let name): return try verifyFixed(name, headers)
            }
        } catch {
            switch error {
            case .missing: return .missingSignature
            case .malformed(let reason): return .malformed(reason: reason)
            }
        }
    }

    private func verify(
        _ hmac: HMACScheme,
        _ headers: (String) -> [String],
        _ body: [UInt8],
        _ now: Instant
    ) throws(ClaimProblem) -> SignatureVerdict {
        let claim = try hmac.claim(in: headers)
        var signedAt: Instant?
        if let unit = hmac.timestampUnit {
            signedAt = claim.timestamp.flatMap { unit.instant(from: $0) }
            guard signedAt != nil else { throw .malformed("the time is not in \(unit.rawValue)") }
        }
        // One code a key, however many candidates: a megabyte is not hashed for each of them.
        // No early exit: how long it takes says nothing about which key or candidate was near.
        var matches = false
        for key in keys {
            let code = hmac.signed.code(key: key, claim: claim, body: body)
            for candidate in claim.candidates {
                let match = code == candidate  // swift-crypto compares codes in constant time
                matches = match || matches
            }
        }
        guard matches else { return .mismatch }
        guard let signedAt else { return .genuine }
        let skew = Duration.microseconds(now.microseconds - signedAt.microseconds)
        let tolerated = (.zero - Limits.signatureTolerance)...Limits.signatureTolerance
        return tolerated.contains(skew) ? .genuine : .stale(skew: skew)
    }

    private func verifyFixed(
        _ name: String,
        _ headers: (String) -> [String]
    ) throws(ClaimProblem) -> SignatureVerdict {
        let given = SHA256.hash(data: Array(try HMACScheme.only(name, in: headers).utf8))
        var matches = false
        for key in keys {
            // Digests have one length and compare in constant time; texts have neither.
            let match = SHA256.hash(data: key) == given
            matches = match || matches
        }
        return matches ? .genuine : .mismatch
    }
}

extension SignedText {
    /// The code of this text; the body is hashed where it lies.
    func code(
        key: [UInt8],
        claim: SignatureClaim,
        body: [UInt8]
    ) -> HMAC<SHA256>.MAC {
        var hmac = HMAC<SHA256>(key: SymmetricKey(data: key))
        for part in parts {
            switch part {
            case .literal(let text): hmac.update(data: Array(text.utf8))
            case .timestamp: hmac.update(data: Array((claim.timestamp ?? "").utf8))
            case .id: hmac.update(data: Array((claim.id ?? "").utf8))
            case .body: hmac.update(data: body)
            }
        }
        return hmac.finalize()
    }
}
