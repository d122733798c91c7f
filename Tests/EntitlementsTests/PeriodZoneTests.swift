import Testing

@testable import Entitlements

/// Neighbouring boundaries on the clocks of a zone, and how many hours pass between them.
struct LocalExample: Sendable {
    let zone: String
    let anchor: String
    let interval: PeriodInterval
    /// In UTC.
    let boundaries: [String]

    init(_ zone: String, _ anchor: String, _ interval: PeriodInterval, _ boundaries: [String]) {
        self.zone = zone
        self.anchor = anchor
        self.interval = interval
        self.boundaries = boundaries
    }
}

@Suite struct `A period on the clocks of a zone` {
    typealias Use = PeriodFixture

    @Test(arguments: [
        // Midnight to midnight: 23 hours on 29 March, 25 on 25 October.
        LocalExample(
            "Europe/Berlin",
            "2026-01-01 00:00",
            .day,
            ["2026-03-27 23:00", "2026-03-28 23:00", "2026-03-29 22:00", "2026-03-30 22:00"]
        ),
        LocalExample(
            "Europe/Berlin",
            "2026-01-01 00:00",
            .day,
            ["2026-10-24 22:00", "2026-10-25 23:00", "2026-10-26 23:00"]
        ),
        // 02:30 is skipped on 29 March, and is 03:30; it is shown twice on 25 October.
        LocalExample(
            "Europe/Berlin",
            "2026-01-01 02:30",
            .day,
            ["2026-03-28 01:30", "2026-03-29 01:30", "2026-03-30 00:30"]
        ),
        LocalExample(
            "Europe/Berlin",
            "2026-01-25 02:30",
            .month,
            ["2026-09-25 00:30", "2026-10-25 00:30", "2026-11-25 01:30"]
        ),
        LocalExample(
            "America/New_York",
            "2026-01-08 02:30",
            .month,
            ["2026-02-08 07:30", "2026-03-08 07:30", "2026-04-08 06:30"]
        ),
        LocalExample(
            "America/New_York",
            "2026-01-01 01:30",
            .month,
            ["2026-10-01 05:30", "2026-11-01 05:30", "2026-12-01 06:30"]
        ),
        // Half an hour of summer time: 02:15 is skipped on 4 October, 01:45 repeats on 5 April.
        LocalExample(
            "Australia/Lord_Howe",
            "2026-01-04 02:15",
            .week,
            ["2026-09-26 15:45", "2026-10-03 15:45", "2026-10-10 15:15"]
        ),
        LocalExample(
            "Australia/Lord_Howe",
            "2026-01-04 01:45",
            .week,
            ["2026-03-28 14:45", "2026-04-04 14:45", "2026-04-11 15:15"]
        ),
        // Midnight itself is skipped: the day of Sao Paulo starts at 01:00 once, not for good.
        LocalExample(
            "America/Sao_Paulo",
            "2018-01-04 00:00",
            .month,
            ["2018-10-04 03:00", "2018-11-04 03:00", "2018-12-04 02:00"]
        ),
        // The last of the month is local: in UTC it is mostly the day before the last.
        LocalExample(
            "Asia/Kolkata",
            "2026-01-31 00:00",
            .month,
            ["2026-01-30 18:30", "2026-02-27 18:30", "2026-03-30 18:30", "2026-04-29 18:30"]
        ),
        // Apia had no 30 December 2011: its boundary is the 31st's, and no period is empty.
        LocalExample(
            "Pacific/Apia",
            "2011-12-01 10:00",
            .day,
            ["2011-12-28 20:00", "2011-12-29 20:00", "2011-12-30 20:00", "2011-12-31 20:00"]
        ),
        LocalExample(
            "Pacific/Apia",
            "2011-10-30 10:00",
            .month,
            ["2011-11-30 20:00", "2011-12-30 20:00", "2012-01-29 20:00"]
        ),
        // Kwajalein had 30 September 1969 twice, but for an hour: the first counts.
        LocalExample(
            "Pacific/Kwajalein",
            "1969-09-01 10:00",
            .day,
            ["1969-09-28 23:00", "1969-09-29 23:00", "1969-10-01 22:00"]
        ),
        // Hours pass: no clock on the wall changes them.
        LocalExample(
            "Europe/Berlin",
            "2026-03-28 12:00",
            .hour,
            ["2026-03-29 00:00", "2026-03-29 01:00", "2026-03-29 02:00", "2026-03-29 03:00"]
        ),
    ])
    func `follows the clock through every change`(example: LocalExample) throws {
        let schedule = PeriodSchedule(
            anchor: try Use.local(example.anchor, example.zone),
            every: example.interval,
            in: try Use.named(example.zone)
        )
        let expected = try example.boundaries.map { try Use.utc($0) }
        let first = try #require(expected.first)
        #expect(schedule.period(containing: first).start == first)
        let walk = Use.walk(schedule, from: first, steps: expected.count - 1)
        #expect(walk == Array(expected.dropFirst()))
        for (start, end) in zip(expected, expected.dropFirst()) {
            let last = Instant(microseconds: end.microseconds - 1)
            #expect(schedule.period(containing: last) == Period(start: start, end: end))
        }
    }

