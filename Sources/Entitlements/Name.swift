/// The names that callers choose: accounts, users, features, plans, keys.
package enum Name {
    /// Longest name; every key and index carries some, and logs show them whole.
    package static let mostCharacters = 128

    /// Whether a text is a name, `[A-Za-z0-9_.:-]{1,128}` that is.
    ///
    /// ASCII only, so that two names that look the same are the same.
    package static func isValid(_ name: String) -> Bool {
        isValid(utf8: name.utf8)
    }

    package static func isValid(_ name: Substring) -> Bool {
        isValid(utf8: name.utf8)
    }

    private static func isValid(utf8: some Sequence<UInt8>) -> Bool {
        var count = 0
        for byte in utf8 {
            count += 1
            guard count <= mostCharacters, isAllowed(byte) else { return false }
        }
        return count > 0
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"),
            UInt8(ascii: "_"), UInt8(ascii: "."), UInt8(ascii: ":"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
