/// What is known of a request while its head is read: places in the unread bytes, no copies.
struct RequestHead {
    /// Fields that may occur once.
    private struct Seen: OptionSet {
        let rawValue: UInt8
        static let host = Seen(rawValue: 1)
        static let contentLength = Seen(rawValue: 2)
        static let contentType = Seen(rawValue: 4)
        static let connection = Seen(rawValue: 8)
        static let authorization = Seen(rawValue: 16)
        static let requestID = Seen(rawValue: 32)
        static let idempotencyKey = Seen(rawValue: 64)
    }

    private(set) var route = 0
    private(set) var name: Range<Int>?
    private(set) var contentLength = 0
    private(set) var keepAlive = true
    private(set) var bearer: Range<Int>?
    private(set) var requestID: Range<Int>?
    private(set) var idempotencyKey: Range<Int>?

    private var takesBody = false
    private var isJSON = true
    private var fields = 0
    private var seen: Seen = []

    /// Takes the request line; false if it is not one of the routes.
    mutating func takeRequestLine(
        _ line: Range<Int>,
        of bytes: Span<UInt8>,
        grammar: Grammar
    ) -> Bool {
        guard let match = grammar.line(line, of: bytes) else { return false }
        route = match.line.id
        name = match.name
        takesBody = match.line.takesBody
        return true
    }

    /// Takes one header line; false if the request is not of the plain form.
    mutating func takeField(_ line: Range<Int>, of bytes: Span<UInt8>, grammar: Grammar) -> Bool {
        fields += 1
        guard fields <= grammar.configuration.headerFields else { return false }
        // A folded line begins with a space, which no name contains.
        var colon = line.lowerBound
        while colon < line.upperBound, bytes[colon].isTokenCharacter { colon += 1 }
        guard colon > line.lowerBound, colon < line.upperBound, bytes[colon] == .colon else {
            return false
        }
        guard let field = grammar.field(named: line.lowerBound..<colon, of: bytes) else {
            return true
        }
        let raw = (colon + 1)..<line.upperBound
        // Parsers disagree on tabs around a length: llhttp refuses one behind it.
        guard bytes.all(in: raw, are: { $0 != .tab }) else { return false }
        let value = bytes.trimmed(raw)
        switch field {
        case .host: return takeHost(value, of: bytes)
        case .contentLength:
            return takeContentLength(value, of: bytes, most: grammar.configuration.bodyBytes)
        case .contentType: return takeContentType(value, of: bytes)
        case .connection: return takeConnection(value, of: bytes)
        case .authorization: return takeAuthorization(value, of: bytes)
        case .requestID: return takeRequestID(value, of: bytes)
        case .idempotencyKey: return takeIdempotencyKey(value, of: bytes)
        case .cold: return false
        }
    }

    /// Whether the fields make a whole head.
    var isComplete: Bool {
        guard seen.contains(.host) else { return false }
        return takesBody ? seen.contains(.contentLength) && isJSON : contentLength == 0
    }
}

extension RequestHead {
    /// Notes a field that may occur once; false if it occurs again.
    private mutating func once(_ field: Seen) -> Bool { seen.insert(field).inserted }

    private mutating func takeHost(_ value: Range<Int>, of bytes: Span<UInt8>) -> Bool {
        once(.host) && !value.isEmpty && bytes.all(in: value, are: \.isHostCharacter)
    }

    private mutating func takeContentLength(
        _ value: Range<Int>,
        of bytes: Span<UInt8>,
        most: Int
    ) -> Bool {
        // Eight digits are more than any bound here needs, and cannot overflow.
        guard once(.contentLength), (1...8).contains(value.count) else { return false }
        for place in value {
            guard bytes[place].isDigit else { return false }
            contentLength = contentLength * 10 + Int(bytes[place] - 0x30)
        }
        return contentLength <= most
    }

    private mutating func takeContentType(_ value: Range<Int>, of bytes: Span<UInt8>) -> Bool {
        guard once(.contentType) else { return false }
        isJSON = Self.isJSON(value, of: bytes)
        return true
    }

    private mutating func takeConnection(_ value: Range<Int>, of bytes: Span<UInt8>) -> Bool {
        guard once(.connection) else { return false }
        // Hummingbird closes on `close` in lower case alone, llhttp on any: only that is plain.
        keepAlive = !bytes.equals(Words.close, in: value)
        return !keepAlive || bytes.equalsFolded(Words.keepAlive, in: value)
    }

    private mutating func takeAuthorization(_ value: Range<Int>, of bytes: Span<UInt8>) -> Bool {
        let scheme = Words.bearer
        guard once(.authorization), value.count > scheme.count else { return false }
        let token = value.lowerBound + scheme.count..<value.upperBound
        guard bytes.equals(scheme, in: value.lowerBound..<token.lowerBound),
            bytes.all(in: token, are: \.isCredentialCharacter)
        else { return false }
        bearer = token
        return true
    }

    private mutating func takeRequestID(_ value: Range<Int>, of bytes: Span<UInt8>) -> Bool {
        guard once(.requestID) else { return false }
        if HotRequest.isWellFormed(requestID: value, of: bytes) { requestID = value }
        return true
    }

    /// One that is not well-formed goes to the ordinary pipeline, which says why it is refused.
    private mutating func takeIdempotencyKey(_ value: Range<Int>, of bytes: Span<UInt8>) -> Bool {
        guard once(.idempotencyKey), (1...255).contains(value.count),
            bytes.all(in: value, are: \.isVisible)
        else { return false }
        idempotencyKey = value
        return true
    }

    /// `application/json`, alone or with `; charset=utf-8`.
    private static func isJSON(_ value: Range<Int>, of bytes: Span<UInt8>) -> Bool {
        let end = min(value.lowerBound + Words.json.count, value.upperBound)
        guard bytes.equalsFolded(Words.json, in: value.lowerBound..<end) else { return false }
        let rest = bytes.trimmed(end..<value.upperBound)
        guard !rest.isEmpty else { return true }
        guard bytes[rest.lowerBound] == .semicolon else { return false }
        let parameter = bytes.trimmed((rest.lowerBound + 1)..<rest.upperBound)
        return bytes.equalsFolded(Words.utf8, in: parameter)
            || bytes.equalsFolded(Words.quotedUTF8, in: parameter)
    }
}

/// The values that the front compares with.
private enum Words {
    static let close = Array("close".utf8)
    static let keepAlive = Array("keep-alive".utf8)
    static let bearer = Array("Bearer ".utf8)
    static let json = Array("application/json".utf8)
    static let utf8 = Array("charset=utf-8".utf8)
    static let quotedUTF8 = Array("charset=\"utf-8\"".utf8)
}
