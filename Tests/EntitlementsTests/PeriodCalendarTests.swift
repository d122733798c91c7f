import Testing

@testable import Entitlements

@Suite struct `A calendar period` {
    typealias Use = PeriodFixture

    @Test(
        arguments: [
            (.day, 1, "2026-11-25 11:00", "2026-11-26 11:00"),
            (.week, 1, "2026-11-22 11:00", "2026-11-29 11:00"),
            (.month, 1, "2026-10-31 11:00", "2026-11-30 11:00"),
            (.month, 2, "2026-10-31 11:00", "2026-12-31 11:00"),
            (.quarter, 1, "2026-09-30 11:00", "2026-12-31 11:00"),
            (.quarter, 2, "2026-06-30 12:00", "2026-12-31 11:00"),
            (.year, 1, "2025-12-31 11:00", "2026-12-31 11:00"),
            (.year, 2, "2025-12-31 11:00", "2027-12-31 11:00"),
            (.hour, 1, "2026-11-26 10:00", "2026-11-26 11:00"),
            (.hour, 6, "2026-11-26 06:00", "2026-11-26 12:00"),
        ] as [(PeriodInterval.Unit, Int64, String, String)]
    )
    func `starts at local midnight of the first`(
        unit: PeriodInterval.Unit,
        count: Int64,
        start: String,
        end: String
    ) throws {
        // Thursday, 26 November 2026, 23:59 in Auckland, 13 hours ahead of UTC (12 in winter).
        let instant = try Use.utc("2026-11-26 10:59")
        let auckland = try Use.named("Pacific/Auckland")
        let schedule = PeriodSchedule.calendar(try Use.every(unit, count), in: auckland)
        #expect(schedule.period(containing: instant) == (try Use.period(start, end)))
    }

    @Test(arguments: [
        (PeriodSchedule.WeekStart.monday, "2026-11-23", "2026-11-30"),
        (.sunday, "2026-11-22", "2026-11-29"),
    ])
    func `starts a week where the setting says`(
        weekStart: PeriodSchedule.WeekStart,
        start: String,
        end: String
    ) throws {
        let schedule = PeriodSchedule.calendar(.week, in: .utc, weekStart: weekStart)
        let expected = try Use.period(start, end)
        #expect(schedule.period(containing: try Use.utc("2026-11-26 12:00")) == expected)
        #expect(schedule.period(containing: expected.start) == expected)
    }

    @Test func `starts later on a day without a midnight, and only on that day`() throws {
        let santiago = try Use.named("America/Santiago")
        let days = PeriodSchedule.calendar(.day, in: santiago)
        #expect(
            Use.walk(days, from: try Use.utc("2024-09-07 12:00"), steps: 2) == [
                try Use.utc("2024-09-08 04:00"),  // 01:00: 00:00 was skipped
                try Use.utc("2024-09-09 03:00"),
            ]
        )
    }

    @Test func `follows an account to another zone`() throws {
        let schedule = PeriodSchedule.calendar(
            .month,
            in: try Use.named("Asia/Tokyo"),
            changed: .init(from: try Use.named("America/New_York"), at: try Use.utc("2026-06-20"))
        )
        #expect(
            Use.walk(schedule, from: try Use.utc("2026-05-15"), steps: 4) == [
                try Use.local("2026-06-01", "America/New_York"),
                try Use.local("2026-07-01", "America/New_York"),
                try Use.local("2026-08-01", "Asia/Tokyo"),
                try Use.local("2026-09-01", "Asia/Tokyo"),
            ]
        )
    }
}

@Suite struct `A period with a floor` {
    typealias Use = PeriodFixture

    @Test func `does not end before the end floor`() throws {
        // A first payment on 10 March; the anchor of the bills is the 15th.
        let schedule = PeriodSchedule(
            anchor: try Use.utc("2026-01-15"),
            every: .month,
            in: .utc,
            endFloor: try Use.utc("2026-03-10"),
            startFloor: try Use.utc("2026-01-20")
        )
        let first = try Use.period("2026-01-20", "2026-03-15")
        for instant in ["2026-01-20", "2026-02-15", "2026-03-09", "2026-03-10", "2026-03-14 23:59"]
        {
            #expect(schedule.period(containing: try Use.utc(instant)) == first, "\(instant)")
        }
        #expect(
            schedule.period(containing: first.end) == (try Use.period("2026-03-15", "2026-04-15"))
        )
    }

    @Test func `ends at the end floor where that is a boundary`() throws {
        let trialEnd = try Use.utc("2026-03-14 09:30")
        let schedule = PeriodSchedule(
            anchor: trialEnd,
            every: .month,
            in: .utc,
            endFloor: trialEnd
        )
        let before = schedule.period(containing: try Use.utc("2026-01-01"))
        #expect(before == Period(start: .always, end: trialEnd))
        #expect(schedule.period(containing: trialEnd).start == trialEnd)
    }

    @Test func `resets inside a trial that is longer than its interval`() throws {
        let schedule = PeriodSchedule(
            anchor: try Use.utc("2026-03-31"),
            every: .month,
            in: .utc,
            startFloor: try Use.utc("2026-01-10")
        )
        #expect(
            Use.walk(schedule, from: try Use.utc("2026-01-10"), steps: 3)
                == (try ["2026-01-31", "2026-02-28", "2026-03-31"].map { try Use.utc($0) })
        )
    }

    @Test func `does not start before the start floor, and nothing reaches past it`() throws {
        let start = try Use.utc("2026-01-20")
        let schedule = PeriodSchedule(
            anchor: try Use.utc("2026-02-15"),
            every: .month,
            in: .utc,
            startFloor: start
        )
        #expect(schedule.period(containing: start) == (try Use.period("2026-01-20", "2026-02-15")))
        let before = schedule.period(containing: try Use.utc("2026-01-19 23:59"))
        #expect(before == (try Use.period("2026-01-15", "2026-01-20")))
    }

    @Test func `keeps the end that a floor announced when the zone changes`() throws {
        let berlin = try Use.named("Europe/Berlin")
        let schedule = PeriodSchedule(
            anchor: try Use.local("2026-01-15", "Europe/Berlin"),
            every: .month,
            in: try Use.named("America/New_York"),
            changed: .init(from: berlin, at: try Use.utc("2026-02-01")),
            endFloor: try Use.utc("2026-03-10")
        )
        #expect(
            Use.walk(schedule, from: try Use.utc("2026-02-01"), steps: 2) == [
                try Use.local("2026-03-15", "Europe/Berlin"),
                try Use.local("2026-04-15", "America/New_York"),
            ]
        )
    }
}

@Suite struct `Going over to another anchor` {
    typealias Use = PeriodFixture

    @Test(arguments: [
        // The bill of the 20th comes before the reset of the 5th: the reset stays.
        ("2026-03-10", "2026-03-05", "2026-04-05", "2026-04-20"),
        // The bill of the 20th of the next quarter comes after it: the period grows.
        ("2026-03-25", "2026-03-05", "2026-04-20", "2026-05-20"),
    ])
    func `never shortens the running period`(
        at: String,
        start: String,
        end: String,
        next: String
    ) throws {
        let running = PeriodSchedule(anchor: try Use.utc("2026-01-05"), every: .month, in: .utc)
        let bills = PeriodSchedule(anchor: try Use.utc("2025-11-20"), every: .month, in: .utc)
        let (last, then) = bills.following(running, at: try Use.utc(at))
        #expect(last == (try Use.period(start, end)))
        #expect(then.period(containing: last.end) == (try Use.period(end, next)))
    }
}
