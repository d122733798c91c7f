extension Buckets {
    /// Counts what is told late, in the period of its own time.
    mutating func record(_ units: Int64, at instant: Instant) -> Meter.Taking {
        let isOfPeriod = instant >= sums.periodStart ?? .always
        var parts: [Meter.Part] = []
        var rest = units
        for spot in spots(at: instant) where rest > 0 {
            let burnt =
                isPresent(spot.place, at: instant)
                ? takePresent(rest, spot, isOfPeriod: isOfPeriod)
                : takeClosed(rest, spot, at: instant)
            guard burnt > 0 else { continue }
            rest -= burnt
            parts.append(Meter.Part(spot.slot, burnt))
        }
        if rest > 0 {
            parts.append(Meter.Part(Meter.overSlot, rest))
            // What was owed in a period that is over is gone with it, unless it is carried on.
            if isOfPeriod || terms.carriesOverage {
                sums.over = sums.over.addingSaturated(rest)
            }
        }
        let change = isOfPeriod ? units : 0
        sums.used = sums.used.addingSaturated(change)
        pay()
        return Meter.Taking(units: units, parts: parts.ledger, change: change)
    }

    /// Whether the balance of then is the one of now.
    private func isPresent(_ place: Spot.Place, at instant: Instant) -> Bool {
        switch place {
        case .allowance(let index), .rolled(let index, _):
            instant >= start(of: index) ?? .always
        case .credit(let index):
            closing(of: terms.credits[index].id, at: instant) == nil
                && (!terms.credits[index].isLive(at: sums.at)
                    || returns(to: place, takenAt: instant))
        }
    }

    private mutating func takePresent(_ units: Int64, _ spot: Spot, isOfPeriod: Bool) -> Int64 {
        let burnt = min(units, max(0, spot.left))
        if burnt > 0 { deduct(burnt, from: spot.place, spent: isOfPeriod ? burnt : 0) }
        return burnt
    }

    /// The first end of a balance after an instant.
    private func closing(of slot: String, at instant: Instant) -> Int? {
        closings.indices.filter { closings[$0].slot == slot && closings[$0].end > instant }
            .min { closings[$0].end < closings[$1].end }
    }

    /// Takes from what a balance had left when it ended, and from what of that was rolled on.
    private mutating func takeClosed(_ units: Int64, _ spot: Spot, at instant: Instant) -> Int64 {
        // What was rolled at the time is in the allowance's own closing.
        if spot.isRolled { return 0 }
        guard let first = closing(of: spot.slot, at: instant) else { return 0 }
        let burnt = min(units, closings[first].left)
        let end = closings[first].end
        var missing = burnt
        let later = closings.indices
            .filter { closings[$0].slot == spot.slot && closings[$0].end >= end }
            .sorted { closings[$0].end < closings[$1].end }
        for index in later where missing > 0 {
            closings[index].left -= min(closings[index].left, missing)
            let lost = min(closings[index].lost, missing)
            closings[index].lost -= lost
            missing -= lost
        }
        if case .allowance(let index) = spot.place { shrink(index, by: missing) }
        return burnt
    }

    /// Takes off what was rolled and should not have been, the first to expire first.
    private mutating func shrink(_ index: Int, by units: Int64) {
        var rest = units
        for place in allowances[index].rolled.indices where rest > 0 {
            let taken = min(rest, allowances[index].rolled[place].left)
            allowances[index].rolled[place].left -= taken
            rest -= taken
        }
    }
}
