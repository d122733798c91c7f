/// The balances of a quota, spread out for one act: what each slot of the terms has left.
///
/// A meter keeps only what differs from what the terms say; this is both together. It is made from
/// an advanced meter (or advances it), changed, and made a meter again.
struct Buckets {
    let terms: MeterTerms
    /// The meter as it was, with its sums brought up to date.
    var sums: Meter
    /// One for each allowance of the terms, in their order.
    var allowances: [Meter.Detail.Allowance]
    /// One for each credit of the terms, in their order.
    var credits: [Meter.Detail.Credit]
    var holds: [Meter.Hold]
    var closings: [Meter.Detail.Closing]
    /// Of allowances that the terms no longer have, until their own periods end.
    var orphans: [Meter.Detail.Allowance]
    /// What may be taken off what is owed, while units are given back: the part of this period.
    var forgivable: Int64 = 0
    var reset: Meter.Reset?
    var lapsed: [Meter.Hold] = []

    init(_ meter: Meter, under terms: MeterTerms) {
        self.terms = terms
        sums = meter
        sums.detail = nil
        let body = meter.body
        holds = body.holds
        closings = body.closings
        var stored = body.allowances
        if !stored.contains(where: { $0.slot == Meter.baseSlot }) {
            let taken = meter.used.subtractingSaturated(meter.over)
            stored.append(.init(slot: Meter.baseSlot, taken: taken, spent: taken))
        }
        allowances = terms.allowances.map { allowance in
            stored.first { $0.slot == allowance.slot } ?? .init(slot: allowance.slot)
        }
        orphans = stored.filter { state in
            !terms.allowances.contains { $0.slot == state.slot }
        }
        credits = terms.credits.map { credit in
            body.credits.first { $0.id == credit.id } ?? .init(id: credit.id, left: credit.amount)
        }
        for state in body.credits where !terms.credits.contains(where: { $0.id == state.id }) {
            lose(state.spent)
        }
    }

    /// The meter that has all this.
    var meter: Meter {
        var meter = sums
        var body = Meter.Detail.Body(holds: holds, closings: closings)
        let derived = Meter.Detail.Allowance(
            slot: Meter.baseSlot,
            taken: sums.used.subtractingSaturated(sums.over),
            spent: sums.used.subtractingSaturated(sums.over)
        )
        let known = allowances + orphans.suffix(MeterBounds.orphans)
        body.allowances = known.filter {
            $0 != derived && !($0.isUntouched && $0.slot != Meter.baseSlot)
        }
        for (index, state) in credits.enumerated() {
            let credit = terms.credits[index]
            if state.left != credit.amount || state.spent != 0 {
                body.credits.append(state)
            }
        }
        meter.body = body
        return meter
    }

    var result: Meter.Advance {
        Meter.Advance(meter: meter, reset: reset, lapsed: lapsed)
    }
}

extension Meter.Detail.Allowance {
    /// Nothing that a fresh one would not say: without an end, its start follows from the terms.
    fileprivate var isUntouched: Bool {
        taken == 0 && spent == 0 && rolled.isEmpty && end == nil
    }
}

extension Buckets {
    /// Where units are burnt, and what decides the order.
    struct Spot {
        enum Place: Hashable {
            case allowance(Int)
            case rolled(allowance: Int, Int)
            case credit(Int)
        }

        let place: Place
        let slot: String
        let amount: Quantity
        /// `Int64.max` is unlimited.
        var left: Int64
        let priority: Int
        let lostAt: Instant?
        let isPromotional: Bool
        let from: Instant
        let createdAt: Instant

        /// The order is total, since slots differ, and so does not depend on that of the terms.
        func precedes(_ other: Spot) -> Bool {
            let mine = (priority, lostAt ?? .never, isRolled ? 0 : 1, isPromotional ? 0 : 1)
            let others = (
                other.priority, other.lostAt ?? .never, other.isRolled ? 0 : 1,
                other.isPromotional ? 0 : 1
            )
            if mine != others { return mine < others }
            if from != other.from { return from < other.from }
            if createdAt != other.createdAt { return createdAt < other.createdAt }
            return slot.precedes(other.slot)
        }

