import Entitlements

/// Operators on texts.
extension Interpreter {
    /// A value as text; a list is its items with commas, an object never tells what it holds.
    mutating func text(of value: JSON) throws(FlagError) -> String {
        switch value {
        case .null: return "null"
        case .bool(let value): return value ? "true" : "false"
        case .integer(let value): return String(value)
        case .number(let value): return value.fifteenDigits
        case .string(let text): return text
        case .object: return "[object Object]"
        case .array(let items):
            var text = ""
            for (index, item) in items.enumerated() {
                try spend(1)
                if index > 0 { text += "," }
                try append(item, to: &text)
            }
            return text
        }
    }

    mutating func concatenated(_ values: [JSON]) throws(FlagError) -> JSON {
        var text = ""
        for value in values { try append(value, to: &text) }
        return .string(text)
    }

    private mutating func append(_ value: JSON, to text: inout String) throws(FlagError) {
        let piece = try self.text(of: value)
        try spend(piece.utf8.count / 32)
        text += piece
    }

    /// By code points, as the oracle counts; a negative start is from the end, a negative length
    /// leaves as many off.
    mutating func substring(_ arguments: [JSON]) throws(FlagError) -> JSON {
        let text = try text(of: arguments.at(0))
        let letters = text.unicodeScalars
        try spend(text.utf8.count / 32)
        let count = letters.count
        let index = arguments.at(1).numeral.real
        var start = index.isNaN ? 0 : min(index.cut, count)
        if index < 0 { start = -index >= Double(count) ? 0 : count + index.cut }
        var end = count
        if !arguments.at(2).isNull {
            let length = arguments.at(2).numeral.real
            end = length.isNaN ? start : length.cut < 0 ? count + length.cut : start + length.cut
        }
        end = min(max(start, end), count)
        let from = letters.index(letters.startIndex, offsetBy: start)
        return .string(String(letters[from..<letters.index(from, offsetBy: end - start)]))
    }

    /// `sem_ver`: null for what cannot be compared.
    func semanticVersion(_ arguments: [JSON]) -> JSON {
        guard arguments.count == 3, let left = SemanticVersion(arguments[0]),
            let right = SemanticVersion(arguments[2]), let sign = arguments[1].string
        else { return .null }
        return left.satisfies(sign, right).map(JSON.bool) ?? .null
    }
}

extension Double {
    /// Without the fraction, and no further from 0 than any text is long.
    fileprivate var cut: Int {
        Int(max(-1e9, min(1e9, self)).rounded(.towardZero))
    }
}

extension [JSON] {
    /// An argument; null where the rule gives too few.
    func at(_ index: Int) -> JSON {
        index < count ? self[index] : .null
    }
}
