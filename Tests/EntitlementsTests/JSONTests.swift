import Testing

@testable import Entitlements

@Suite struct `Reading JSON` {
    @Test(
        arguments: [
            ("null", .null), (" true ", true), ("false", false), ("\t\r\n0\n", 0), ("-0", 0),
            ("9223372036854775807", .integer(.max)), ("-9223372036854775808", .integer(.min)),
            ("9223372036854775808", .number(9_223_372_036_854_775_808)),
            ("1.0", .number(1)), ("-1.5e3", .number(-1_500)), ("1E+2", .number(100)),
            ("2e-1", .number(0.2)), ("1e-400", .number(0)),
            ("\"\"", ""), ("\"a\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "a\"\\/\u{8}\u{C}\n\r\t"),
            ("\"\\u00e9\\uD83D\\ude00é😀\"", "é😀é😀"), ("\"\\u0000x\"", "\u{0}x"),
            ("[]", []), ("[ 1 , [ ] ]", [1, []]), ("{}", [:]),
            ("{ \"a\" : { \"b\" : [ null ] } }", ["a": ["b": [.null]]]),
        ] as [(String, JSON)]
    )
    func `takes what RFC 8259 allows`(text: String, value: JSON) throws {
        #expect(try JSON(parsing: text) == value)
    }

    @Test(arguments: [
        ("", 0), ("  ", 2), ("nul", 0), ("nulll", 4), ("True", 0), ("1 2", 2), ("01", 1),
        ("-", 1), ("+1", 0), (".5", 0), ("1.", 2), ("1.e5", 2), ("1e", 2), ("1e+", 3),
        ("0x10", 1), ("NaN", 0), ("Infinity", 0), ("-Infinity", 1), ("1e400", 0), ("-1e999", 0),
        ("[1,]", 3), ("[,1]", 1), ("[1", 2), ("]", 0), ("{\"a\":1,}", 7), ("{a:1}", 1),
        ("{\"a\" 1}", 5), ("{\"a\":}", 5), ("{1:2}", 1), ("{\"a\":1", 6), ("'a'", 0),
        ("\"", 1), ("\"a\nb\"", 2), ("\"\\x\"", 1), ("\"\\u12g4\"", 5), ("\"\\", 2),
        ("\"\\ud800\"", 1), ("\"\\udc00\"", 1), ("\"\\ud800\\u0041\"", 1), ("\"\\ud800x\"", 1),
        ("\"\\ud800\\ud800\"", 1), ("{\"a\":1,\"a\":2}", 7), ("{\"a\":1,\"\\u0061\":2}", 7),
        ("\u{FEFF}1", 0), ("/* */ 1", 0), ("1//", 1),
    ])
    func `refuses the rest and says where`(text: String, offset: Int) throws {
        let error = try #require(throws: JSON.ParseError.self) { try JSON(parsing: text) }
        #expect(error.offset == offset)
        #expect(!error.message.isEmpty)
    }

    @Test(
        arguments: [
            [0xFF], [0xC3], [0xC0, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80], [0x80],
        ] as [[UInt8]]
    )
    func `refuses what is not UTF-8`(inner: [UInt8]) {
        #expect(throws: JSON.ParseError.self) {
            try JSON(parsing: [0x22] + inner + [0x22])
        }
        #expect(throws: JSON.ParseError.self) {
            try JSON(parsing: [0x22] + inner + Array("\\n\"".utf8))
        }
    }

    @Test func `nests to its bound and no deeper`() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(throws: Never.self) { try JSON(parsing: nested(JSON.mostNested)) }
        let error = try #require(throws: JSON.ParseError.self) {
            try JSON(parsing: nested(JSON.mostNested + 1))
        }
        #expect(error.offset == JSON.mostNested)
        // Depth is how deep, not how many.
        #expect(throws: Never.self) { try JSON(parsing: "[\(nested(60)),\(nested(60)),[],{}]") }
        #expect(throws: JSON.ParseError.self) {
            try JSON(parsing: [UInt8](repeating: UInt8(ascii: "["), count: 1 << 20))
        }
    }

    @Test func `never traps, whatever one byte is changed to`() throws {
        let text = #"{"id":"evt_1","n":-12.5e+3,"list":[true,null,"\u00e9\n"],"deep":{"a":{}}}"#
        let bytes = Array(text.utf8)
        var random = Seeded(seed: 2)
        for _ in 0..<20_000 {
            var changed = bytes
            let index = Int.random(in: 0..<changed.count, using: &random)
            changed[index] = UInt8.random(in: .min ... .max, using: &random)
            if Bool.random(using: &random) { changed.removeSubrange(index...) }
            guard let value = try? JSON(parsing: changed) else { continue }
            #expect(try JSON(parsing: value.description) == value)
        }
    }

    @Test func `takes time in proportion to the text`() throws {
        // A string of nothing but escapes: quadratic copying would take minutes here.
        let text = "\"" + String(repeating: "\\n", count: 500_000) + "\""
        #expect(try JSON(parsing: text).string?.utf8.count == 500_000)
    }
}

