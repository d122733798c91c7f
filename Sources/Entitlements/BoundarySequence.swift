/// The boundaries of one anchor in one zone: `boundary(n)` is the anchor plus n steps.
///
/// Each is counted from the anchor itself and never from another boundary, so a month that is too
/// short clamps the day once and the next month has it back.
///
/// Boundaries never decrease, and increase strictly but for one case: where a zone skipped a whole
/// day (Apia, 30 December 2011), the day that never was has its boundary at the instant of the next
/// day's. Both are one boundary, and the period between them, being empty, contains no instant.
struct BoundarySequence: Sendable, Hashable {
    /// A stretch between two neighbouring boundaries.
    struct Span: Hashable {
        /// Of the boundary at the start; where two are one, the greater.
        let number: Int64
        let start: Instant
        let end: Instant
    }

    /// Boundary 0, bit for bit; nil to read it off the wall clock like the others.
    private let anchor: Instant?
    private let reference: WallClock
    private let step: PeriodInterval.Step
    private let zone: Zone

    /// - Parameters:
    ///   - anchor: Boundary 0, where it is known as an instant.
    ///   - reference: What the wall shows at boundary 0.
    ///   - interval: What lies between two boundaries.
    ///   - zone: Whose clocks the wall has.
    init(anchor: Instant?, reference: WallClock, interval: PeriodInterval, zone: Zone) {
        self.anchor = anchor
        self.reference = reference
        step = interval.step
        self.zone = zone
    }

    /// Saturates: beyond what an instant can say, all boundaries are `never` or `always`.
    func boundary(_ number: Int64) -> Instant {
        if number == 0, let anchor { return anchor }
        switch step {
        case .elapsed(let length):
            let first = Int128((anchor ?? zone.instant(of: reference)).microseconds)
            let boundary = first + Int128(number) * Int128(length)
            return Instant(microseconds: Int64(clamping: boundary))
        case .days(let length):
            let day = Int128(reference.date.daysSinceEpoch) + Int128(number) * Int128(length)
            return instant(ofDay: Int64(clamping: day))
        case .months(let length):
            let month = Int128(reference.date.monthNumber) + Int128(number) * Int128(length)
            return instant(ofDay: day(inMonth: Int64(clamping: month)))
        }
    }

    /// The one span that contains an instant; `never` counts to the last.
    func span(containing instant: Instant) -> Span {
        var number = estimate(instant)
        var start = boundary(number)
        var end: Instant?
        while start > instant || start == .never {
            number -= 1
            end = start
            start = boundary(number)
        }
        var next = end ?? boundary(number + 1)
        while next <= instant, next != .never {
            number += 1
            start = next
            next = boundary(number + 1)
        }
        return Span(number: number, start: start, end: next)
    }

    /// The number of the span that contains an instant, wrong by one or two at most: by the time of
    /// day, the day of the month, and where clocks were changed.
    private func estimate(_ instant: Instant) -> Int64 {
        if case .elapsed(let length) = step {
            let first = (anchor ?? zone.instant(of: reference)).microseconds
            let passed = Int128(instant.microseconds) - Int128(first)
            return Int64(clamping: passed / Int128(length))
        }
        let wall = zone.wallMicroseconds(at: instant)
        let day = wall.dividedTowardsPast(by: WallClock.microsecondsPerDay).quotient
        switch step {
        case .elapsed:
            return 0
        case .days(let length):
            let days = day - reference.date.daysSinceEpoch
            return days.dividedTowardsPast(by: length).quotient
        case .months(let length):
            let month = CivilDate(daysSinceEpoch: day).monthNumber
            return (month - reference.date.monthNumber).dividedTowardsPast(by: length).quotient
        }
    }

    /// The reference's day in another month, or that month's last.
    private func day(inMonth number: Int64) -> Int64 {
        let bounds = CivilDate.monthNumbers
        let number = min(max(number, bounds.lowerBound), bounds.upperBound)
        let first = CivilDate(monthNumber: number).daysSinceEpoch
        let next = CivilDate(monthNumber: number + 1).daysSinceEpoch
        return min(first + reference.date.day - 1, next - 1)
    }

    private func instant(ofDay day: Int64) -> Instant {
        zone.instant(
            ofWall: day.multipliedSaturated(by: WallClock.microsecondsPerDay)
                .addingSaturated(reference.microsecondOfDay)
        )
    }
}

extension CivilDate {
    /// Months since January of the year 0.
    fileprivate var monthNumber: Int64 { year * 12 + month - 1 }

    /// The first day of a month.
    fileprivate init(monthNumber: Int64) {
        let (year, month) = monthNumber.dividedTowardsPast(by: 12)
        self.init(year: year, month: month + 1, day: 1)
    }

    fileprivate static let monthNumbers =
        WallClock.years.lowerBound * 12...WallClock.years.upperBound * 12
}
