package import Entitlements

/// A time of the year, on the clocks of a place: from one midnight to another.
package struct Season: Sendable, Hashable {
    package struct Day: Sendable, Hashable {
        package let month: Int64
        package let day: Int64
    }

    package let from: Day
    /// Midnight at its beginning is already outside.
    package let to: Day
    package let zone: Zone

    package func contains(_ instant: Instant) -> Bool {
        let year = zone.wallClock(at: instant).year
        return (year - 1...year)
            .contains { start in
                interval(beginningIn: start).contains(instant)
            }
    }

    /// The next beginning or end after an instant.
    func boundary(after instant: Instant) -> Instant? {
        let year = zone.wallClock(at: instant).year
        return (year - 1...year + 1)
            .flatMap { start in
                let interval = interval(beginningIn: start)
                return [interval.lowerBound, interval.upperBound]
            }
            .filter { $0 > instant }
            .min()
    }

    private func interval(beginningIn year: Int64) -> Range<Instant> {
        let begin = midnight(from, in: year)
        let wraps = (to.month, to.day) <= (from.month, from.day)
        return begin..<max(begin, midnight(to, in: wraps ? year + 1 : year))
    }

    /// The 29th of February is the 1st of March in most years.
    private func midnight(_ day: Day, in year: Int64) -> Instant {
        let wall =
            WallClock(year: year, month: day.month, day: day.day)
            ?? WallClock(year: year, month: 3, day: 1)
        return wall.map(zone.instant(of:)) ?? Instant(microseconds: 0)
    }
}
