import Entitlements

/// Hashing a value as its deterministic CBOR (RFC 8949 §4.2.1), written straight into the hash.
extension Murmur3 {
    /// The value, its whole floats as integers where 64 bits hold them: 5.0 and 5 are one unit.
    mutating func combine(cbor value: JSON) {
        switch value {
        case .null: combine(UInt8(0xF6))
        case .bool(let isTrue): combine(UInt8(isTrue ? 0xF5 : 0xF4))
        case .integer(let whole): combine(cborInteger: whole)
        case .number(let number): combine(cborNumber: number)
        case .string(let text): combine(cborText: text)
        case .array(let items):
            combineHead(major: 4, argument: UInt64(items.count))
            for item in items { combine(cbor: item) }
        case .object(let members):
            combineHead(major: 5, argument: UInt64(members.count))
            // The head of a text begins with its length, so encoded order is shorter first.
            let sorted = members.sorted { left, right in
                let lengths = (left.key.utf8.count, right.key.utf8.count)
                guard lengths.0 == lengths.1 else { return lengths.0 < lengths.1 }
                return left.key.utf8.lexicographicallyPrecedes(right.key.utf8)
            }
            for member in sorted {
                combine(cborText: member.key)
                combine(cbor: member.value)
            }
        }
    }

    mutating func combine(cborText text: String) {
        combineHead(major: 3, argument: UInt64(text.utf8.count))
        combine(text)
    }

    mutating func combineHead(major: UInt8, argument: UInt64) {
        let type = major << 5
        switch argument {
        case ..<24: combine(type | UInt8(argument))
        case ...0xFF: combineBytes(type | 24, argument, count: 1)
        case ...0xFFFF: combineBytes(type | 25, argument, count: 2)
        case ...0xFFFF_FFFF: combineBytes(type | 26, argument, count: 4)
        default: combineBytes(type | 27, argument, count: 8)
        }
    }

    private mutating func combine(cborInteger whole: Int64) {
        if whole >= 0 {
            combineHead(major: 0, argument: UInt64(whole))
        } else {
            combineHead(major: 1, argument: UInt64(bitPattern: ~whole))
        }
    }

    private mutating func combine(cborNumber number: Double) {
        if let whole = Int64(exactly: number) { return combine(cborInteger: whole) }
        if let whole = UInt64(exactly: number) { return combineHead(major: 0, argument: whole) }
        let single = Float(number)
        if number.isNaN {
            combineBytes(0xF9, 0x7E00, count: 2)
        } else if let half = number.halfPattern {
            combineBytes(0xF9, UInt64(half), count: 2)
        } else if Double(single) == number {
            combineBytes(0xFA, UInt64(single.bitPattern), count: 4)
        } else {
            combineBytes(0xFB, number.bitPattern, count: 8)
        }
    }

    private mutating func combineBytes(_ head: UInt8, _ value: UInt64, count: Int) {
        combine(head)
        for index in stride(from: count - 1, through: 0, by: -1) {
            combine(UInt8(truncatingIfNeeded: value >> (8 * UInt64(index))))
        }
    }
}

extension Double {
    /// The bits of the same number with 16 of them, if it can be written so.
    ///
    /// By hand, since `Float16` does not exist on every machine.
    fileprivate var halfPattern: UInt16? {
        let sign: UInt16 = self.sign == .minus ? 0x8000 : 0
        if isInfinite { return sign | 0x7C00 }
        guard isNormal, (-24...15).contains(exponent) else { return isZero ? sign : nil }
        // Of the 52 bits behind the leading one a half has 10, and fewer below 2^-14.
        let dropped = UInt64(42 + max(0, -14 - Int(exponent)))
        guard significandBitPattern & ((1 << dropped) - 1) == 0 else { return nil }
        if exponent >= -14 {
            return sign | UInt16(Int(exponent) + 15) << 10 | UInt16(significandBitPattern >> 42)
        }
        return sign | UInt16(((UInt64(1) << 52) | significandBitPattern) >> dropped)
    }
}
