/// What is done with balances; each act ends with what is owed being paid.
extension Buckets {
    /// Takes units as far as there is room; nil where there is not, and nothing changed.
    mutating func take(_ units: Int64, cap: Bool) -> Meter.Taking? {
        let room = standing.room
        if room.fits(units) { return take(units) }
        return cap && room.units > 0 ? take(room.units) : nil
    }

    /// Takes units, whatever is left: what finds no balance is owed.
    mutating func take(_ units: Int64) -> Meter.Taking {
        let (parts, rest) = burn(units, isSpent: true)
        sums.used = sums.used.addingSaturated(units)
        sums.over = sums.over.addingSaturated(rest)
        return Meter.Taking(units: units, parts: parts.ledger, change: units)
    }

    /// Sets units aside, whatever is left, and says of which slots.
    mutating func hold(_ units: Int64) -> [Meter.Part] {
        burn(units, isSpent: false).parts.ledger
    }

    /// Takes units off balances in their order.
    ///
    /// Those of an allowance that are only held stay: its holds say what is not left.
    private mutating func burn(
        _ units: Int64,
        isSpent: Bool
    ) -> (parts: [Meter.Part], rest: Int64) {
        var parts: [Meter.Part] = []
        var rest = units
        for spot in spots(at: sums.at) where rest > 0 && spot.left > 0 {
            let burnt = min(rest, spot.left)
            rest -= burnt
            parts.append(Meter.Part(spot.slot, burnt))
            if isSpent {
                deduct(burnt, from: spot.place, spent: burnt)
            } else if case .allowance = spot.place {
                continue
            } else {
                deduct(burnt, from: spot.place, spent: 0)
            }
        }
        if rest > 0 { parts.append(Meter.Part(Meter.overSlot, rest)) }
        return (parts, rest)
    }

    /// Takes units off one balance; `spent` of them are in the period's `used`.
    mutating func deduct(_ units: Int64, from place: Spot.Place, spent: Int64) {
        switch place {
        case .allowance(let index):
            allowances[index].taken = allowances[index].taken.addingSaturated(units)
            allowances[index].spent = allowances[index].spent.addingSaturated(spent)
        case .rolled(let index, let place):
            allowances[index].rolled[place].left =
                allowances[index].rolled[place].left.subtractingSaturated(units)
            allowances[index].rolled[place].spent =
                allowances[index].rolled[place].spent.addingSaturated(spent)
        case .credit(let index):
            credits[index].left = credits[index].left.subtractingSaturated(units)
            credits[index].spent = credits[index].spent.addingSaturated(spent)
        }
    }

    /// Pays what is owed from what there is: the older debt first, which is no use of this period.
    mutating func pay() {
        guard sums.over > 0 else { return }
        var older = max(0, sums.over.subtractingSaturated(sums.used.subtractingSaturated(spent)))
        for spot in spots(at: sums.at) where sums.over > 0 && spot.left > 0 {
            guard hasBegun(spot.place) else { continue }
            let paid = min(sums.over, spot.left)
            let ofOlder = min(older, paid)
            older -= ofOlder
            sums.over -= paid
            deduct(paid, from: spot.place, spent: paid - ofOlder)
        }
    }

    /// Whether it was had by now: on the way to an instant an add-on may be yet to come.
    private func hasBegun(_ place: Spot.Place) -> Bool {
        switch place {
        case .allowance(let index), .rolled(let index, _):
            isBase(index) || allowances[index].start ?? .always <= sums.at
        case .credit: true
        }
    }

    /// The part of `used` that balances gave.
    var spent: Int64 {
        var spent: Int64 = 0
        for state in allowances + orphans {
            spent = spent.addingSaturated(state.spent)
            for rolled in state.rolled { spent = spent.addingSaturated(rolled.spent) }
        }
        for state in credits { spent = spent.addingSaturated(state.spent) }
        return spent
    }

    /// Counts so many units of a hold and ends it; the rest goes back where it came from.
    mutating func settle(_ hold: Meter.Hold, units: Int64) -> Meter.Taking {
        let taking = end(hold, units: units)
        pay()
        return taking
    }

    /// The same, before what is owed is paid.
    mutating func end(_ hold: Meter.Hold, units: Int64) -> Meter.Taking {
        let isOfPeriod = hold.at >= sums.periodStart ?? .always
        holds.removeAll { $0.id == hold.id }
        let places = placesBySlot
        var used: [Meter.Part] = []
        var rest = units
        for part in hold.spelledParts {
            let settled = min(rest, part.units)
            rest -= settled
            if settled > 0 { used.append(Meter.Part(part.slot, settled)) }
            settle(part, settled: settled, at: places[part.slot], of: hold, isOfPeriod)
        }
        let change = isOfPeriod ? units : 0
        sums.used = sums.used.addingSaturated(change)
        return Meter.Taking(units: units, parts: used.ledger, change: change)
    }

    private mutating func settle(
        _ part: Meter.Part,
        settled: Int64,
        at place: Spot.Place?,
        of hold: Meter.Hold,
        _ isOfPeriod: Bool
    ) {
        if part.slot == Meter.overSlot, isOfPeriod || terms.carriesOverage {
            sums.over = sums.over.addingSaturated(settled)
        }
        guard let place else { return }
        let isThere = returns(to: place, takenAt: hold.at)
        if case .allowance = place {
            if isThere { deduct(settled, from: place, spent: isOfPeriod ? settled : 0) }
            return
        }
        if isThere { deduct(settled - part.units, from: place, spent: 0) }
        deduct(0, from: place, spent: isOfPeriod ? settled : 0)
    }

    /// Whether what was taken at an instant can go back: the balance is still the one it was.
    func returns(to place: Spot.Place, takenAt instant: Instant) -> Bool {
        guard let since = sinceWhen(place) else { return false }
        return instant >= since
    }

    /// Since when a balance is the one that it is; nil where it is over.
    func sinceWhen(_ place: Spot.Place) -> Instant? {
        switch place {
        case .allowance(let index), .rolled(let index, _):
            return start(of: index) ?? .always
        case .credit(let index):
            let credit = terms.credits[index]
            guard credit.isLive(at: sums.at) else { return nil }
            let reset = credit.outlivesResets ? .always : sums.periodStart ?? .always
            guard let recurrence = credit.recurrence else { return reset }
            let schedule = terms.schedule(from: credit.from, every: recurrence)
            return max(reset, schedule.period(containing: sums.at).start)
        }
    }

    /// Every slot that is still known, live or not.
    var placesBySlot: [String: Spot.Place] {
        var places: [String: Spot.Place] = [:]
        for (index, state) in allowances.enumerated() {
            places[state.slot] = .allowance(index)
            for (place, rolled) in state.rolled.enumerated() {
                places[rolled.slot(of: state.slot)] = .rolled(allowance: index, place)
            }
        }
        for (index, credit) in terms.credits.enumerated() { places[credit.id] = .credit(index) }
        return places
    }
}

extension [Meter.Part] {
    /// Empty where all is from the base.
    var ledger: [Meter.Part] {
        count == 1 && self[0].slot == Meter.baseSlot ? [] : self
    }
}
