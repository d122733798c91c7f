extension Meter {
    /// Takes units from an advanced meter, as far as its limit goes.
    ///
    /// - Parameters:
    ///   - units: How many; less than 1 counts as nothing.
    ///   - cap: Whether to take what there is where it is less, rather than refuse.
    ///   - terms: What holds at the meter's instant.
    /// - Returns: What was taken; nil where it was refused, and nothing changed.
    package mutating func take(
        _ units: Int64,
        cap: Bool = false,
        under terms: MeterTerms
    ) -> Taking? {
        var units = max(units, 0)
        if terms.counting == .quota, !isPlain(under: terms) {
            var buckets = Buckets(self, under: terms)
            guard let taking = buckets.take(units, cap: cap) else { return nil }
            self = buckets.seen
            return taking
        }
        let room = reading(under: terms).room
        if !room.fits(units) {
            guard cap, room.units > 0 else { return nil }
            units = room.units
        }
        return takeInAnyCase(units, under: terms)
    }

    /// Counts what happened already, whatever the limit.
    ///
    /// What is told late counts in the period of its own time: it changes the present one only by
    /// what it would have left to it, as with balances that were rolled.
    ///
    /// - Parameters:
    ///   - units: How many; less than 1 counts as nothing.
    ///   - instant: When it happened; later than the meter's own instant counts as that.
    ///   - terms: What holds at the meter's instant.
    /// - Returns: What was counted, and where.
    @discardableResult
    package mutating func record(
        _ units: Int64,
        at instant: Instant,
        under terms: MeterTerms
    ) -> Taking {
        let units = max(units, 0)
        guard instant < at else { return takeInAnyCase(units, under: terms) }
        switch terms.counting {
        case .quota where isPlain(under: terms):
            guard instant < periodStart ?? .always else {
                return takeInAnyCase(units, under: terms)
            }
            return Taking(units: units, change: 0)
        case .quota: return act(under: terms) { $0.record(units, at: instant) }
        case .sliding(let window):
            guard let start = periodStart, instant < start else {
                return takeInAnyCase(units, under: terms)
            }
            if instant.microseconds >= start.microseconds.subtractingSaturated(window) {
                previous = previous.addingSaturated(units)
            }
            return Taking(units: units, change: 0)
        case .rate, .concurrency: return takeInAnyCase(units, under: terms)
        }
    }

    /// Takes without a look at the limit: what finds no balance is owed.
    mutating func takeInAnyCase(_ units: Int64, under terms: MeterTerms) -> Taking {
        switch terms.counting {
        case .quota where isPlain(under: terms): return takePlainly(units, under: terms)
        case .quota: return act(under: terms) { $0.take(units) }
        case .sliding:
            used = used.addingSaturated(units)
            see(terms)
            return Taking(units: units, change: units)
        case .rate(let window, let burst):
            var rate = Rate(self, window: window, burst: burst, under: terms)
            rate.emit(units)
            rate.write(into: &self)
            return Taking(units: units, change: units)
        case .concurrency: return Taking(units: 0, change: 0)
        }
    }

    /// Does something to the balances of a quota, and remembers the limit that it was done under.
    mutating func act<Result>(
        under terms: MeterTerms,
        _ act: (inout Buckets) -> Result
    ) -> Result {
        var buckets = Buckets(self, under: terms)
        let result = act(&buckets)
        self = buckets.seen
        return result
    }

    /// Remembers the limit that a write was made under, where it is the same whatever was written.
    package mutating func see(_ terms: MeterTerms) {
        switch terms.counting {
        case .quota where isPlain(under: terms): seenLimit = terms.allowances[0].amount.units
        case .quota: seenLimit = Buckets(self, under: terms).standing.limit.units
        case .sliding, .concurrency: seenLimit = terms.total.units
        case .rate: break  // it is the scale of `previous`
        }
    }

    private mutating func takePlainly(_ units: Int64, under terms: MeterTerms) -> Taking {
        defer { see(terms) }
        let before = used
        used = used.addingSaturated(units)
        let change = used - before
        guard case .units(let amount) = terms.allowances[0].amount else {
            return Taking(units: units, change: change)
        }
        let left = max(0, amount.subtractingSaturated(before.subtractingSaturated(over)))
        guard units > left else { return Taking(units: units, change: change) }
        over = over.addingSaturated(units - left)
        let parts = [Part(Self.baseSlot, left), Part(Self.overSlot, units - left)]
        return Taking(units: units, parts: parts.filter { $0.units > 0 }, change: change)
    }
}
