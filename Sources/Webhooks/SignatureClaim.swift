import Limits

/// What the headers of one request claim under an HMAC scheme; nothing of it is believed yet.
struct SignatureClaim {
    /// As sent: this very text is what was signed.
    let timestamp: String?
    let id: String?
    /// Decoded signatures of the right length; at least one.
    let candidates: [[UInt8]]
}

/// Why headers hold no claim.
enum ClaimProblem: Error, Hashable {
    case missing
    case malformed(String)
}

extension HMACScheme {
    /// Reads the claim; throws when a header is absent, given twice, or not of the scheme's form.
    func claim(in headers: (String) -> [String]) throws(ClaimProblem) -> SignatureClaim {
        let value = try Self.only(header, in: headers)
        let (found, signatures) = try read(value)
        guard signatures.count <= Limits.signatureCandidates else {
            throw .malformed("more than \(Limits.signatureCandidates) signatures")
        }
        let candidates = signatures.compactMap(decode)
        guard !candidates.isEmpty else { throw .malformed("no signature that can be decoded") }
        var timestamp = found
        if let timestampHeader { timestamp = try Self.only(timestampHeader, in: headers) }
        var id: String?
        if let idHeader { id = try Self.only(idHeader, in: headers) }
        return SignatureClaim(timestamp: timestamp, id: id, candidates: candidates)
    }

    /// Two headers of one name leave open which of them a proxy or a library would believe.
    static func only(
        _ name: String,
        in headers: (String) -> [String]
    ) throws(ClaimProblem) -> String {
        let values = headers(name)
        guard let value = values.first, !value.isEmpty else { throw .missing }
        guard values.count == 1 else { throw .malformed("\(name) is given twice") }
        guard HeaderText.isValue(value) else { throw .malformed("\(name) is not plain text") }
        return value
    }

    private func read(
        _ value: String
    ) throws(ClaimProblem) -> (timestamp: String?, signatures: [Substring]) {
        switch format {
        case .bare:
            return (nil, [value[...]])
        case .prefix(let prefix):
            guard value.hasPrefix(prefix) else { throw .malformed("does not begin \(prefix)") }
            return (nil, [value.dropFirst(prefix.count)])
        case .list(let separator, let timestampFirst):
            let parts = value.split(separator: separator, omittingEmptySubsequences: false)
            guard timestampFirst, let first = parts.first else { return (nil, parts) }
            return (String(first), Array(parts.dropFirst()))
        case .standard(let version):
            return (nil, try Self.versions(value, version: version))
        case .pairs(let separator, let timestamp, let signature):
            return try Self.pairs(value, separator, timestamp, signature)
        }
    }

    private static func pairs(
        _ value: String,
        _ separator: Character,
        _ timestampKey: String?,
        _ signatureKey: String
    ) throws(ClaimProblem) -> (timestamp: String?, signatures: [Substring]) {
        var timestamp: String?
        var signatures: [Substring] = []
        for part in value.split(separator: separator, omittingEmptySubsequences: false) {
            guard let equals = part.firstIndex(of: "=") else {
                throw .malformed("a part is no key=value")
            }
            let key = String(part[..<equals])
            let text = part[part.index(after: equals)...]
            if key == signatureKey {
                signatures.append(text)
            } else if key == timestampKey {
                guard timestamp == nil else { throw .malformed("\(key) is given twice") }
                timestamp = String(text)
            }
        }
        if let timestampKey, timestamp == nil { throw .malformed("has no \(timestampKey)") }
        guard !signatures.isEmpty else { throw .malformed("has no \(signatureKey)") }
        return (timestamp, signatures)
    }

    /// Versions that are not ours are skipped: a sender may add new ones beside the old.
    private static func versions(
        _ value: String,
        version: String
    ) throws(ClaimProblem) -> [Substring] {
        var signatures: [Substring] = []
        for entry in value.split(separator: " ") {
            guard let comma = entry.firstIndex(of: ",") else {
                throw .malformed("an entry is no version,signature")
            }
            guard entry[..<comma] == version else { continue }
            signatures.append(entry[entry.index(after: comma)...])
        }
        guard !signatures.isEmpty else { throw .malformed("has no \(version)") }
        return signatures
    }

    private func decode(_ text: Substring) -> [UInt8]? {
        let bytes = encoding == .hex ? TextBytes.hex(text) : TextBytes.base64(text)
        return bytes?.count == Self.codeBytes ? bytes : nil
    }

    /// HMAC-SHA256.
    private static let codeBytes = 32
}
