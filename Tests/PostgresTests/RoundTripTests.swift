import Postgres
import TestSupport
import Testing

@Suite struct `A value that is bound and read back` {
    let connection: Connection

    init() async throws {
        connection = try await Connection(
            ConnectionSettings(url: TestServer.shared.url(database: "postgres"))
        )
    }

    @Test(arguments: [
        "", "plain", "it's", "\"quoted\"", "back\\slash", "\\x41", "$1", "{a,b}", "NULL", "null",
        "line\nbreak\ttab\r", "ünïcödé 🎟️ 漢字", "e\u{301}", "\u{10FFFF}", " ", ";drop table x;--",
        "%s", "\u{1}\u{7F}", String(repeating: "x", count: 100_000),
    ])
    func `is the same text`(text: String) async throws {
        let row = try await one(
            "select \(text)::text as value, octet_length(\(text)::text) as size"
        )
        // By bytes: Swift holds é and e + accent for equal.
        #expect(try row.text("value").utf8.elementsEqual(text.utf8))
        #expect(try row.int64("size") == text.utf8.count)
    }

    @Test(arguments: [Int64.min, Int64.min + 1, -1, 0, 1, 9_007_199_254_740_993, Int64.max])
    func `is the same whole number`(number: Int64) async throws {
        let row = try await one("select \(number)::bigint as value, \(Int(number))::text as other")
        #expect(try row.int64("value") == number)
        #expect(try row.text(1) == String(number))
    }

    @Test(arguments: [
        0.1, -0.0, 1e300, Double.leastNonzeroMagnitude, .infinity, -.infinity, 1.0 / 3.0,
    ])
    func `is the same number`(number: Double) async throws {
        let row = try await one("select \(number)::float8 as value")
        #expect(try row.double(0) == number)
    }

    @Test func `may be no number`() async throws {
        let row = try await one("select \(Double.nan)::float8 as value")
        #expect(try row.double(0).isNaN)
    }

    @Test(arguments: [true, false])
    func `is the same truth`(truth: Bool) async throws {
        let row = try await one("select \(truth)::boolean as value, not \(truth)::boolean as other")
        #expect(try row.bool("value") == truth)
        #expect(try row.bool("other") == !truth)
    }

    @Test(arguments: [[], [0], [0, 1, 2, 0], Array("\\x00'".utf8), Array(UInt8.min...UInt8.max)])
    func `is the same bytes`(bytes: [UInt8]) async throws {
        let row = try await one("select \(bytes)::bytea as value, length(\(bytes)::bytea) as size")
        #expect(try row.bytes("value") == bytes)
        #expect(try row.int64("size") == bytes.count)
    }

    @Test(arguments: [
        [], [""], ["NULL", "null"], ["a,b", "{c}", "\"d\"", "e\\f"], ["ü🎟️", " ", "\n"], ["it's"],
    ])
    func `is the same list of texts`(texts: [String]) async throws {
        let row = try await one(
            "select \(texts)::text[] as value, cardinality(\(texts)::text[]) as size"
        )
        #expect(try row.textArray("value") == texts)
        #expect(try row.int64("size") == texts.count)
    }

    @Test func `is the same list of anything`() async throws {
        let numbers: [Int64] = [.min, 0, .max]
        let blobs: [[UInt8]] = [[], [0, 255], Array("\"\\".utf8)]
        let gaps: [String?] = ["a", nil, "NULL"]
        let row = try await one(
            """
            select \(numbers)::bigint[] as numbers, (\(blobs)::bytea[])[3] as blob,
                   (\(gaps)::text[])[2] is null as gap, (\(gaps)::text[])[3] as word,
                   \([Int64]())::bigint[] as none
            """
        )
        #expect(try row.int64Array("numbers") == numbers)
        #expect(try row.bytes("blob") == blobs[2])
        #expect(try row.bool("gap"))
        #expect(try row.text("word") == "NULL")
        #expect(try row.int64Array("none") == [])
    }

    @Test(arguments: [
        (0, "1970-01-01 00:00:00+00"),
        (-1, "1969-12-31 23:59:59.999999+00"),
        (951_782_400_000_000, "2000-02-29 00:00:00+00"),
        (1_700_000_000_123_456, "2023-11-14 22:13:20.123456+00"),
        (253_402_300_800_000_000, "10000-01-01 00:00:00+00"),
        (-62_135_596_800_000_001, "0001-12-31 23:59:59.999999+00 BC"),
        (.max, "294247-01-10 04:00:54.775807+00"),
        (-210_866_803_200_000_000, "4714-11-24 00:00:00+00 BC"),
    ])
    func `is the same point in time`(microseconds: Int64, text: String) async throws {
        let row = try await one(
            "select \(timestamp: microseconds) as value, \(text)::timestamptz as parsed"
        )
        #expect(try row.text("value") == text)
        #expect(try row.microseconds("value") == microseconds)
        #expect(try row.microseconds("parsed") == microseconds)
    }

    @Test func `is refused if it lies before the calendar`() async throws {
        let error = try await #require(throws: PostgresError.self) {
            try await connection.query("select \(timestamp: .min) as value")
        }
        #expect(error.sqlState == "22008")
    }

    @Test func `may be null, whatever its type`() async throws {
        let row = try await one(
            """
            select \(String?.none)::text as a, \(Int64?.none)::bigint as b,
                   \(Bool?.none)::bool as c,
                   \([UInt8]?.none)::bytea as d, \(timestamp: nil) as e,
                   \([String]?.none)::text[] as f,
                   \(Optional("set"))::text as g
            """
        )
        #expect(try row.textIfPresent("a") == nil)
        #expect(try row.int64IfPresent("b") == nil)
        #expect(try row.doubleIfPresent("b") == nil)
        #expect(try row.boolIfPresent("c") == nil)
        #expect(try row.bytesIfPresent("d") == nil)
        #expect(try row.microsecondsIfPresent("e") == nil)
        #expect(try row.textArrayIfPresent("f") == nil)
        #expect(try row.textIfPresent("g") == "set")
    }

    @Test func `cannot be a text with the character zero`() async throws {
        let error = try await #require(throws: PostgresError.self) {
            try await connection.query("select \("admin\0")::text")
        }
        #expect(error.sqlState == "22021")
        #expect(error.message.contains("$1"))
    }

    private func one(_ sql: SQL) async throws -> Row {
        try #require(await connection.query(sql).first)
    }
}