        var isRolled: Bool {
            if case .rolled = place { true } else { false }
        }
    }

    /// All that is live at an instant, in the order that it is burnt.
    func spots(at instant: Instant) -> [Spot] {
        let spots = unsortedSpots(at: instant)
        return spots.count < 2 ? spots : spots.sorted { $0.precedes($1) }
    }

    func unsortedSpots(at instant: Instant) -> [Spot] {
        var spots: [Spot] = []
        for (index, state) in allowances.enumerated() {
            let allowance = terms.allowances[index]
            spots.append(spot(allowance, index))
            for (place, rolled) in state.rolled.enumerated() where instant < rolled.until ?? .never
            {
                spots.append(spot(rolled, place, of: allowance, index))
            }
        }
        for (index, credit) in terms.credits.enumerated() where credit.isLive(at: instant) {
            spots.append(spot(credit, index))
        }
        return spots
    }

    private func spot(_ allowance: MeterTerms.Allowance, _ index: Int) -> Spot {
        let state = allowances[index]
        var left = Int64.max
        if case .units(let amount) = allowance.amount {
            left = amount.subtractingSaturated(state.taken).subtractingSaturated(held(of: index))
        }
        return Spot(
            place: .allowance(index),
            slot: allowance.slot,
            amount: allowance.amount,
            left: left,
            priority: allowance.priority,
            lostAt: allowance.rollover == nil ? end(of: index) : nil,
            isPromotional: false,
            from: allowance.since,
            createdAt: allowance.since
        )
    }

    private func spot(
        _ rolled: Meter.Detail.Rolled,
        _ place: Int,
        of allowance: MeterTerms.Allowance,
        _ index: Int
    ) -> Spot {
        Spot(
            place: .rolled(allowance: index, place),
            slot: rolled.slot(of: allowance.slot),
            amount: .units(rolled.left.addingSaturated(rolled.spent)),
            left: rolled.left,
            priority: allowance.priority,
            lostAt: rolled.until,
            isPromotional: false,
            from: allowance.since,
            createdAt: allowance.since
        )
    }

    private func spot(_ credit: MeterTerms.Credit, _ index: Int) -> Spot {
        Spot(
            place: .credit(index),
            slot: credit.id,
            amount: .units(credit.amount),
            left: credits[index].left,
            priority: credit.priority,
            lostAt: credit.until,
            isPromotional: credit.isPromotional,
            from: credit.from,
            createdAt: credit.createdAt
        )
    }
}

extension Meter.Detail.Rolled {
    /// What the part is called: by its expiry, which no other part of the allowance has.
    func slot(of allowance: String) -> String {
        guard let until else { return allowance + "/rolled" }
        return "\(allowance)/rolled/\(until.microseconds)"
    }
}

extension Buckets {
    /// When the period of an allowance began; nil where it has none.
    func start(of index: Int) -> Instant? {
        isBase(index) ? sums.periodStart : allowances[index].start
    }

    func end(of index: Int) -> Instant? {
        isBase(index) ? sums.periodEnd : allowances[index].end
    }

    func isBase(_ index: Int) -> Bool {
        index == 0 && terms.base != nil
    }

    /// What holds of its present period set aside of an allowance.
    func held(of index: Int) -> Int64 {
        guard !holds.isEmpty else { return 0 }
        let slot = terms.allowances[index].slot
        let start = start(of: index) ?? .always
        var units: Int64 = 0
        for hold in holds where hold.at >= start {
            units = units.addingSaturated(hold.spelledParts.units(of: slot))
        }
        return units
    }

    /// What holds of the present period set aside beyond every balance.
    var heldOver: Int64 {
        var units: Int64 = 0
        for hold in holds where hold.at >= sums.periodStart ?? .always {
            units = units.addingSaturated(hold.parts.units(of: Meter.overSlot))
        }
        return units
    }
}
