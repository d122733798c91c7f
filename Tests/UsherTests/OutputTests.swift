import Entitlements
import Testing

@testable import usher

@Suite struct `A table` {
    private var table: Table {
        var table = Table("id", "state", "note")
        table.add("a", .init("open", .green), "")
        table.add("bcd", .init("closed", .red), "x\ty")
        return table
    }

    @Test func `aligns its columns and ends no line with blanks`() {
        let lines = table.lines(on: Terminal(hasColours: false))
        #expect(lines == ["ID   STATE   NOTE", "a    open", "bcd  closed  x\\u{9}y"])
    }

    @Test func `aligns by what is seen, not by the colours`() {
        let lines = table.lines(on: Terminal(hasColours: true))
        #expect(lines[2] == "bcd  \u{1B}[31mclosed\u{1B}[0m  x\\u{9}y")
    }
}

@Suite struct `A value` {
    @Test(
        arguments: [
            (JSON.null, "-"), (true, "yes"), (5, "5"), ("text", "text"), ([], ""),
            ([1, "a"], "1, a"),
            ([:], "-"), (["b": 1, "a": .null], "a=- b=1"),
            ("2026-11-23T15:04:05.123Z", "2026-11-23 15:04:05 UTC"),
            ("2026-11-23T15:04:05.123+01:00", "2026-11-23T15:04:05.123+01:00"),
        ] as [(JSON, String)]
    )
    func `reads as people would write it`(value: JSON, word: String) {
        #expect(value.word == word)
    }

    @Test(arguments: [
        (Duration.microseconds(649), "0.6 ms"), (.microseconds(650), "0.7 ms"),
        (.milliseconds(1_500), "1500.0 ms"), (.zero, "0.0 ms"),
    ])
    func `shows durations in milliseconds`(duration: Duration, text: String) {
        #expect(duration.inMilliseconds == text)
    }
}

@Suite struct `An argument` {
    @Test(arguments: [
        ("90s", 90), ("45m", 2_700), ("12h", 43_200), ("30d", 2_592_000), ("2w", 1_209_600),
    ])
    func `may be a span of time`(text: String, seconds: Int64) throws {
        #expect(try TimeSpan(text).seconds == seconds)
    }

    @Test(arguments: ["", "d", "30", "-1d", "+1d", "0d", "1.5h", "1 d", "30x", "9999999w", "٣d"])
    func `is no span of time otherwise`(text: String) {
        #expect(throws: (any Error).self) { try TimeSpan(text) }
    }

    @Test(arguments: [
        ("1d", "2026-01-02T00:00:00.000Z"),
        ("2026-05-01T02:00:00+02:00", "2026-05-01T00:00:00.000Z"),
    ])
    func `may be a point in time`(text: String, expected: String) throws {
        let now = try #require(Instant(rfc3339: "2026-01-01T00:00:00Z"))
        #expect(try TimeArgument(text).instant(now: now).description == expected)
    }

    @Test(arguments: ["", "soon", "2026-12-01", "2026-12-01T00:00:00"])
    func `is no point in time without its zone`(text: String) {
        #expect(throws: (any Error).self) { try TimeArgument(text) }
    }

    @Test(arguments: [
        ("now", "now"), ("period-end", "period_end"), ("period_end", "period_end"),
        ("2026-05-01T02:00:00+02:00", "2026-05-01T00:00:00.000Z"),
    ])
    func `may be a time to take effect`(text: String, word: String) throws {
        #expect(try EffectTime(text).word == word)
    }

    @Test(
        arguments: [
            ("90", 90), ("-5", -5), ("true", true), ("\"90\"", "90"), ("gold", "gold"),
            ("", ""), ("a b", "a b"), ("[1]", [1]),
        ] as [(String, JSON)]
    )
    func `may be a value, JSON where it reads as such`(text: String, value: JSON) {
        #expect(ValueArgument(argument: text)?.json == value)
    }

    @Test func `may be a limit, never less than nothing`() {
        #expect(LimitArgument(argument: "0")?.json == 0)
        #expect(LimitArgument(argument: "unlimited")?.json == "unlimited")
        #expect(LimitArgument(argument: "-1") == nil)
        #expect(LimitArgument(argument: "many") == nil)
    }

    @Test func `may be a pair, whose value may hold anything`() {
        let pair = Pair(argument: "os=a=b")
        #expect(pair?.key == "os")
        #expect(pair?.value == "a=b")
        #expect(Pair(argument: "=a") == nil)
        #expect(Pair(argument: "os") == nil)
    }
}
