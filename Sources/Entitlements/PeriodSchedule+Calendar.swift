extension PeriodSchedule {
    /// The day that a calendar's week begins with; the raw words are those of settings.
    package enum WeekStart: String, Sendable, Hashable, CaseIterable {
        case monday, sunday
    }

    /// Periods that follow the calendar: months from the first, years from 1 January, days from
    /// midnight, weeks from Monday or Sunday.
    ///
    /// Of every 2 months or 3 days there is more than one way to count: they count from January of
    /// 2000, as do even years, and days from the first of it. Hours begin on the hour in UTC, so
    /// that they stay where they are when the zone changes.
    ///
    /// - Parameters:
    ///   - interval: What lies between two boundaries.
    ///   - zone: Whose midnight counts.
    ///   - weekStart: The first day of a week.
    ///   - change: The zone's last change, if it ever changed.
    ///   - endFloor: As for `init(anchor:…)`.
    ///   - startFloor: As for `init(anchor:…)`.
    /// - Returns: A schedule whose anchor is the calendar's own.
    package static func calendar(
        _ interval: PeriodInterval,
        in zone: Zone,
        weekStart: WeekStart = .monday,
        changed change: ZoneChange? = nil,
        endFloor: Instant? = nil,
        startFloor: Instant? = nil
    ) -> PeriodSchedule {
        // No zone changed its clocks in the first week of 2000, so each has these midnights.
        let firstDay = day(for: interval.unit, weekStart: weekStart)
        let midnight = WallClock(date: firstDay, microsecondOfDay: 0)
        let first: Zone = interval.unit == .hour ? .utc : change?.previous ?? zone
        return PeriodSchedule(
            anchor: first.instant(of: midnight),
            every: interval,
            in: zone,
            changed: change,
            endFloor: endFloor,
            startFloor: startFloor
        )
    }

    private static func day(for unit: PeriodInterval.Unit, weekStart: WeekStart) -> CivilDate {
        guard unit == .week else { return CivilDate(year: 2000, month: 1, day: 1) }
        // 1 January was a Saturday.
        return CivilDate(year: 2000, month: 1, day: weekStart == .monday ? 3 : 2)
    }
}
