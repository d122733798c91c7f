extension JSON {
    /// Appends the value as compact JSON, the keys of objects in the order of their UTF-8 bytes:
    /// equal values are equal bytes, so the text can be hashed and compared.
    ///
    /// JSON has no way to write a number that is not finite; it becomes `null`.
    package func write(into output: inout [UInt8]) {
        switch self {
        case .null: output.append(ascii: "null")
        case .bool(let value): output.append(ascii: value ? "true" : "false")
        case .integer(let value): output.append(contentsOf: value.description.utf8)
        case .number(let value):
            output.append(contentsOf: value.isFinite ? value.description.utf8 : "null".utf8)
        case .string(let value): JSON.write(value, into: &output)
        case .array(let values): JSON.write(values, into: &output)
        case .object(let members): JSON.write(members, into: &output)
        }
    }

    /// Appends a string with its quotes, escaping what RFC 8259 wants escaped and no more.
    package static func write(_ text: String, into output: inout [UInt8]) {
        output.append(UInt8(ascii: "\""))
        // Names, nearly always.
        if text.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x22 && $0 != 0x5C }) {
            output.append(contentsOf: text.utf8)
        } else {
            for byte in text.utf8 { writeEscaped(byte, into: &output) }
        }
        output.append(UInt8(ascii: "\""))
    }

    private static func writeEscaped(_ byte: UInt8, into output: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "\""): output.append(ascii: "\\\"")
        case UInt8(ascii: "\\"): output.append(ascii: "\\\\")
        case 0x20...: output.append(byte)
        default: writeControl(byte, into: &output)
        }
    }

    private static func writeControl(_ byte: UInt8, into output: inout [UInt8]) {
        switch byte {
        case 0x08: output.append(ascii: "\\b")
        case 0x09: output.append(ascii: "\\t")
        case 0x0A: output.append(ascii: "\\n")
        case 0x0C: output.append(ascii: "\\f")
        case 0x0D: output.append(ascii: "\\r")
        default:
            let digits = Array("0123456789abcdef".utf8)
            output.append(ascii: "\\u00")
            output.append(digits[Int(byte >> 4)])
            output.append(digits[Int(byte & 0xF)])
        }
    }

    private static func write(_ values: [JSON], into output: inout [UInt8]) {
        output.append(UInt8(ascii: "["))
        for (index, value) in values.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            value.write(into: &output)
        }
        output.append(UInt8(ascii: "]"))
    }

    private static func write(_ members: [String: JSON], into output: inout [UInt8]) {
        output.append(UInt8(ascii: "{"))
        let sorted = members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
        for (index, member) in sorted.enumerated() {
            if index > 0 { output.append(UInt8(ascii: ",")) }
            write(member.key, into: &output)
            output.append(UInt8(ascii: ":"))
            member.value.write(into: &output)
        }
        output.append(UInt8(ascii: "}"))
    }
}

extension JSON: CustomStringConvertible {
    /// The value as compact JSON.
    package var description: String {
        var bytes: [UInt8] = []
        write(into: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension [UInt8] {
    fileprivate mutating func append(ascii text: StaticString) {
        text.withUTF8Buffer { unsafe append(contentsOf: $0) }
    }
}
