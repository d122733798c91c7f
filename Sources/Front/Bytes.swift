// The bytes of HTTP/1.1, and the classes of them that the front's grammar knows (RFC 9110, 9112).

extension UInt8 {
    static let tab: UInt8 = 0x09
    static let lineFeed: UInt8 = 0x0A
    static let carriageReturn: UInt8 = 0x0D
    static let space: UInt8 = 0x20
    static let colon: UInt8 = 0x3A
    static let semicolon: UInt8 = 0x3B

    /// The lower-case form of a letter, and any other byte as it is.
    ///
    /// Setting bit 5 of every byte would turn CR into `-`, and make two different names equal.
    var folded: UInt8 { (0x41...0x5A).contains(self) ? self | 0x20 : self }

    var isControl: Bool { self < 0x20 || self == 0x7F }
    var isVisible: Bool { self > 0x20 && self < 0x7F }
    var isDigit: Bool { (0x30...0x39).contains(self) }

    /// Of names: letters, digits and `_.:-`.
    var isNameCharacter: Bool { ByteSet.name.contains(self) }
    /// Whether the byte may stand in a header name: ``!#$%&'*+-.^_`|~``, digits and letters.
    var isTokenCharacter: Bool { ByteSet.token.contains(self) }
    /// Whether the byte may stand in bearer credentials (`token68` of RFC 9110).
    var isCredentialCharacter: Bool { ByteSet.credential.contains(self) }
    /// Whether the byte may stand in a plain host and port, IPv6 included.
    var isHostCharacter: Bool { ByteSet.host.contains(self) }
}

/// A set of ASCII characters: one bit for each.
private struct ByteSet {
    static let alphanumeric = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    static let token = ByteSet(alphanumeric + "!#$%&'*+-.^_`|~")
    static let credential = ByteSet(alphanumeric + "-._~+/=")
    static let name = ByteSet(alphanumeric + "_.:-")
    static let host = ByteSet(alphanumeric + "-._:[]")

    private var low: UInt64 = 0
    private var high: UInt64 = 0

    init(_ characters: String) {
        for byte in characters.utf8 {
            if byte < 64 { low |= 1 << byte } else { high |= 1 << (byte & 63) }
        }
    }

    func contains(_ byte: UInt8) -> Bool {
        guard byte < 128 else { return false }
        return (byte < 64 ? low : high) >> (byte & 63) & 1 == 1
    }
}
