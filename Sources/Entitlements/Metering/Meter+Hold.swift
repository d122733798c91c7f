extension Meter {
    /// How a hold was settled.
    package enum Settlement: Sendable, Hashable {
        case settled(Taking)
        /// More was used than was held, and there is no room for the rest: the hold stays.
        case refused
        /// There is no such hold; its time was up, or it was settled or released.
        case absent
    }

    /// Sets units aside until an instant, under the limit that `take` has; a lease where leases
    /// are counted.
    ///
    /// - Returns: What is held, which changes `used` by nothing; nil where it was refused: no room,
    ///   `MeterBounds.holds` already, a hold of that id, no time to hold it, or a rate, which has
    ///   nothing to hold.
    package mutating func hold(
        _ units: Int64,
        id: String,
        until: Instant,
        under terms: MeterTerms
    ) -> Taking? {
        let units = max(units, 0)
        if case .rate = terms.counting { return nil }
        guard holds.count < MeterBounds.holds, until > at, hold(id) == nil,
            reading(under: terms).room.fits(units)
        else { return nil }
        var parts: [Part] = []
        if terms.counting == .quota {
            var buckets = Buckets(self, under: terms)
            parts = buckets.hold(units)
            self = buckets.meter
        }
        body.holds.append(Hold(id: id, units: units, until: until, at: at, parts: parts))
        see(terms)
        return Taking(units: units, parts: parts, change: 0)
    }

    /// Counts what was really used of a hold, and ends it.
    ///
    /// It counts in the period that the hold was taken in. What was held beyond it goes back where
    /// it came from; what was used beyond it is taken anew.
    package mutating func settle(
        _ id: String,
        units: Int64,
        under terms: MeterTerms
    ) -> Settlement {
        guard let hold = hold(id), hold.until > at, terms.counting != .concurrency else {
            return .absent
        }
        let units = max(units, 0)
        var settled = self
        var taking = settled.settle(hold, units: min(units, hold.units), under: terms)
        if units > hold.units {
            guard let extra = settled.take(units - hold.units, under: terms) else {
                return .refused
            }
            taking = taking.joined(with: extra)
        }
        self = settled
        see(terms)
        return .settled(taking)
    }

    /// Ends a hold, and gives all of it back; false where there is none.
    package mutating func release(_ id: String, under terms: MeterTerms) -> Bool {
        guard let hold = hold(id) else { return false }
        _ = settle(hold, units: 0, under: terms)
        see(terms)
        return true
    }

    /// Ends a hold of a meter that has no terms any more, since nothing gives anything of it, and
    /// counts so many units of the hold.
    ///
    /// Only what is no credit's comes back: where there are credits there are terms. Nil where there
    /// is no such hold, and nothing changed.
    package mutating func closeHold(_ id: String, units: Int64) -> Taking? {
        guard let hold = hold(id) else { return nil }
        body.holds.removeAll { $0.id == id }
        let units = max(units, 0)
        // Time goes on once there are terms again; until then the period is the one that was.
        guard source?.hasPrefix(Self.concurrencyTag) != true, hold.at >= periodStart ?? .always
        else { return Taking(units: units, change: 0) }
        used = used.addingSaturated(units)
        if let index = body.allowances.firstIndex(where: { $0.slot == Self.baseSlot }) {
            let base = body.allowances[index]
            body.allowances[index].taken = base.taken.addingSaturated(units)
            body.allowances[index].spent = base.spent.addingSaturated(units)
        }
        return Taking(units: units, change: units)
    }

    /// Holds on until another instant; false where there is no such hold any more.
    package mutating func renew(_ id: String, until: Instant) -> Bool {
        guard let index = holds.firstIndex(where: { $0.id == id && $0.until > at }) else {
            return false
        }
        let hold = holds[index]
        body.holds[index] = Hold(
            id: id,
            units: hold.units,
            until: until,
            at: hold.at,
            parts: hold.parts
        )
        return true
    }

    /// Ends a hold with as much used as it has, or less.
    private mutating func settle(_ hold: Hold, units: Int64, under terms: MeterTerms) -> Taking {
        switch terms.counting {
        case .quota:
            var buckets = Buckets(self, under: terms)
            let taking = buckets.settle(hold, units: units)
            self = buckets.meter
            return taking
        case .sliding(let window):
            body.holds.removeAll { $0.id == hold.id }
            guard let start = periodStart, hold.at < start else {
                used = used.addingSaturated(units)
                return Taking(units: units, change: units)
            }
            // What is of a window further back is within nobody's reach any more.
            if hold.at.microseconds >= start.microseconds.subtractingSaturated(window) {
                previous = previous.addingSaturated(units)
            }
            return Taking(units: units, change: 0)
        case .rate, .concurrency:
            body.holds.removeAll { $0.id == hold.id }
            return Taking(units: 0, change: 0)
        }
    }
}

extension Meter.Taking {
    /// Both as one.
    func joined(with other: Meter.Taking) -> Meter.Taking {
        let units = units.addingSaturated(other.units)
        let change = change.addingSaturated(other.change)
        guard !parts.isEmpty || !other.parts.isEmpty else {
            return Meter.Taking(units: units, change: change)
        }
        var joined = spelledParts
        for part in other.spelledParts {
            if let index = joined.firstIndex(where: { $0.slot == part.slot }) {
                let sum = joined[index].units.addingSaturated(part.units)
                joined[index] = Meter.Part(part.slot, sum)
            } else {
                joined.append(part)
            }
        }
        return Meter.Taking(units: units, parts: joined, change: change)
    }

    /// The parts, with the base by name.
    package var spelledParts: [Meter.Part] {
        guard parts.isEmpty else { return parts }
        return units == 0 ? [] : [Meter.Part(Meter.baseSlot, units)]
    }
}
