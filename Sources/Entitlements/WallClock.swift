/// What a calendar and a clock on the wall show: a day and a time of day, in no zone yet.
package struct WallClock: Sendable, Hashable {
    static let microsecondsPerDay: Int64 = 86_400_000_000

    let date: CivilDate
    /// Since midnight on the wall; below 86,400,000,000.
    package let microsecondOfDay: Int64

    package var year: Int64 { date.year }
    package var month: Int64 { date.month }
    package var day: Int64 { date.day }

    /// Nil for a day that the calendar does not have, or a time that no clock shows.
    package init?(year: Int64, month: Int64, day: Int64, microsecondOfDay: Int64 = 0) {
        let date = CivilDate(year: year, month: month, day: day)
        guard Self.years.contains(year), date.exists,
            (0..<Self.microsecondsPerDay).contains(microsecondOfDay)
        else { return nil }
        self.init(date: date, microsecondOfDay: microsecondOfDay)
    }

    init(date: CivilDate, microsecondOfDay: Int64) {
        self.date = date
        self.microsecondOfDay = microsecondOfDay
    }

    /// What the wall shows so many microseconds after it showed 1970-01-01 00:00.
    init(microseconds: Int64) {
        let (days, inDay) = microseconds.dividedTowardsPast(by: Self.microsecondsPerDay)
        self.init(date: CivilDate(daysSinceEpoch: days), microsecondOfDay: inDay)
    }

    /// The inverse of `init(microseconds:)`; saturates.
    var microseconds: Int64 {
        date.daysSinceEpoch.multipliedSaturated(by: Self.microsecondsPerDay)
            .addingSaturated(microsecondOfDay)
    }
}

extension WallClock {
    /// Every year that an `Instant` reaches, and some more; day numbers cannot overflow in them.
    static let years: ClosedRange<Int64> = -400_000...400_000
}

extension Int64 {
    /// Quotient towards negative infinity, and the remainder that is never negative.
    func dividedTowardsPast(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}
