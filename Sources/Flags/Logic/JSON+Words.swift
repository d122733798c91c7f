import Entitlements

/// Numbers as text.
extension JSON {
    /// A number or a truth as the name of a variant; nil for lists and objects.
    var variantName: String? {
        switch self {
        case .bool(let value): value ? "true" : "false"
        case .integer(let value): String(value)
        case .number(let value): value.description
        case .string(let text): text
        case .null, .array, .object: nil
        }
    }
}

extension Double {
    /// With 15 digits at most and no needless ones, as C's `%.15g` has it: 0.1 + 0.2 is "0.3".
    var fifteenDigits: String {
        guard isFinite else { return isNaN ? "nan" : self < 0 ? "-inf" : "inf" }
        guard !isZero else { return sign == .minus ? "-0" : "0" }
        var (digits, exponent) = decimal
        if digits.count > 15 {
            let roundsUp = digits[15] >= 5
            digits.removeSubrange(15...)
            if roundsUp {
                exponent += Self.increment(&digits)
            }
        }
        while digits.count > 1, digits.last == 0 { digits.removeLast() }
        let text = Self.written(digits, exponent: exponent)
        return self < 0 ? "-" + text : text
    }

    /// The shortest digits that mean this number, and the power of ten of the first of them.
    private var decimal: (digits: [UInt8], exponent: Int) {
        var digits: [UInt8] = []
        var exponent = -1
        var hasPoint = false
        var text = magnitude.description.utf8[...]
        if let mark = text.firstIndex(of: UInt8(ascii: "e")) {
            exponent += Int(String(text[text.index(after: mark)...]) ?? "") ?? 0
            text = text[..<mark]
        }
        for byte in text {
            guard byte != UInt8(ascii: ".") else {
                hasPoint = true
                continue
            }
            if byte != UInt8(ascii: "0") || !digits.isEmpty {
                digits.append(byte - UInt8(ascii: "0"))
                if !hasPoint { exponent += 1 }
            } else if hasPoint {
                exponent -= 1
            }
        }
        return (digits, exponent)
    }

    /// Adds one in the last place; 1 where that makes another digit in front.
    private static func increment(_ digits: inout [UInt8]) -> Int {
        for index in digits.indices.reversed() {
            if digits[index] < 9 {
                digits[index] += 1
                return 0
            }
            digits[index] = 0
        }
        digits.insert(1, at: 0)
        digits.removeLast()
        return 1
    }

    private static func written(_ digits: [UInt8], exponent: Int) -> String {
        let text = digits.map { String($0) }
        if exponent < -4 || exponent >= 15 {
            let fraction = text.count > 1 ? "." + text[1...].joined() : ""
            let power = abs(exponent) < 10 ? "0\(abs(exponent))" : "\(abs(exponent))"
            return text[0] + fraction + (exponent < 0 ? "e-" : "e+") + power
        }
        if exponent < 0 {
            return "0." + String(repeating: "0", count: -exponent - 1) + text.joined()
        }
        let whole = exponent + 1
        if text.count <= whole {
            return text.joined() + String(repeating: "0", count: whole - text.count)
        }
        return text[..<whole].joined() + "." + text[whole...].joined()
    }
}
