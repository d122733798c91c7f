/// Reads JSON from left to right, one byte at a time, with no look-back.
struct JSONParser {
    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func document() throws(JSON.ParseError) -> JSON {
        skipBlanks()
        let value = try value()
        skipBlanks()
        guard position == bytes.count else { throw failure("there is more after the value") }
        return value
    }

    private mutating func value() throws(JSON.ParseError) -> JSON {
        guard let first = peek else { throw failure("the text ends where a value should be") }
        switch first {
        case UInt8(ascii: "{"): return try object()
        case UInt8(ascii: "["): return try array()
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try literal("true", .bool(true))
        case UInt8(ascii: "f"): return try literal("false", .bool(false))
        case UInt8(ascii: "n"): return try literal("null", .null)
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        default: throw failure("a value cannot begin with this character")
        }
    }

    private mutating func enter() throws(JSON.ParseError) {
        guard depth < JSON.mostNested else {
            throw failure("nested deeper than \(JSON.mostNested) levels")
        }
        depth += 1
        position += 1
    }

    private mutating func leave(_ value: JSON) -> JSON {
        depth -= 1
        return value
    }

    private mutating func object() throws(JSON.ParseError) -> JSON {
        try enter()
        var members: [String: JSON] = [:]
        skipBlanks()
        if take(UInt8(ascii: "}")) { return leave(.object(members)) }
        repeat {
            skipBlanks()
            let start = position
            guard peek == UInt8(ascii: "\"") else {
                throw failure("a key in quotes should be here")
            }
            let key = try string()
            skipBlanks()
            guard take(UInt8(ascii: ":")) else { throw failure("`:` should be here") }
            skipBlanks()
            guard members.updateValue(try value(), forKey: key) == nil else {
                throw JSON.ParseError(offset: start, message: "the key \"\(key)\" stands twice")
            }
            skipBlanks()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "}")) else { throw failure("`,` or `}` should be here") }
        return leave(.object(members))
    }

    private mutating func array() throws(JSON.ParseError) -> JSON {
        try enter()
        var values: [JSON] = []
        skipBlanks()
        if take(UInt8(ascii: "]")) { return leave(.array(values)) }
        repeat {
            skipBlanks()
            values.append(try value())
            skipBlanks()
        } while take(UInt8(ascii: ","))
        guard take(UInt8(ascii: "]")) else { throw failure("`,` or `]` should be here") }
        return leave(.array(values))
    }

    private mutating func literal(
        _ word: StaticString,
        _ value: JSON
    ) throws(JSON.ParseError) -> JSON {
        let matches = word.withUTF8Buffer { unsafe bytes[position...].starts(with: $0) }
        guard matches else { throw failure("expected `\(word)`") }
        position += word.utf8CodeUnitCount
        return value
    }
}

// MARK: Numbers

extension JSONParser {
    private mutating func number() throws(JSON.ParseError) -> JSON {
        let start = position
        _ = take(UInt8(ascii: "-"))
        if !take(UInt8(ascii: "0")) { try digits() }
        if let peek, peek.isDigit { throw failure("a number cannot begin with 0") }
        var isInteger = true
        if take(UInt8(ascii: ".")) {
            isInteger = false
            try digits()
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            isInteger = false
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try digits()
        }
        let text = String(decoding: bytes[start..<position], as: UTF8.self)
        if isInteger, let integer = Int64(text) { return .integer(integer) }
        guard let number = Double(text), number.isFinite else {
            throw JSON.ParseError(offset: start, message: "the number is too large")
        }
        return .number(number)
    }

    private mutating func digits() throws(JSON.ParseError) {
        let start = position
        while let peek, peek.isDigit { position += 1 }
        guard position > start else { throw failure("a digit should be here") }
    }
}

// MARK: Strings

extension JSONParser {
    private mutating func string() throws(JSON.ParseError) -> String {
        position += 1
        let start = position
        var unescaped: [UInt8] = []  // stays empty, and so costs nothing, until the first escape
        var runStart = position
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "\""):
                let run = bytes[runStart..<position]
                position += 1
                if unescaped.isEmpty { return try validated(run, from: start) }
                unescaped.append(contentsOf: run)
                return try validated(unescaped, from: start)
            case UInt8(ascii: "\\"):
                unescaped.append(contentsOf: bytes[runStart..<position])
                unescaped.append(contentsOf: try escape().utf8)
                runStart = position
            case 0x20...: position += 1
            default: throw failure("a control character must be escaped")
            }
        }
        throw failure("the text ends inside a string")
    }

    private func validated(
        _ utf8: some Collection<UInt8>,
        from start: Int
    ) throws(JSON.ParseError) -> String {
        guard let text = String(validating: utf8, as: UTF8.self) else {
            throw JSON.ParseError(offset: start, message: "the string is not UTF-8")
        }
        return text
    }

    private mutating func escape() throws(JSON.ParseError) -> Unicode.Scalar {
        let start = position
        position += 1
        guard let letter = peek else { throw failure("the text ends inside a string") }
        position += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"):
            return Unicode.Scalar(letter)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{C}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicodeEscape(from: start)
        default: throw JSON.ParseError(offset: start, message: "JSON has no such escape")
        }
    }

    /// `\uXXXX`, or two of them for a scalar beyond the basic plane.
    private mutating func unicodeEscape(
        from start: Int
    ) throws(JSON.ParseError) -> Unicode.Scalar {
        let lone = JSON.ParseError(offset: start, message: "half of a surrogate pair")
        let first = try fourHexDigits()
        guard (0xD800...0xDFFF).contains(first) else {
            guard let scalar = Unicode.Scalar(first) else { throw lone }
            return scalar
        }
        guard first < 0xDC00, take(UInt8(ascii: "\\")), take(UInt8(ascii: "u")) else { throw lone }
        let second = try fourHexDigits()
        guard (0xDC00...0xDFFF).contains(second),
            let scalar = Unicode.Scalar(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00))
        else { throw lone }
        return scalar
    }

    private mutating func fourHexDigits() throws(JSON.ParseError) -> UInt32 {
        var value: UInt32 = 0
        for _ in 0..<4 {
            guard let digit = peek?.hexValue else { throw failure("a hex digit should be here") }
            value = value << 4 | UInt32(digit)
            position += 1
        }
        return value
    }
}

// MARK: Bytes

extension JSONParser {
    private var peek: UInt8? {
        position < bytes.count ? bytes[position] : nil
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard peek == byte else { return false }
        position += 1
        return true
    }

    private mutating func skipBlanks() {
        while let peek, peek == 0x20 || peek == 0x0A || peek == 0x0D || peek == 0x09 {
            position += 1
        }
    }

    private func failure(_ message: String) -> JSON.ParseError {
        JSON.ParseError(offset: position, message: message)
    }
}

extension UInt8 {
    fileprivate var isDigit: Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(self)
    }

    fileprivate var hexValue: UInt8? {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): self - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): self - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): self - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