@Suite struct `Writing JSON` {
    @Test(
        arguments: [
            (.null, "null"), (true, "true"), (.integer(.min), "-9223372036854775808"),
            (.number(1), "1.0"), (.number(1e300), "1e+300"), (.number(.nan), "null"),
            (.number(.infinity), "null"), (["b": 1, "a": [2, "x"]], #"{"a":[2,"x"],"b":1}"#),
            (
                "\"\\/\u{8}\u{C}\n\r\t\u{0}\u{1F}\u{7F}é😀",
                #""\"\\/\b\f\n\r\t\u0000\u001f\#u{7F}é😀""#
            ),
            (["é": 1, "z": 2, "Z": 3, "": 4], #"{"":4,"Z":3,"z":2,"é":1}"#),
        ] as [(JSON, String)]
    )
    func `is compact, escaped and in the order of keys`(value: JSON, text: String) {
        #expect(value.description == text)
    }

    @Test func `is undone by reading`() throws {
        var random = Seeded(seed: 3)
        for _ in 0..<2_000 {
            let value = JSON.random(depth: 4, using: &random)
            #expect(try JSON(parsing: value.description) == value)
        }
    }
}

@Suite struct `Looking into JSON` {
    /// The document of RFC 6901, section 5.
    static let document: JSON = [
        "foo": ["bar", "baz"], "": 0, "a/b": 1, "c%d": 2, "e^f": 3, "g|h": 4, "i\\j": 5,
        "k\"l": 6, " ": 7, "m~n": 8,
    ]

    @Test(
        arguments: [
            ("/foo", ["bar", "baz"]), ("/foo/0", "bar"), ("/", 0), ("/a~1b", 1), ("/c%d", 2),
            ("/e^f", 3), ("/g|h", 4), ("/i\\j", 5), ("/k\"l", 6), ("/ ", 7), ("/m~0n", 8),
        ] as [(String, JSON)]
    )
    func `follows the pointers of RFC 6901`(pointer: String, value: JSON) {
        #expect(Self.document.at(pointer: pointer) == value)
    }

    @Test(arguments: [
        "foo", "/foo/2", "/foo/-", "/foo/00", "/foo/01", "/foo/+1", "/foo/-1", "/foo/1e0",
        "/foo/0/x", "/nothing", "/m~n", "/m~2n", "/m~", "/foo/", "/foo/99999999999999999999",
    ])
    func `finds nothing where nothing is`(pointer: String) {
        #expect(Self.document.at(pointer: pointer) == nil)
    }

    @Test func `has a name for each type, and nil for the others`() {
        let values: JSON = ["i": 1, "n": 1.5, "s": "x", "b": true, "a": [1], "o": [:], "z": .null]
        #expect(values["i"]?.integer == 1 && values["i"]?.number == 1 && values["n"]?.number == 1.5)
        #expect(values["s"]?.string == "x" && values["b"]?.bool == true)
        #expect(values["a"]?.array == [1] && values["a"]?[0] == 1 && values["o"]?.object == [:])
        #expect(values["z"]?.isNull == true && values.at(pointer: "") == values)
        #expect(
            values["n"]?.integer == nil && values["s"]?.number == nil && values["i"]?.bool == nil
        )
        #expect(values["a"]?[1] == nil && values["a"]?[-1] == nil && values["a"]?["0"] == nil)
        #expect(values["o"]?[0] == nil && values["nothing"] == nil && values["s"]?.object == nil)
    }
}

extension JSON {
    fileprivate static func random(
        depth: Int,
        using random: inout some RandomNumberGenerator
    ) -> JSON {
        switch Int.random(in: 0..<(depth > 0 ? 7 : 5), using: &random) {
        case 0: return .null
        case 1: return .bool(.random(using: &random))
        case 2: return .integer(.random(in: .min ... .max, using: &random))
        case 3: return .number(.random(in: -1e9...1e9, using: &random))
        case 4: return .string(randomText(using: &random))
        case 5:
            return .array((0..<3).map { _ in JSON.random(depth: depth - 1, using: &random) })
        default:
            let members = (0..<3)
                .map { _ in
                    (randomText(using: &random), JSON.random(depth: depth - 1, using: &random))
                }
            return .object(Dictionary(members) { $1 })
        }
    }

    private static func randomText(using random: inout some RandomNumberGenerator) -> String {
        let scalars: [Unicode.Scalar] = ["a", "\"", "\\", "\n", "\u{0}", "é", "\u{301}", "😀", "/"]
        var text = String.UnicodeScalarView()
        for _ in 0..<Int.random(in: 0...6, using: &random) {
            text.append(scalars.randomElement(using: &random) ?? "x")
        }
        return String(text)
    }
}
