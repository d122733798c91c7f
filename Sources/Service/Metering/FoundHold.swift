import Entitlements
import Store

/// A reservation or a lease, with the meters that it is held on: open or not, it was held.
struct FoundHold: Sendable {
    let kind: HoldKind
    /// As it was read; the writer of meters looks again, and only how it stands may have changed.
    let hold: Reservation
    /// What the same call would be counted on now.
    let tally: Tally
    /// Of what it is held on, the meters that have terms.
    let lines: [MeterLine]

    private var at: Instant { tally.at }

    /// Meters that nothing gives anything of any more: a grant was withdrawn, or a plan's limit.
    private var bare: [MeterPlace] {
        hold.places.filter { place in !lines.contains { $0.key == place.key } }
    }

    /// The feature's own meter: what it is held on, while that has terms.
    private var own: MeterLine {
        lines.first { $0.key == hold.places.first?.key } ?? tally.lines[0]
    }

    var keys: [MeterKey] { Array(Set(hold.places.map(\.key) + [own.key])) }

    /// Whether its time is not over, by the account's time and by that of every meter.
    func isHeld(_ hold: Reservation, in known: MeterKnown) -> Bool {
        guard at < hold.expiresAt else { return false }
        let meters = MeterAct(lines, in: known, at: at).meters
        return meters.values.allSatisfy { $0.at < hold.expiresAt }
            && bare.allSatisfy { known.meters[$0.key]?.at ?? at < hold.expiresAt }
    }

    func unchanged(_ hold: Reservation, _ known: MeterKnown) -> Act<HoldStanding> {
        Act(value: standing(hold, known.meters, at: at))
    }

    /// The meter's figures are those of the feature's own meter.
    func standing(
        _ hold: Reservation,
        _ meters: [MeterKey: Meter],
        at instant: Instant
    ) -> HoldStanding {
        let line = own
        let meter = (meters[line.key] ?? Meter(at: instant))
            .advanced(to: instant, under: line.terms).meter
        return HoldStanding(hold, meter.reading(under: line.terms), at: instant)
    }

    func settle(
        _ hold: Reservation,
        _ quantity: Int64,
        in known: MeterKnown,
        author: String
    ) throws(Refusal) -> Act<HoldStanding> {
        // Where nothing is given any more there is what was held, and no more of it.
        if quantity > hold.units, let place = bare.first(where: { hold.places.tells($0.key) }) {
            throw .noRoom(for: quantity, of: hold, place.key, .units(0))
        }
        var act = MeterAct(lines, in: known, at: at)
        let before = act.meters
        let outcome = act.change { meters in
            Entitlements.settle(lines, id: hold.key.id, as: quantity, in: &meters, at: at)
        }
        guard case .taken(let takings, _) = outcome else {
            guard case .refused(let index) = outcome else { throw Refusal(MeterFailure.broken) }
            let line = lines[index]
            let room = before[line.key]?.reading(under: line.terms).room
            throw .noRoom(for: quantity, of: hold, line.key, room)
        }
        for (line, taking) in zip(lines, takings) {
            add(.settle, hold, line.key, before[line.key], taking, to: &act, author)
        }
        close(hold, as: quantity, .settle, in: known, &act, author)
        var ended = hold
        ended.state = .settled
        ended.settledUnits = quantity
        ended.settledAt = at
        return done(act, ended, known)
    }

    func release(
        _ hold: Reservation,
        in known: MeterKnown,
        author: String
    ) -> Act<HoldStanding> {
        var act = MeterAct(lines, in: known, at: at)
        let before = act.meters
        act.change { meters in
            for line in lines {
                _ = meters[line.key]?.release(hold.key.id, under: line.terms)
            }
        }
        for line in lines {
            add(.release, hold, line.key, before[line.key], nil, to: &act, author)
        }
        close(hold, as: 0, .release, in: known, &act, author)
        var ended = hold
        ended.state = .released
        ended.settledAt = at
        return done(act, ended, known)
    }

    /// Nil where nothing is held any more.
    func renew(
        _ hold: Reservation,
        _ lifetime: Duration,
        in known: MeterKnown
    ) -> Act<HoldStanding>? {
        let until = at + lifetime
        var act = MeterAct(lines, in: known, at: at)
        let isRenewed = act.change { meters in
            for place in bare { meters[place.key] = known.meters[place.key] }
            // Each of them, not only as many as it takes to know.
            return hold.places.filter { meters[$0.key]?.renew(hold.key.id, until: until) == true }
        }
        guard !isRenewed.isEmpty else { return nil }
        var renewed = hold
        renewed.expiresAt = until
        return done(act, renewed, known)
    }

    private func done(
        _ act: MeterAct,
        _ hold: Reservation,
        _ known: MeterKnown
    ) -> Act<HoldStanding> {
        var effects = act.done()
        effects.reservation = hold
        // What stands in the place of a meter without terms is not changed.
        let own = act.meters[own.key] == nil ? known.meters : act.meters
        return Act(effects: effects, value: standing(hold, own, at: at))
    }
}

extension FoundHold {
    /// Ends it on the meters that have no terms any more.
    private func close(
        _ hold: Reservation,
        as quantity: Int64,
        _ kind: MeterEntry.Kind,
        in known: MeterKnown,
        _ act: inout MeterAct,
        _ author: String
    ) {
        for place in bare {
            guard let before = known.meters[place.key] else { continue }
            var meter = before
            let units = place.units(of: quantity)
            guard let taking = meter.closeHold(hold.key.id, units: units) else { continue }
            act.change { meters in meters[place.key] = meter }
            add(kind, hold, place.key, before, taking, to: &act, author)
        }
    }

    /// What is held once more for a user or a session is told by the line of the pool.
    private func add(
        _ kind: MeterEntry.Kind,
        _ hold: Reservation,
        _ key: MeterKey,
        _ before: Meter?,
        _ taking: Meter.Taking?,
        to act: inout MeterAct,
        _ author: String
    ) {
        guard hold.places.tells(key) else { return }
        let held = before?.hold(hold.key.id)
        let parts = taking?.parts ?? held?.parts ?? []
        // What belongs to a period that is over counts there, and changes nothing of this one.
        let isOfPeriod = taking.map { $0.change != 0 || $0.units == 0 } ?? true
        var entry = MeterEntry(
            key: key,
            kind: kind,
            at: isOfPeriod ? at : hold.createdAt,
            user: hold.user,
            units: taking?.units ?? 0,
            held: -(held?.units ?? 0),
            parts: parts.isEmpty ? nil : parts,
            reference: hold.key.id,
            via: key.feature == hold.feature ? nil : hold.feature,
            author: author
        )
        entry.requests = kind == .settle ? 1 : 0
        act.add(entry)
    }
}

extension Refusal {
    fileprivate static func noRoom(
        for quantity: Int64,
        of hold: Reservation,
        _ key: MeterKey,
        _ room: Quantity?
    ) -> Refusal {
        let left =
            switch room {
            case .units(let units)?: "\(units)"
            case .unlimited?, nil: "not enough"
            }
        return Refusal(
            .limitReached,
            "\(hold.units) are held; for \(quantity) there is no room, since beyond what is held "
                + "\(left) of \(key.feature) are left. It is held on",
            field: "quantity",
            remedy: "settle at most what is held and left, or raise the limit first"
        )
    }
}