    @Test func `keeps an anchor that the clock showed twice`() throws {
        let berlin = try Use.named("Europe/Berlin")
        let second = try Use.utc("2026-10-25 01:30")  // 02:30 for the second time
        let schedule = PeriodSchedule(anchor: second, every: .day, in: berlin)
        #expect(schedule.boundary(0) == second)
        #expect(schedule.boundary(-1) == (try Use.utc("2026-10-24 00:30")))
        #expect(schedule.boundary(1) == (try Use.utc("2026-10-26 01:30")))
        #expect(schedule.period(containing: try Use.utc("2026-10-25 00:30")).end == second)
    }

    @Test func `does not begin a day again that the clock goes back behind`() throws {
        // St. John's went back at 00:01 to 23:01: midnight was shown, then the day before again.
        let days = PeriodSchedule.calendar(.day, in: try Use.named("America/St_Johns"))
        let day = try Use.period("2006-10-29 02:30", "2006-10-30 03:30")
        for instant in ["2006-10-29 02:30", "2006-10-29 02:31", "2006-10-29 03:30"] {
            #expect(days.period(containing: try Use.utc(instant)) == day, "\(instant)")
        }
    }

    @Test func `asks the zone which month it is, not UTC`() throws {
        let month = PeriodSchedule.calendar(.month, in: try Use.named("America/Los_Angeles"))
        let instant = try Use.utc("2026-03-01 07:59")  // still February there
        #expect(
            month.period(containing: instant)
                == (try Use.period("2026-02-01 08:00", "2026-03-01 08:00"))
        )
    }
}

@Suite struct `A period whose zone changed` {
    typealias Use = PeriodFixture

    /// A schedule anchored in Berlin, moved on a day.
    private func moved(
        from old: String = "Europe/Berlin",
        to new: String,
        at: String,
        anchor: String,
        every interval: PeriodInterval
    ) throws -> PeriodSchedule {
        PeriodSchedule(
            anchor: try Use.local(anchor, old),
            every: interval,
            in: try Use.named(new),
            changed: PeriodSchedule.ZoneChange(from: try Use.named(old), at: try Use.utc(at))
        )
    }

    @Test func `ends when it was announced, and the next has the anchor's local time`() throws {
        let schedule = try moved(
            to: "America/New_York",
            at: "2026-06-20",
            anchor: "2026-01-31 09:00",
            every: .month
        )
        #expect(
            Use.walk(schedule, from: try Use.utc("2026-05-15"), steps: 5) == [
                try Use.local("2026-05-31 09:00", "Europe/Berlin"),
                try Use.local("2026-06-30 09:00", "Europe/Berlin"),  // announced
                try Use.local("2026-07-31 09:00", "America/New_York"),
                try Use.local("2026-08-31 09:00", "America/New_York"),
                try Use.local("2026-09-30 09:00", "America/New_York"),
            ]
        )
    }

    @Test func `has no second start when the clocks are behind`() throws {
        // Midnight of the 16th in New York comes six hours after the announced end, which was it.
        let schedule = try moved(
            to: "America/New_York",
            at: "2026-06-15 12:00",
            anchor: "2026-06-01",
            every: .day
        )
        #expect(
            Use.walk(schedule, from: try Use.utc("2026-06-15 12:00"), steps: 3) == [
                try Use.utc("2026-06-15 22:00"),
                try Use.local("2026-06-17", "America/New_York"),
                try Use.local("2026-06-18", "America/New_York"),
            ]
        )
    }

    @Test func `takes the next number where a boundary would not be later`() throws {
        // From 11 hours behind UTC to 14 ahead: the next local midnight lies before the kept one.
        let schedule = try moved(
            from: "Pacific/Midway",
            to: "Pacific/Kiritimati",
            at: "2026-06-15 12:00",
            anchor: "2026-06-01",
            every: .day
        )
        let kept = try Use.local("2026-06-16", "Pacific/Midway")
        #expect(try Use.local("2026-06-17", "Pacific/Kiritimati") < kept)
        #expect(
            Use.walk(schedule, from: try Use.utc("2026-06-15 12:00"), steps: 3) == [
                kept,
                try Use.local("2026-06-18", "Pacific/Kiritimati"),
                try Use.local("2026-06-19", "Pacific/Kiritimati"),
            ]
        )
        let days = schedule.boundary(15)
        #expect(days == kept)
        #expect(schedule.boundary(16) == (try Use.local("2026-06-18", "Pacific/Kiritimati")))
    }

    @Test func `keeps an anchor that is still to come`() throws {
        let schedule = try moved(
            to: "America/New_York",
            at: "2026-06-02",
            anchor: "2026-06-10 08:00",
            every: .day
        )
        let anchor = try Use.local("2026-06-10 08:00", "Europe/Berlin")
        #expect(schedule.boundary(0) == anchor)
        #expect(
            schedule.period(containing: anchor)
                == Period(start: anchor, end: try Use.local("2026-06-11 08:00", "America/New_York"))
        )
    }

    @Test func `does not change when it is hours, or the zone is the same`() throws {
        let anchor = try Use.utc("2026-06-01 00:30")
        let berlin = try Use.named("Europe/Berlin")
        let kolkata = try Use.named("Asia/Kolkata")
        let at = try Use.utc("2026-06-10")
        let hours = PeriodSchedule(
            anchor: anchor,
            every: .hour,
            in: kolkata,
            changed: .init(from: berlin, at: at)
        )
        let same = PeriodSchedule(
            anchor: anchor,
            every: .day,
            in: berlin,
            changed: .init(from: berlin, at: at)
        )
        #expect(hours.boundary(5_000) == anchor + .seconds(5_000 * 3_600))
        #expect(same == PeriodSchedule(anchor: anchor, every: .day, in: berlin))
    }
}
