/// The periods of one subscription or quota, for every instant there is.
///
/// Boundaries are an anchor plus whole intervals, on the wall clock of a zone (hours: as they
/// pass). They depend on nothing that runs: any period, past or future, is computed at once.
///
/// Topics:
/// - Making one: `init(anchor:…)`, `calendar(…)`
/// - Asking: `period(containing:)`, `boundary(after:)`, `boundary(_:)`
/// - Changing the anchor: `following(_:at:)`
package struct PeriodSchedule: Sendable, Hashable {
    /// That the clocks of another zone were read before.
    package struct ZoneChange: Sendable, Hashable {
        package let previous: Zone
        package let at: Instant

        package init(from previous: Zone, at: Instant) {
            self.previous = previous
            self.at = at
        }
    }

    private let sequence: BoundarySequence
    private let turn: Turn?
    private let endFloor: Instant?
    private var startFloor: Instant?

    /// Periods that count from an anchor, such as a subscription's first payment.
    ///
    /// After a change of zone, the end of the period that was running keeps its instant, as does
    /// the anchor when it was still to come. Later boundaries have the anchor's day and time of day
    /// on the clocks of the present zone. Hours are not concerned.
    ///
    /// - Parameters:
    ///   - anchor: A boundary, bit for bit; those before it follow the same rule.
    ///   - interval: What lies between two boundaries.
    ///   - zone: Whose clocks days, weeks, months and years are read off.
    ///   - change: The zone's last change, if it ever changed.
    ///   - endFloor: No period ends before, as with a first payment that is due at a trial's end.
    ///     All that is before the first boundary from here on is one period.
    ///   - startFloor: Where a period starts in any case, and none that reaches past it sooner: the
    ///     subscription's start.
    package init(
        anchor: Instant,
        every interval: PeriodInterval,
        in zone: Zone,
        changed change: ZoneChange? = nil,
        endFloor: Instant? = nil,
        startFloor: Instant? = nil
    ) {
        let reference = (change?.previous ?? zone).wallClock(at: anchor)
        sequence = BoundarySequence(
            anchor: anchor,
            reference: reference,
            interval: interval,
            zone: change?.previous ?? zone
        )
        self.endFloor = endFloor
        self.startFloor = startFloor
        guard let change, change.previous != zone, interval.unit != .hour else {
            turn = nil
            return
        }
        turn = Turn(
            from: sequence,
            to: BoundarySequence(
                anchor: nil,
                reference: reference,
                interval: interval,
                zone: zone
            ),
            // What starts the anchor's own period, and what the end floor names, are announced too.
            after: max(change.at, anchor.predecessor, endFloor?.predecessor ?? .always)
        )
    }
}

extension PeriodSchedule {
    /// The one period that contains an instant.
    ///
    /// The end of a period is the start of the next. `Instant.never` counts to the last period.
    package func period(containing instant: Instant) -> Period {
        var period: Period
        if let endFloor, instant < endFloor {
            period = Period(start: .always, end: unfloored(endFloor.predecessor).end)
        } else {
            period = unfloored(instant)
            if let endFloor, period.start < endFloor {
                period = Period(start: .always, end: period.end)
            }
        }
        guard let startFloor else { return period }
        return instant < startFloor
            ? Period(start: period.start, end: min(period.end, startFloor))
            : Period(start: max(period.start, startFloor), end: period.end)
    }

    /// The first boundary after an instant; `never` beyond the last.
    package func boundary(after instant: Instant) -> Instant {
        period(containing: instant).end
    }

    /// The anchor plus so many intervals, which may be negative, without regard to the floors.
    ///
    /// Boundaries increase strictly, but for a day that the zone skipped as a whole: it has no
    /// period, and its boundary is the next day's.
    package func boundary(_ number: Int64) -> Instant {
        guard let turn, number > turn.number else { return sequence.boundary(number) }
        return turn.sequence.boundary(number.addingSaturated(turn.skipped))
    }

    /// Goes over from a running schedule to this one, and never shortens the running period.
    ///
    /// The running period ends where this schedule has its next boundary, unless its own end is
    /// later: then that stays. From there on the boundaries are this schedule's, and its start
    /// floor is that end.
    ///
    /// - Returns: The running period with its new end, and what follows on it.
    package func following(
        _ running: PeriodSchedule,
        at instant: Instant
    ) -> (last: Period, then: PeriodSchedule) {
        let period = running.period(containing: instant)
        let end = max(period.end, boundary(after: instant))
        var then = self
        then.startFloor = end
        return (Period(start: period.start, end: end), then)
    }

    private func unfloored(_ instant: Instant) -> Period {
        guard let turn, instant >= turn.kept else {
            let span = sequence.span(containing: instant)
            return Period(start: span.start, end: span.end)
        }
        guard instant >= turn.next else { return Period(start: turn.kept, end: turn.next) }
        let span = turn.sequence.span(containing: instant)
        return Period(start: span.start, end: span.end)
    }
}

/// From where on boundaries are read off the clocks of another zone.
private struct Turn: Hashable {
    /// The end that had been announced when the zone changed, and its number.
    let kept: Instant
    let number: Int64
    /// The boundaries in the new zone.
    let sequence: BoundarySequence
    /// The first of them: the next number that is later than `kept`.
    let next: Instant
    /// Numbers left out before `next`: 1 at most, when a day's boundary came to lie before `kept`.
    let skipped: Int64

    /// Nil when no boundary comes after the announced one.
    init?(from old: BoundarySequence, to new: BoundarySequence, after instant: Instant) {
        kept = old.span(containing: instant).end
        guard kept != .never else { return nil }
        number = old.span(containing: kept).number
        sequence = new
        var skipped: Int64 = 0
        while new.boundary(number + 1 + skipped) <= kept { skipped += 1 }
        self.skipped = skipped
        next = new.boundary(number + 1 + skipped)
    }
}

extension Instant {
    /// The last instant before this one.
    fileprivate var predecessor: Instant {
        Instant(microseconds: microseconds.subtractingSaturated(1))
    }
}
