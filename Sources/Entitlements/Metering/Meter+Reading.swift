extension Meter {
    /// What a meter shows at an instant.
    package struct Reading: Sendable, Hashable {
        package var limit: Quantity
        package var used: Int64
        package var held: Int64
        package var over: Int64
        /// What is left without overage; what is held is not in it.
        package var remaining: Quantity
        /// What may be taken, overage included.
        package var room: Quantity
        package var resetsAt: Instant?
        /// The next instant at which time alone could change the reading: of a rate or a sliding
        /// window, whether one more unit fits.
        package var boundary: Instant
        /// The limit of the last write; `Int64.max` is unlimited.
        var seenLimit: Int64?

        /// Whether one more unit fits.
        package var isOpen: Bool { room.fits(1) }
    }

    /// Where units come from, or would.
    package struct Slot: Sendable, Hashable {
        package enum Kind: String, Sendable { case allowance, rolled, credit }

        package let slot: String
        package let kind: Kind
        package let amount: Quantity
        /// Less than nothing where a limit was lowered below what was used.
        package let left: Quantity
        package let priority: Int
        /// When what is left is lost; nil where it stays.
        package let lostAt: Instant?
    }

    /// What an advanced meter shows, as of its `at`.
    package func reading(under terms: MeterTerms) -> Reading {
        switch terms.counting {
        case .quota where isPlain(under: terms): plainReading(under: terms)
        case .quota: Buckets(self, under: terms).reading
        case .sliding(let window): slidingReading(window: window, under: terms)
        case .rate(let window, let burst):
            rateReading(Rate(self, window: window, burst: burst, under: terms))
        case .concurrency: concurrencyReading(under: terms)
        }
    }

    /// The live slots of an advanced quota, in the order that they are burnt.
    package func slots(under terms: MeterTerms) -> [Slot] {
        guard terms.counting == .quota else { return [] }
        return Buckets(self, under: terms).slots
    }

    /// When so many units would fit if nothing else happened; nil where time alone will not help,
    /// and where it takes more resets than are looked at.
    package func retryAt(_ units: Int64, under terms: MeterTerms) -> Instant? {
        switch terms.counting {
        case .rate(let window, let burst):
            return Rate(self, window: window, burst: burst, under: terms).fits(units)
        case .sliding(let window):
            return slidingFits(units, window: window, under: terms)
        case .quota, .concurrency:
            var meter = self
            for _ in 0..<MeterBounds.lookahead {
                let reading = meter.reading(under: terms)
                if reading.room.fits(units) { return meter.at }
                guard reading.boundary != .never else { return nil }
                meter = meter.advanced(to: reading.boundary, under: terms).meter
            }
            return nil
        }
    }
}

extension Meter {
    private func plainReading(under terms: MeterTerms) -> Reading {
        let base = terms.allowances[0]
        var reading = Reading(
            limit: base.amount,
            used: used,
            held: 0,
            over: over,
            remaining: .unlimited,
            room: .unlimited,
            resetsAt: periodEnd,
            boundary: periodEnd ?? .never,
            seenLimit: seenLimit
        )
        guard case .units(let amount) = base.amount else { return reading }
        let left = amount.subtractingSaturated(used.subtractingSaturated(over))
        reading.remaining = .units(max(left, 0))
        reading.room = terms.room(remaining: max(left, 0), over: over)
        return reading
    }

    private func concurrencyReading(under terms: MeterTerms) -> Reading {
        let inUse = unitsHeld
        return Reading(
            limit: terms.total,
            used: inUse,
            held: 0,
            over: 0,
            remaining: terms.total.less(inUse),
            room: terms.total.less(inUse),
            resetsAt: nil,
            boundary: holds.map(\.until).min() ?? .never,
            seenLimit: seenLimit
        )
    }

    /// All units that are held, of whatever period.
    var unitsHeld: Int64 {
        holds.reduce(0) { $0.addingSaturated($1.units) }
    }
}

extension MeterTerms {
    /// What may be taken with so much left and so much taken beyond already.
    func room(remaining: Int64, over: Int64) -> Quantity {
        guard let overageAllowed else { return .unlimited }
        return .units(
            remaining.addingSaturated(max(0, overageAllowed.subtractingSaturated(over)))
        )
    }
}

extension Quantity {
    /// Whether so many units are in it.
    package func fits(_ units: Int64) -> Bool {
        switch self {
        case .unlimited: true
        case .units(let most): units <= most
        }
    }

    /// What is left after so many; never less than nothing.
    func less(_ units: Int64) -> Quantity {
        guard case .units(let most) = self else { return self }
        return .units(max(0, most.subtractingSaturated(units)))
    }

    /// As one number; unlimited is the largest.
    var units: Int64 {
        switch self {
        case .unlimited: .max
        case .units(let units): units
        }
    }
}
