import Testing

@testable import Entitlements

/// Schedules and instants from a seed; the seed is the argument, so a red row names itself.
@Suite struct `For any anchor, interval, zone and instant` {
    static let zones = [
        "UTC", "Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Pacific/Apia",
        "Asia/Kolkata", "Africa/Casablanca", "America/Sao_Paulo", "Pacific/Kwajalein",
        "Pacific/Kiritimati", "America/Santiago", "Antarctica/Troll", "Asia/Gaza",
        "America/St_Johns",
    ]

    struct Draw {
        var random: Seeded
        let anchor: Instant
        let interval: PeriodInterval
        let zone: Zone

        init(seed: UInt64) throws {
            random = Seeded(seed: seed)
            anchor = Self.instant(&random)
            let unit = try #require(PeriodInterval.Unit.allCases.randomElement(using: &random))
            let count = Bool.random(using: &random) ? 1 : Int64.random(in: 1...40, using: &random)
            interval = try PeriodFixture.every(unit, count)
            let name = try #require(zones.randomElement(using: &random))
            zone = try PeriodFixture.named(name)
        }

        /// Mostly of this century, also of five; full and half hours, midnights, and any.
        static func instant(_ random: inout Seeded) -> Instant {
            let years: Int64 = Int.random(in: 0..<8, using: &random) == 0 ? 250 : 40
            let span = years * 31_557_600
            let second = 1_325_289_600 + Int64.random(in: -span...span, using: &random)
            let grid = ([1, 1_800, 86_400] as [Int64]).randomElement(using: &random) ?? 1
            let fraction = grid == 1 ? Int64.random(in: 0..<1_000_000, using: &random) : 0
            return Instant(microseconds: second / grid * grid * 1_000_000 + fraction)
        }

        mutating func change() throws -> PeriodSchedule.ZoneChange? {
            guard let name = random.maybe(zones) else { return nil }
            let previous = try PeriodFixture.named(name)
            return PeriodSchedule.ZoneChange(from: previous, at: Self.instant(&random))
        }

        /// With any floors and zone change.
        mutating func schedule() throws -> PeriodSchedule {
            let floors = [Self.instant(&random), Self.instant(&random)]
            let change = try change()
            if Int.random(in: 0..<4, using: &random) == 0 {
                return .calendar(
                    interval,
                    in: zone,
                    weekStart: .sunday,
                    changed: change,
                    endFloor: random.maybe(floors),
                    startFloor: random.maybe(floors)
                )
            }
            return PeriodSchedule(
                anchor: anchor,
                every: interval,
                in: zone,
                changed: change,
                endFloor: random.maybe(floors),
                startFloor: random.maybe(floors)
            )
        }
    }

    @Test(arguments: UInt64(0)..<400)
    func `every instant has exactly one period, and periods leave no gap`(seed: UInt64) throws {
        var draw = try Draw(seed: seed)
        let schedule = try draw.schedule()
        for _ in 0..<25 {
            let instant = Draw.instant(&draw.random)
            let period = schedule.period(containing: instant)
            #expect(period.contains(instant), "\(schedule) \(instant)")
            #expect(schedule.boundary(after: instant) == period.end)
            #expect(schedule.period(containing: period.start) == period)
            let last = Instant(microseconds: period.end.microseconds - 1)
            #expect(schedule.period(containing: last) == period)
            #expect(schedule.period(containing: period.end).start == period.end)
        }
    }

    @Test(arguments: UInt64(0)..<400)
    func `boundaries increase, and boundary 0 is the anchor`(seed: UInt64) throws {
        var draw = try Draw(seed: seed)
        let schedule = PeriodSchedule(
            anchor: draw.anchor,
            every: draw.interval,
            in: draw.zone,
            changed: try draw.change()
        )
        #expect(schedule.boundary(0) == draw.anchor)
        let skipsDays = draw.interval == .day
        for _ in 0..<10 {
            let first = Int64.random(in: -2_000...2_000, using: &draw.random)
            for number in first..<first + 10 {
                let (one, next) = (schedule.boundary(number), schedule.boundary(number + 1))
                #expect(one < next || (skipsDays && one == next), "\(schedule) \(number)")
                guard one < next else { continue }
                #expect(schedule.period(containing: one) == Period(start: one, end: next))
            }
        }
    }

