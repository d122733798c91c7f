/// What an array that is bound may hold: `"… = any(\(ids)::bigint[])"`.
package protocol PostgresArrayElement {
    /// The element as it stands inside `{…}`, quoted where it must be.
    var arrayLiteral: String { get }
    /// A whole array of such elements.
    static func parameter(of array: [Self]) -> Parameter
}

extension PostgresArrayElement {
    package static func parameter(of array: [Self]) -> Parameter {
        var text = "{"
        text.reserveCapacity(2 + 24 * array.count)
        for (index, element) in array.enumerated() {
            if index > 0 { text += "," }
            text += element.arrayLiteral
        }
        text += "}"
        return .text(text)
    }
}

extension Array: PostgresParameter where Element: PostgresArrayElement {
    package var postgresParameter: Parameter { Element.parameter(of: self) }
}

extension String: PostgresArrayElement {
    /// Always quoted: it is then neither `NULL` nor empty nor structure, whatever it holds.
    package var arrayLiteral: String {
        // Names, nearly always.
        guard utf8.contains(where: { $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }) else {
            return "\"" + self + "\""
        }
        var quoted = "\""
        quoted.reserveCapacity(utf8.count + 2)
        for scalar in unicodeScalars {
            if scalar == "\"" || scalar == "\\" { quoted.unicodeScalars.append("\\") }
            quoted.unicodeScalars.append(scalar)
        }
        return quoted + "\""
    }
}

extension Int: PostgresArrayElement {
    package var arrayLiteral: String { String(self) }
}

extension Int64: PostgresArrayElement {
    package var arrayLiteral: String { String(self) }
}

extension Bool: PostgresArrayElement {
    package var arrayLiteral: String { self ? "t" : "f" }
}

extension Double: PostgresArrayElement {
    package var arrayLiteral: String { String(self) }
}

extension Optional: PostgresArrayElement where Wrapped: PostgresArrayElement {
    package var arrayLiteral: String { self?.arrayLiteral ?? "NULL" }
}

/// Bytes are one `bytea`, not an array of numbers.
extension UInt8: PostgresArrayElement {
    package var arrayLiteral: String { String(self) }
    package static func parameter(of array: [UInt8]) -> Parameter { .bytes(array) }
}

/// An element of a `bytea[]`.
extension Array: PostgresArrayElement where Element == UInt8 {
    package var arrayLiteral: String {
        var hex = "\"\\\\x"
        for byte in self {
            if byte < 16 { hex += "0" }
            hex += String(byte, radix: 16)
        }
        return hex + "\""
    }
}
