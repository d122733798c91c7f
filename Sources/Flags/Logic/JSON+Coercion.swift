import Entitlements

/// What a value counts as where a rule wants a truth or a number.
extension JSON {
    /// False are `false`, null, 0, NaN, "" and []; "0" and {} are true.
    var isTruthy: Bool {
        switch self {
        case .null: false
        case .bool(let value): value
        case .integer(let value): value != 0
        case .number(let value): value != 0 && !value.isNaN
        case .string(let text): !text.isEmpty
        case .array(let items): !items.isEmpty
        case .object: true
        }
    }

    /// A number or a truth as itself; nil for everything else.
    var exactNumeral: Numeral? {
        switch self {
        case .bool(let value): .whole(value ? 1 : 0)
        case .integer(let value): .whole(value)
        case .number(let value): .real(value)
        default: nil
        }
    }

    /// Any value as a number; NaN where it is none.
    var numeral: Numeral {
        switch self {
        case .null: .whole(0)
        case .bool, .integer, .number: exactNumeral ?? .whole(0)
        case .string(let text): .real(text.asNumber)
        case .array(let items):
            items.isEmpty ? .whole(0) : items.count > 1 ? .real(.nan) : items[0].numeral
        case .object: .real(.nan)
        }
    }
}

extension String {
    /// The number that a text writes in decimal; blanks around it do not count.
    fileprivate var asNumber: Double {
        let text = utf8.drop(while: \.isBlank).reversed().drop(while: \.isBlank).reversed()
        // Longer is no number that anybody wrote; hexadecimal, "inf" and "nan" are none either.
        guard !text.isEmpty, text.count <= 400, text.allSatisfy(\.isNumeric) else { return .nan }
        return Double(String(decoding: text, as: UTF8.self)) ?? .nan
    }
}

extension UInt8 {
    fileprivate var isBlank: Bool { self == 0x20 || (0x09...0x0D).contains(self) }

    fileprivate var isNumeric: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "+"),
            UInt8(ascii: "-"), UInt8(ascii: "e"), UInt8(ascii: "E"):
            true
        default: false
        }
    }
}

extension String {
    /// The same bytes: é written in one piece and in two are different texts to a rule.
    func isSame(as other: String) -> Bool {
        // The comparison that knows of Unicode is the quicker one where texts differ.
        utf8.count == other.utf8.count && self == other && utf8.elementsEqual(other.utf8)
    }

    /// Before the other one in the order of code points, which is that of their UTF-8 bytes.
    func isBefore(_ other: String) -> Bool {
        utf8.lexicographicallyPrecedes(other.utf8)
    }
}
