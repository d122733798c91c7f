/// One way in which a provider authenticates what it sends.
enum SignatureScheme: Sendable, Hashable {
    case hmac(HMACScheme)
    /// HTTP Basic; each secret is `user:password`. Weak: it says nothing about the body.
    case basic
    /// A fixed value in a header. Weak: it says nothing about the body.
    case staticHeader(String)

    /// Whether whoever once saw a request can forge another.
    var isWeak: Bool {
        if case .hmac = self { false } else { true }
    }
}

/// HMAC-SHA256 over the raw body and what the template puts around it.
struct HMACScheme: Sendable, Hashable {
    /// How the header holds its candidates.
    enum Format: Sendable, Hashable {
        /// `t=1,v1=aa,v1=bb`: pairs, of which one key is the time and one the signature.
        case pairs(separator: Character, timestamp: String?, signature: String)
        /// The signature and nothing else.
        case bare
        /// `1,aa,bb`: a list, whose first entry may be the time.
        case list(separator: Character, timestampFirst: Bool)
        /// `v1=aa`: a fixed text, then the signature.
        case prefix(String)
        /// `v1,aa v1,bb v1a,cc`: Standard Webhooks, of which only `version` is read.
        case standard(version: String)
    }

    enum Encoding: String, Sendable, CaseIterable { case hex, b64 }

    /// How the configured text becomes key bytes.
    enum Key: String, Sendable, CaseIterable {
        /// The whole text as it is, any `whsec_` included.
        case utf8
        /// `whsec_` and base64, decoded: Standard Webhooks.
        case decoded = "whsec_b64"
        /// Both, for providers that changed from one to the other.
        case either
    }

    let header: String
    let format: Format
    let encoding: Encoding
    let signed: SignedText
    let key: Key
    /// How the time is written; nil when the provider signs none.
    let timestampUnit: TimeUnit?
    /// The header of the time, when it does not stand beside the signature.
    let timestampHeader: String?
    /// The header of the message's id, when the id is signed too.
    let idHeader: String?
}

/// What is signed: a template over `{ts}`, `{id}` and `{body}`.
struct SignedText: Sendable, Hashable {
    enum Part: Sendable, Hashable {
        case literal(String)
        case timestamp, id, body
    }

    let parts: [Part]

    /// Nil when the template has a brace that names none of the three, or no `{body}`.
    init?(template: String) {
        var parts: [Part] = []
        var rest = template[...]
        while let open = rest.firstIndex(of: "{") {
            guard let close = rest[open...].firstIndex(of: "}") else { return nil }
            if open > rest.startIndex { parts.append(.literal(String(rest[..<open]))) }
            switch rest[rest.index(after: open)..<close] {
            case "ts": parts.append(.timestamp)
            case "id": parts.append(.id)
            case "body": parts.append(.body)
            default: return nil
            }
            rest = rest[rest.index(after: close)...]
        }
        if !rest.isEmpty { parts.append(.literal(String(rest))) }
        guard parts.contains(.body) else { return nil }
        self.parts = parts
    }
}
