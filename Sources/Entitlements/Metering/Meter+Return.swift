/// Corrections: what should not have been counted, and what the number should be.
extension Meter {
    /// Gives units back.
    ///
    /// - Parameters:
    ///   - units: How many.
    ///   - parts: Where they were taken from, in the order that they were burnt; the last go back
    ///     first. Empty is all from the base, nil is the reverse of the burn order.
    ///   - takenAt: When they were taken, where that is known. What comes back to a balance that
    ///     was reset since is lost with it, and `used` is another period's.
    ///   - terms: What holds at the meter's instant.
    /// - Returns: What went back, and where; nil where less than that was used, and nothing changed.
    package mutating func giveBack(
        _ units: Int64,
        parts: [Part]? = nil,
        takenAt: Instant? = nil,
        under terms: MeterTerms
    ) -> Taking? {
        let units = max(units, 0)
        switch terms.counting {
        case .quota where isPlain(under: terms) && (parts ?? []).isEmpty:
            guard let taking = giveBackPlainly(units, takenAt: takenAt) else { return nil }
            see(terms)
            return taking
        case .quota:
            var buckets = Buckets(self, under: terms)
            guard let taking = buckets.giveBack(units, parts: parts, takenAt: takenAt) else {
                return nil
            }
            self = buckets.seen
            return taking
        case .sliding(let window): return giveBackSliding(units, window: window)
        case .rate(let window, let burst):
            var rate = Rate(self, window: window, burst: burst, under: terms)
            guard units <= rateReading(rate).used else { return nil }
            rate.emit(-units)
            rate.write(into: &self)
            return Taking(units: units, change: -units)
        case .concurrency: return nil
        }
    }

    /// Makes `used` a number: what is missing is counted in any case, what is too much goes back.
    @discardableResult
    package mutating func adjust(to target: Int64, under terms: MeterTerms) -> Taking {
        if case .concurrency = terms.counting { return Taking(units: 0, change: 0) }
        let target = max(target, 0)
        let present = reading(under: terms).used
        if target >= present { return takeInAnyCase(target - present, under: terms) }
        return giveBack(present - target, under: terms) ?? Taking(units: 0, change: 0)
    }

    private mutating func giveBackPlainly(_ units: Int64, takenAt: Instant?) -> Taking? {
        if let takenAt, takenAt < periodStart ?? .always { return Taking(units: units, change: 0) }
        guard units <= used else { return nil }
        // Burnt last was what found no balance.
        let owed = min(units, over)
        over -= owed
        used -= units
        guard owed > 0 else { return Taking(units: units, change: -units) }
        let parts = [Part(Self.overSlot, owed), Part(Self.baseSlot, units - owed)]
        return Taking(units: units, parts: parts.filter { $0.units > 0 }, change: -units)
    }

    private mutating func giveBackSliding(_ units: Int64, window: Int64) -> Taking? {
        let before = previousInReach(window: window)
        guard units <= used.addingSaturated(before) else { return nil }
        let present = min(units, used)
        used -= present
        let rest = units - present
        if rest > 0 {
            // As much of the window before as is not within reach goes with it.
            let kept = Int128(previous) * Int128(before - rest) / Int128(max(before, 1))
            previous = Int64(clamping: kept)
        }
        return Taking(units: units, change: -present)
    }
}
