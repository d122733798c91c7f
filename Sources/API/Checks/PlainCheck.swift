/// The body that nearly every check has, `{"session":"…","feature":"…"}`, read without a JSON value.
///
/// Anything else is nil and goes to the JSON parser, errors included: what is read here, that one
/// would read in the same way. A dictionary and its keys cost more than all the rest of a check's
/// reading.
struct PlainCheck {
    let session: String
    let feature: String

    init?(_ body: [UInt8]) {
        var scanner = Scanner(body: body)
        guard scanner.take("{"), let first = scanner.member(),
            scanner.take(","), let second = scanner.member(),
            scanner.take("}"), scanner.isAtEnd
        else { return nil }
        switch (first.name.elementsEqual(Self.session), second.name.elementsEqual(Self.feature)) {
        case (true, true):
            session = String(decoding: first.value, as: UTF8.self)
            feature = String(decoding: second.value, as: UTF8.self)
        case (false, false)
        where first.name.elementsEqual(Self.feature) && second.name.elementsEqual(Self.session):
            session = String(decoding: second.value, as: UTF8.self)
            feature = String(decoding: first.value, as: UTF8.self)
        default:
            return nil
        }
    }

    private static let session = Array("session".utf8)
    private static let feature = Array("feature".utf8)
}

private struct Scanner {
    let body: [UInt8]
    private var place = 0

    init(body: [UInt8]) {
        self.body = body
    }

    var isAtEnd: Bool {
        mutating get {
            skipSpace()
            return place == body.count
        }
    }

    /// One character, white space before it aside.
    mutating func take(_ character: Unicode.Scalar) -> Bool {
        skipSpace()
        guard place < body.count, body[place] == UInt8(ascii: character) else { return false }
        place += 1
        return true
    }

    /// `"name":"value"`, both of printable ASCII without escapes.
    mutating func member() -> (name: ArraySlice<UInt8>, value: ArraySlice<UInt8>)? {
        guard let name = text(), take(":"), let value = text() else { return nil }
        return (name, value)
    }

    private mutating func text() -> ArraySlice<UInt8>? {
        guard take("\"") else { return nil }
        let start = place
        while place < body.count {
            switch body[place] {
            case UInt8(ascii: "\""):
                place += 1
                return body[start..<(place - 1)]
            case UInt8(ascii: "\\"), ..<0x20, 0x7F...:
                return nil
            default:
                place += 1
            }
        }
        return nil
    }

    private mutating func skipSpace() {
        while place < body.count {
            switch body[place] {
            case 0x20, 0x0A, 0x0D, 0x09: place += 1
            default: return
            }
        }
    }
}
