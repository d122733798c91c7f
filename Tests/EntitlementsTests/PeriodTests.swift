import Testing

@testable import Entitlements

/// An anchor and an interval in UTC, and the period that they give at an instant.
struct PeriodExample: Sendable, CustomTestStringConvertible {
    let name: String
    let anchor: String
    let count: Int64
    let unit: PeriodInterval.Unit
    let at: String
    let start: String
    let end: String

    init(
        _ name: String,
        _ anchor: String,
        _ count: Int64,
        _ unit: PeriodInterval.Unit,
        at: String,
        _ start: String,
        _ end: String
    ) {
        self.name = name
        self.anchor = anchor
        self.count = count
        self.unit = unit
        self.at = at
        self.start = start
        self.end = end
    }

    var testDescription: String { name }
}

@Suite struct `A period in UTC` {
    typealias Use = PeriodFixture

    @Test(arguments: [
        PeriodExample(
            "P1",
            "2025-01-18 12:00",
            1,
            .month,
            at: "2025-02-15 12:00",
            "2025-01-18 12:00",
            "2025-02-18 12:00"
        ),
        PeriodExample(
            "P2",
            "2025-01-30 15:00",
            1,
            .month,
            at: "2025-02-13 20:00",
            "2025-01-30 15:00",
            "2025-02-28 15:00"
        ),
        PeriodExample(
            "P3",
            "2024-01-31 00:00",
            1,
            .month,
            at: "2024-02-15 00:00",
            "2024-01-31",
            "2024-02-29"
        ),
        PeriodExample(
            "P4",
            "2024-01-31 00:00",
            1,
            .month,
            at: "2024-03-01 00:00",
            "2024-02-29",
            "2024-03-31"
        ),
        PeriodExample(
            "P5",
            "2026-01-31 10:00",
            1,
            .month,
            at: "2026-04-30 09:00",
            "2026-03-31 10:00",
            "2026-04-30 10:00"
        ),
        PeriodExample(
            "P6",
            "2026-01-31 10:00",
            1,
            .month,
            at: "2026-04-30 10:00",
            "2026-04-30 10:00",
            "2026-05-31 10:00"
        ),
        PeriodExample(
            "P7",
            "2025-01-02 12:00",
            3,
            .month,
            at: "2025-02-15 12:00",
            "2025-01-02 12:00",
            "2025-04-02 12:00"
        ),
        PeriodExample(
            "P8",
            "2025-04-28 12:00",
            1,
            .month,
            at: "2025-01-15 12:00",
            "2024-12-28 12:00",
            "2025-01-28 12:00"
        ),
        PeriodExample(
            "P9",
            "2024-02-29 12:00",
            1,
            .year,
            at: "2024-06-20 12:00",
            "2024-02-29 12:00",
            "2025-02-28 12:00"
        ),
        PeriodExample(
            "P10",
            "2022-01-15 12:00",
            2,
            .year,
            at: "2024-06-20 12:00",
            "2024-01-15 12:00",
            "2026-01-15 12:00"
        ),
        PeriodExample(
            "P11",
            "2025-01-08 12:00",
            1,
            .week,
            at: "2025-01-12 12:00",
            "2025-01-08 12:00",
            "2025-01-15 12:00"
        ),
        PeriodExample(
            "P12",
            "2025-01-15 10:00",
            4,
            .hour,
            at: "2025-01-15 15:30",
            "2025-01-15 14:00",
            "2025-01-15 18:00"
        ),
        PeriodExample(
            "31 May and a month is 30 June",
            "2025-05-31 08:00",
            1,
            .month,
            at: "2025-06-01 00:00",
            "2025-05-31 08:00",
            "2025-06-30 08:00"
        ),
        PeriodExample(
            "30 January on 29 February",
            "2024-01-30 00:00",
            1,
            .month,
            at: "2024-02-29 00:00",
            "2024-02-29",
            "2024-03-30"
        ),
        PeriodExample(
            "29 January before the end of February",
            "2023-01-29 00:00",
            1,
            .month,
            at: "2023-02-27 23:59",
            "2023-01-29",
            "2023-02-28"
        ),
        PeriodExample(
            "a quarter is three months",
            "2025-11-30 06:00",
            1,
            .quarter,
            at: "2026-02-28 06:00",
            "2026-02-28 06:00",
            "2026-05-30 06:00"
        ),
        PeriodExample(
            "29 February comes back after a leap year that was none",
            "2096-02-29",
            1,
            .year,
            at: "2104-03-01",
            "2104-02-29",
            "2105-02-28"
        ),
        PeriodExample(
            "an hour before the anchor",
            "2025-01-15 10:00",
            1,
            .hour,
            at: "2025-01-15 09:59:59",
            "2025-01-15 09:00",
            "2025-01-15 10:00"
        ),
        PeriodExample(
            "centuries before the anchor",
            "2026-01-31 10:00",
            1,
            .month,
            at: "1726-02-28 10:00",
            "1726-02-28 10:00",
            "1726-03-31 10:00"
        ),
        PeriodExample(
            "millennia after the anchor",
            "0001-01-31",
            1,
            .month,
            at: "9996-02-29",
            "9996-02-29",
            "9996-03-31"
        ),
    ])
    func `starts and ends where the anchor puts it`(example: PeriodExample) throws {
        let schedule = PeriodSchedule(
            anchor: try Use.utc(example.anchor),
            every: try Use.every(example.unit, example.count),
            in: .utc
        )
        let instant = try Use.utc(example.at)
        let expected = try Use.period(example.start, example.end)
        #expect(schedule.period(containing: instant) == expected)
        #expect(schedule.boundary(after: instant) == expected.end)
        #expect(schedule.period(containing: expected.start) == expected)
        #expect(schedule.period(containing: expected.end).start == expected.end)
    }

    @Test func `keeps the anchor's day through a year of shorter months`() throws {
        let anchor = try Use.utc("2024-01-31 23:59:59.999999")
        let schedule = PeriodSchedule(anchor: anchor, every: .month, in: .utc)
        let days = (0..<14).map { Zone.utc.wallClock(at: schedule.boundary($0)).day }
        #expect(days == [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31, 31, 28])
        #expect(schedule.boundary(0) == anchor)
        #expect(
            schedule.period(containing: Instant(microseconds: anchor.microseconds - 1)).end
                == anchor
        )
    }

    @Test(arguments: [0, -1, .min] as [Int64])
    func `has an interval that goes forward`(count: Int64) {
        #expect(PeriodInterval(.month, count: count) == nil)
    }

    @Test func `has an interval in the words of the column`() {
        let words = PeriodInterval.Unit.allCases.map(\.rawValue)
        #expect(words == ["hour", "day", "week", "month", "quarter", "year"])
    }

    @Test(arguments: PeriodInterval.Unit.allCases)
    func `ends for good where instants do`(unit: PeriodInterval.Unit) throws {
        for count in [1, 7, .max] as [Int64] {
            for anchor in [.always, Instant(microseconds: 0), .never] as [Instant] {
                let schedule = PeriodSchedule(
                    anchor: anchor,
                    every: try Use.every(unit, count),
                    in: try Use.named("Australia/Lord_Howe")
                )
                let first = schedule.period(containing: .always)
                let last = schedule.period(containing: .never)
                #expect(first.contains(.always))
                #expect(last.start < .never && last.end == .never)
                #expect(schedule.boundary(.max) >= anchor && schedule.boundary(.min) <= anchor)
            }
        }
    }
}
