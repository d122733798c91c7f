import Testing

@testable import Entitlements

@Suite struct `An instant` {
    static let epoch = Instant(microseconds: 0)

    @Test(arguments: [
        ("1970-01-01T00:00:00Z", 0),
        ("1970-01-01T00:00:00.000001Z", 1),
        ("1969-12-31T23:59:59.999999Z", -1),
        ("2026-11-23T15:04:05.123Z", 1_795_446_245_123_000),
        ("2026-11-23t15:04:05.123z", 1_795_446_245_123_000),
        ("2026-11-23T16:04:05.123+01:00", 1_795_446_245_123_000),
        ("2026-11-23T09:34:05.123-05:30", 1_795_446_245_123_000),
        ("2026-11-23T15:04:05.123-00:00", 1_795_446_245_123_000),
        ("2026-11-23T15:04:05.123456789Z", 1_795_446_245_123_456),  // cut, not rounded
        ("2026-11-23T15:04:05.1Z", 1_795_446_245_100_000),
        ("2024-02-29T00:00:00Z", 1_709_164_800_000_000),
        ("2000-02-29T12:00:00Z", 951_825_600_000_000),
        ("0001-01-01T00:00:00Z", -62_135_596_800_000_000),
        ("9999-12-31T23:59:59.999999Z", 253_402_300_799_999_999),
    ])
    func `reads RFC 3339`(text: String, microseconds: Int64) {
        #expect(Instant(rfc3339: text) == Instant(microseconds: microseconds))
    }

    @Test(arguments: [
        "", "2026", "2026-11-23", "2026-11-23T15:04:05", "2026-11-23 15:04:05Z",
        "2026-11-23T15:04Z", "2026-11-23T15:04:05.Z", "2026-11-23T15:04:05.1234567890Z",
        "2026-11-23T24:00:00Z", "2026-11-23T15:60:00Z", "2016-12-31T23:59:60Z",
        "2026-00-10T00:00:00Z", "2026-13-10T00:00:00Z", "2026-04-31T00:00:00Z",
        "2026-02-29T00:00:00Z", "1900-02-29T00:00:00Z", "2026-01-00T00:00:00Z",
        "2026-11-23T15:04:05+1:00", "2026-11-23T15:04:05+01", "2026-11-23T15:04:05+0100",
        "2026-11-23T15:04:05+24:00", "2026-11-23T15:04:05+01:60", "2026-11-23T15:04:05Zx",
        " 2026-11-23T15:04:05Z", "2026-11-23T15:04:05Z ", "+026-11-23T15:04:05Z",
        "2026-11-23T15:04:05,5Z", "2026-1-23T15:04:05Z", "20261-11-23T15:04:05Z",
        "0000-12-31T23:59:59Z", "0001-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01",
        "２０２６-11-23T15:04:05Z", "2026-11-23T15:04:05Z\u{301}", "2026-11-23T15:04:05\u{0}Z",
    ])
    func `refuses everything else`(text: String) {
        #expect(Instant(rfc3339: text) == nil)
    }

    @Test(
        arguments: [
            (0, "1970-01-01T00:00:00.000Z"),
            (-1, "1969-12-31T23:59:59.999Z"),  // cut towards the past on both sides of the epoch
            (1_999, "1970-01-01T00:00:00.001Z"),
            (1_795_446_245_123_456, "2026-11-23T15:04:05.123Z"),
            (1_709_164_800_000_000, "2024-02-29T00:00:00.000Z"),
            (-62_135_596_800_000_000, "0001-01-01T00:00:00.000Z"),
            (253_402_300_799_999_999, "9999-12-31T23:59:59.999Z"),
            (.max, "9999-12-31T23:59:59.999Z"),
            (.min, "0001-01-01T00:00:00.000Z"),
        ] as [(Int64, String)]
    )
    func `is written in UTC with exactly milliseconds`(microseconds: Int64, text: String) {
        #expect(Instant(microseconds: microseconds).description == text)
    }

    @Test func `survives being written and read, on every day of the calendar`() throws {
        let first = Instant.earliestWritten.microseconds
        let milliseconds = (Instant.latestWritten.microseconds - first) / 1_000
        var random = Seeded(seed: 1)
        for _ in 0..<20_000 {
            let offset = Int64.random(in: 0...milliseconds, using: &random)
            let instant = Instant(microseconds: first + offset * 1_000)
            #expect(Instant(rfc3339: instant.description) == instant)
        }
    }

    @Test func `counts days as a calendar does, one after the other`() {
        var expected = CivilDate(year: 1, month: 1, day: 1)
        var wrong: [CivilDate] = []
        for day in CivilDate(year: 1, month: 1, day: 1).daysSinceEpoch...2_932_896 {
            let date = CivilDate(daysSinceEpoch: day)
            if date != expected || date.daysSinceEpoch != day { wrong.append(expected) }
            expected = expected.next
        }
        #expect(wrong == [])
        #expect(expected == CivilDate(year: 10_000, month: 1, day: 1))
    }

    @Test func `saturates instead of trapping`() {
        #expect(Instant.never + .seconds(1) == .never)
        #expect(Instant.always - .seconds(1) == .always)
        #expect(Self.epoch + .seconds(Int64.max) == .never)
        #expect(Self.epoch - .seconds(Int64.min) == .never)
        #expect(Self.epoch + .microseconds(5) == Instant(microseconds: 5))
    }
}

extension CivilDate {
    /// Tomorrow, by the rules one learns at school.
    fileprivate var next: CivilDate {
        let isLeap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        let lengths: [Int64] = [31, isLeap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]
        if day < lengths[Int(month) - 1] {
            return CivilDate(year: year, month: month, day: day + 1)
        }
        return month < 12
            ? CivilDate(year: year, month: month + 1, day: 1)
            : CivilDate(year: year + 1, month: 1, day: 1)
    }
}
