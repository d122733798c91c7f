/// Ids that carry their account: a prefix, 26 random characters, `_` and the account.
///
/// The account is in the id so that a row is found without a global index (DESIGN.md §3). The
/// random part is what nobody can guess: 26 digits of Crockford's base 32, 130 bits.
package struct OwnedID: Sendable {
    package static let session = OwnedID(prefix: "ses_")
    package static let reservation = OwnedID(prefix: "rsv_")
    package static let lease = OwnedID(prefix: "lea_")

    package static let randomCharacters = 26
    private let prefix: String

    /// Makes a new id.
    ///
    /// The account must be a valid name, and `random` unpredictable: whoever guesses an id has what
    /// it names.
    package func make(account: String, random: inout some RandomNumberGenerator) -> String {
        precondition(Name.isValid(account), "the account of an id must be a name")
        var bytes = Array(prefix.utf8)
        bytes += Base32.random(characters: Self.randomCharacters, from: &random)
        bytes.append(UInt8(ascii: "_"))
        bytes.append(contentsOf: account.utf8)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The account that an id carries; nil for anything `make` could not have made.
    package func account(of id: String) -> Substring? {
        let utf8 = id.utf8
        guard
            let head = utf8.index(
                utf8.startIndex,
                offsetBy: prefix.utf8.count + Self.randomCharacters + 1,
                limitedBy: utf8.endIndex
            ),
            isHead(utf8[..<head])
        else { return nil }
        // The head is ASCII, so its end is the start of a character.
        let account = id[head...]
        return Name.isValid(account) ? account : nil
    }

    private func isHead(_ utf8: Substring.UTF8View) -> Bool {
        guard utf8.starts(with: prefix.utf8), utf8.last == UInt8(ascii: "_") else { return false }
        return utf8.dropFirst(prefix.utf8.count).dropLast().allSatisfy(Self.isDigit)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "h"),
            UInt8(ascii: "j"), UInt8(ascii: "k"), UInt8(ascii: "m"), UInt8(ascii: "n"),
            UInt8(ascii: "p")...UInt8(ascii: "t"), UInt8(ascii: "v")...UInt8(ascii: "z"):
            true
        default: false
        }
    }
}