    @Test(arguments: UInt64(0)..<200)
    func `the day of the month is the anchor's, or the month's last`(seed: UInt64) throws {
        var draw = try Draw(seed: seed)
        let count = Int64.random(in: 1...30, using: &draw.random)
        // Noon: no zone here changed its clocks over noon but by a whole day, on 30 December 2011.
        let wall = draw.zone.wallClock(at: draw.anchor)
        let noon = WallClock(date: wall.date, microsecondOfDay: 43_200_000_000)
        let schedule = PeriodSchedule(
            anchor: draw.zone.instant(of: noon),
            every: try PeriodFixture.every(.month, count),
            in: draw.zone
        )
        for number in -40...40 as ClosedRange<Int64> {
            let months = wall.year * 12 + wall.month - 1 + number * count
            let (year, month) = months.dividedTowardsPast(by: 12)
            let shown = draw.zone.wallClock(at: schedule.boundary(number))
            let isSkipped =
                (year, month, wall.day) == (2011, 11, 30) && draw.zone.name.hasSuffix("Apia")
            let day = min(wall.day, lastDay(of: month + 1, in: year)) + (isSkipped ? 1 : 0)
            #expect(
                shown
                    == WallClock(
                        year: year,
                        month: month + 1,
                        day: day,
                        microsecondOfDay: 43_200_000_000
                    )
            )
        }
    }

    @Test(arguments: UInt64(0)..<100)
    func `hours pass`(seed: UInt64) throws {
        var draw = try Draw(seed: seed)
        let count = Int64.random(in: 1...100, using: &draw.random)
        let schedule = PeriodSchedule(
            anchor: draw.anchor,
            every: try PeriodFixture.every(.hour, count),
            in: draw.zone
        )
        let period = schedule.period(containing: Draw.instant(&draw.random))
        let length = count * 3_600_000_000
        #expect(period.end.microseconds - period.start.microseconds == length)
        #expect((period.start.microseconds - draw.anchor.microseconds) % length == 0)
    }

    @Test(arguments: UInt64(0)..<200)
    func `a change of zone leaves what was before it`(seed: UInt64) throws {
        var draw = try Draw(seed: seed)
        guard let change = try draw.change() else { return }
        let before = PeriodSchedule(anchor: draw.anchor, every: draw.interval, in: change.previous)
        let after = PeriodSchedule(
            anchor: draw.anchor,
            every: draw.interval,
            in: draw.zone,
            changed: change
        )
        for _ in 0..<10 {
            let instant = Draw.instant(&draw.random)
            guard instant <= change.at else { continue }
            #expect(after.period(containing: instant) == before.period(containing: instant))
        }
        #expect(after.boundary(after: change.at) == before.boundary(after: change.at))
    }

    @Test(arguments: UInt64(0)..<200)
    func `going over to another anchor never shortens a period`(seed: UInt64) throws {
        var draw = try Draw(seed: seed)
        let (running, other) = (try draw.schedule(), try draw.schedule())
        let instant = Draw.instant(&draw.random)
        let (last, then) = other.following(running, at: instant)
        #expect(last.start == running.period(containing: instant).start)
        #expect(last.end >= running.boundary(after: instant))
        #expect(last.end >= other.boundary(after: instant))
        #expect(then.period(containing: last.end).start == last.end)
    }

    private func lastDay(of month: Int64, in year: Int64) -> Int64 {
        switch month {
        case 4, 6, 9, 11: 30
        case 2: year % 4 == 0 && (year % 100 != 0 || year % 400 == 0) ? 29 : 28
        default: 31
        }
    }
}
