/// Sliding windows: the window before counts by the part of it that is still within reach.
extension Meter {
    func slid(to now: Instant, window: Int64) -> Advance {
        var meter = lapsed(at: now)
        guard let end = periodEnd, end <= now else { return meter }
        let reset = ended
        var slid = meter.meter
        let length = max(window, 1)
        let passed = now.microseconds.subtractingSaturated(end.microseconds) / length
        slid.previous = passed == 0 ? used : 0
        slid.used = 0
        let start = Int128(end.microseconds) + Int128(passed) * Int128(length)
        slid.periodStart = Instant(microseconds: Int64(clamping: start))
        slid.periodEnd = Instant(microseconds: Int64(clamping: start + Int128(length)))
        meter = Advance(meter: slid, reset: reset, lapsed: meter.lapsed)
        return meter
    }

    /// What of the window before is still within reach.
    func previousInReach(window: Int64) -> Int64 {
        guard previous > 0, let end = periodEnd else { return 0 }
        let rest = Int128(end.microseconds) - Int128(at.microseconds)
        return Int64(clamping: Int128(previous) * max(rest, 0) / Int128(max(window, 1)))
    }

    func slidingReading(window: Int64, under terms: MeterTerms) -> Reading {
        let counted = used.addingSaturated(previousInReach(window: window))
        let held = unitsHeld
        let total = counted.addingSaturated(held)
        var reading = Reading(
            limit: terms.total,
            used: counted,
            held: held,
            over: 0,
            remaining: terms.total.less(total),
            room: .unlimited,
            resetsAt: periodEnd,
            boundary: .never,
            seenLimit: seenLimit
        )
        guard case .units(let limit) = terms.total else { return reading }
        reading.over = max(0, counted.subtractingSaturated(limit))
        let beyond = max(0, total.subtractingSaturated(limit))
        reading.room = terms.room(remaining: reading.remaining.units, over: beyond)
        if !reading.isOpen {
            reading.boundary = slidingFits(1, window: window, under: terms) ?? .never
        }
        return reading
    }

    /// When so many units fit; nil is never.
    ///
    /// Holds count as if they stayed; where they alone are in the way, the first to lapse may help.
    func slidingFits(_ units: Int64, window: Int64, under terms: MeterTerms) -> Instant? {
        guard case .units(let limit) = terms.total, let allowed = terms.overageAllowed,
            let end = periodEnd
        else { return at }
        let free = limit.addingSaturated(allowed).subtractingSaturated(units)
            .subtractingSaturated(unitsHeld)
        guard free >= 0 else {
            let mayFit = units <= limit.addingSaturated(allowed)
            return mayFit ? holds.map(\.until).min() : nil
        }
        if used <= free {
            return max(at, Self.shrunk(previous, to: free - used, window: window, end: end))
        }
        let next = Instant(microseconds: end.microseconds.addingSaturated(max(window, 1)))
        return Self.shrunk(used, to: free, window: window, end: next)
    }

    /// The first instant of a window at which `floor(units × rest ÷ window)` is at most `most`.
    private static func shrunk(
        _ units: Int64,
        to most: Int64,
        window: Int64,
        end: Instant
    ) -> Instant {
        let length = Int128(max(window, 1))
        guard units > 0 else {
            return Instant(microseconds: Int64(clamping: Int128(end.microseconds) - length))
        }
        let rest = ((Int128(most) + 1) * length).dividedUp(by: Int128(units)) - 1
        let instant = Int128(end.microseconds) - min(rest, length)
        return Instant(microseconds: Int64(clamping: instant))
    }
}
