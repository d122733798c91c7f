extension Buckets {
    /// Gives units back to where they came from, or in the reverse of the burn order.
    ///
    /// Nil where less than that was used.
    mutating func giveBack(
        _ units: Int64,
        parts: [Meter.Part]?,
        takenAt: Instant?
    ) -> Meter.Taking? {
        let isOfPeriod = takenAt ?? .never >= sums.periodStart ?? .always
        guard !isOfPeriod || units <= sums.used else { return nil }
        forgivable = isOfPeriod ? max(0, sums.used.subtractingSaturated(spent)) : 0
        var returned: [Meter.Part] = []
        var rest = units
        if let parts {
            let known = parts.isEmpty ? [Meter.Part(Meter.baseSlot, units)] : parts
            for part in known.reversed() where rest > 0 {
                let back = max(0, min(rest, part.units))
                let done =
                    part.slot == Meter.overSlot
                    ? forgive(back)
                    : restore(back, to: part.slot, takenAt: takenAt, isOfPeriod)
                // What was owed and is paid by now went off the balances: that comes after.
                rest -= part.slot == Meter.overSlot ? done : back
                if done > 0 { returned.append(Meter.Part(part.slot, done)) }
            }
        }
        if rest > 0, isOfPeriod { returned += giveBackLast(rest) }
        let change = isOfPeriod ? units : 0
        sums.used -= change
        pay()
        return Meter.Taking(units: units, parts: returned.ledger, change: -change)
    }

    /// Gives back in the reverse of the burn order, beginning with what is owed: which of several
    /// balances a unit was really of is known only to the consumption that took it.
    private mutating func giveBackLast(_ units: Int64) -> [Meter.Part] {
        var parts: [Meter.Part] = []
        let forgiven = forgive(units)
        var rest = units - forgiven
        if forgiven > 0 { parts.append(Meter.Part(Meter.overSlot, forgiven)) }
        for spot in spots(at: sums.at).reversed() where rest > 0 {
            let back = min(rest, spent(at: spot.place))
            guard back > 0 else { continue }
            rest -= back
            deduct(-back, from: spot.place, spent: -back)
            parts.append(Meter.Part(spot.slot, back))
        }
        unspend(rest)
        return parts
    }

    /// Takes off what is owed of this period, and says how much.
    private mutating func forgive(_ units: Int64) -> Int64 {
        let forgiven = min(units, sums.over, forgivable)
        forgivable -= forgiven
        sums.over -= forgiven
        return forgiven
    }

    /// Undoes what was taken of one slot, and says how much came back to it.
    private mutating func restore(
        _ units: Int64,
        to slot: String,
        takenAt: Instant?,
        _ isOfPeriod: Bool
    ) -> Int64 {
        guard let place = placesBySlot[slot], returns(to: place, takenAt: takenAt ?? sums.at)
        else {
            if isOfPeriod { unspend(units, of: slot) }
            return 0
        }
        let unspent = isOfPeriod ? min(units, spent(at: place)) : 0
        // Of what an earlier period took of it, no more than it lacks.
        let back = isOfPeriod ? unspent : min(units, missing(at: place))
        deduct(-back, from: place, spent: -unspent)
        if isOfPeriod { unspend(units - unspent) }
        return back
    }

    /// What of a balance is neither there nor held.
    private func missing(at place: Spot.Place) -> Int64 {
        switch place {
        case .allowance, .rolled: return spent(at: place)
        case .credit(let index):
            let credit = terms.credits[index]
            var missing = credit.amount.subtractingSaturated(credits[index].left)
            for hold in holds where returns(to: place, takenAt: hold.at) {
                missing = missing.subtractingSaturated(hold.parts.units(of: credit.id))
            }
            return max(0, missing)
        }
    }

    func spent(at place: Spot.Place) -> Int64 {
        switch place {
        case .allowance(let index): allowances[index].spent
        case .rolled(let index, let place): allowances[index].rolled[place].spent
        case .credit(let index): credits[index].spent
        }
    }
}

/// Units of this period whose balances are gone: they are still in `used`, and in a slot's place
/// when units are given back.
extension Buckets {
    private static let goneSlot = "gone"

    /// Remembers the units that a balance gave, for it is gone or full again.
    mutating func lose(_ spent: Int64) {
        guard spent > 0 else { return }
        if let index = orphans.firstIndex(where: { $0.slot == Self.goneSlot }) {
            orphans[index].spent = orphans[index].spent.addingSaturated(spent)
        } else {
            orphans.append(.init(slot: Self.goneSlot, spent: spent))
        }
    }

    /// Takes given units off those whose balances are gone, or ended, a slot's own first.
    private mutating func unspend(_ units: Int64, of slot: String? = nil) {
        var rest = units
        if let slot, case .credit(let index)? = placesBySlot[slot] {
            let back = min(rest, credits[index].spent)
            rest -= back
            credits[index].spent -= back
        }
        for index in orphans.indices.reversed() where rest > 0 {
            let back = min(rest, orphans[index].spent)
            rest -= back
            orphans[index].spent -= back
            if orphans[index].slot != Self.goneSlot { orphans[index].taken -= back }
        }
        for index in credits.indices where rest > 0 && !terms.credits[index].isLive(at: sums.at) {
            let back = min(rest, credits[index].spent)
            rest -= back
            credits[index].spent -= back
        }
    }
}
