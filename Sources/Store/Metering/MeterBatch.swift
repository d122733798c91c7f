import Entitlements
import Postgres

/// The orders of one transaction on their way: what is known, and what they come to.
struct MeterBatch {
    let orders: [any MeterOrder]
    /// Each once, in the order in which rows are locked.
    let keys: [MeterKey]
    private(set) var known = MeterKnown()
    private(set) var outcomes: [OrderOutcome] = []
    private(set) var writes: [MeterWrite] = []
    private var versions: [MeterKey: Int64] = [:]
    /// The first version of meters that are not there yet.
    ///
    /// It does not come again, so that no meter is taken for that of an earlier life of its account;
    /// and it leaves as many for those that follow.
    private let firstVersion = Int64.random(in: 1...(.max / 2))
    private var written: Set<MeterKey> = []
    private var entries: [MeterEntry] = []
    /// When the period of the last entry's meter began.
    private var lastPeriod: Instant?
    private var notices: [QuotaNotice] = []
    private var reservations: [ReservationKey: Reservation] = [:]
    private var consumptions: [(id: ConsumeClaim.ID, row: Consumption)] = []
    private var refunds: [ConsumeClaim.ID: JSON] = [:]
    private var events: [UsageEventKey] = []
    /// Keys of orders that came to nothing, which must not have been carried out before.
    private var unused: [ConsumeClaim.ID] = []

    init(_ orders: [any MeterOrder]) {
        self.orders = orders
        keys = Set(orders.flatMap(\.keys)).sorted()
    }

    /// A meter as it is known to be; one that nobody wrote yet has no version.
    mutating func know(_ key: MeterKey, _ row: MeterRow) {
        guard let version = row.version else { return }
        known.meters[key] = row.meter
        versions[key] = version
    }

    func row(of key: MeterKey) -> MeterRow {
        guard let version = versions[key], let meter = known.meters[key] else { return .absent }
        return MeterRow(meter: meter, version: version)
    }

    mutating func know(_ reservation: Reservation) {
        known.reservations[reservation.key] = reservation
    }

    mutating func know(_ id: ConsumeClaim.ID, _ consumption: Consumption) {
        known.consumptions[id] = consumption
    }

    mutating func know(_ event: UsageEventKey) {
        known.events.insert(event)
    }

    /// Carries the orders out, in the order in which they arrived, on what is known.
    mutating func apply() {
        var claimed: Set<ConsumeClaim.ID> = []
        outcomes.reserveCapacity(orders.count)
        for order in orders {
            guard let claim = order.needs.claim else {
                outcomes.append(.applied(take(order)))
                continue
            }
            if !claimed.insert(claim.id).inserted {
                outcomes.append(.inFlight)
            } else if let earlier = known.consumptions[claim.id] {
                let isSame = earlier.fingerprint == claim.fingerprint
                outcomes.append(isSame ? .repeated(answer: earlier.answer) : .reused)
            } else {
                outcomes.append(.applied(take(order)))
            }
        }
        writes = written.sorted()
            .map { key in
                MeterWrite(
                    key: key,
                    meter: known.meters[key] ?? Meter(at: Instant(microseconds: 0)),
                    version: nextVersion(of: key),
                    isNew: versions[key] == nil
                )
            }
    }

    private func nextVersion(of key: MeterKey) -> Int64 {
        versions[key].map { $0 + 1 } ?? firstVersion
    }

    private mutating func take(_ order: any MeterOrder) -> MeterEffects {
        let effects = order.apply(to: known)
        for (key, meter) in effects.meters {
            known.meters[key] = meter
            written.insert(key)
        }
        for entry in effects.entries { add(entry) }
        notices += effects.notices
        if let reservation = effects.reservation {
            known.reservations[reservation.key] = reservation
            reservations[reservation.key] = reservation
        }
        if let (id, refunded) = effects.refunded {
            known.consumptions[id]?.refunded = refunded
            refunds[id] = refunded
        }
        if let event = effects.event {
            known.events.insert(event)
            events.append(event)
        }
        if let claim = order.needs.claim {
            if let consumption = effects.consumption {
                consumptions.append((claim.id, consumption))
            } else {
                unused.append(claim.id)
            }
        }
        return effects
    }

    /// Requests alike make one line: a hot meter's ledger grows with its batches.
    private mutating func add(_ entry: MeterEntry) {
        let period = known.meters[entry.key]?.periodStart
        if let last = entries.indices.last, lastPeriod == period, entries[last].isAlike(entry) {
            entries[last].units += entry.units
            entries[last].requests += entry.requests
            entries[last].at = max(entries[last].at, entry.at)
        } else {
            entries.append(entry)
            lastPeriod = period
        }
    }

    /// What commits it all, or fails where something is not as it was known; what was read under a
    /// lock cannot be otherwise.
    func statements(isLocked: Bool) -> [SQL] {
        var statements: [SQL] = []
        let olds = writes.filter { !$0.isNew }
        let news = writes.filter(\.isNew)
        if !olds.isEmpty { statements.append(MeterStatements.update(olds)) }
        if !news.isEmpty { statements.append(MeterStatements.insert(news)) }
        let unread = isLocked ? [] : keys.filter { !written.contains($0) }
        if !unread.isEmpty {
            statements.append(MeterStatements.verify(unread.map { ($0, versions[$0]) }))
        }
        if !isLocked, !unused.isEmpty { statements.append(MeterStatements.verifyUnused(unused)) }
        if !consumptions.isEmpty { statements.append(MeterStatements.insert(consumptions)) }
        if !entries.isEmpty { statements.append(MeterStatements.entries(placed)) }
        if !events.isEmpty { statements.append(MeterStatements.insert(events)) }
        if !reservations.isEmpty {
            statements.append(MeterStatements.put(Array(reservations.values)))
        }
        if !refunds.isEmpty {
            statements.append(MeterStatements.refund(refunds.map { ($0.key, $0.value) }))
        }
        if !notices.isEmpty { statements.append(MeterStatements.notices(notices)) }
        return statements
    }

    private var placed: [MeterStatements.PlacedEntry] {
        var places: [MeterKey: Int] = [:]
        return entries.map { entry in
            let place = places[entry.key, default: 0]
            places[entry.key] = place + 1
            // A line that changes nothing of its meter is behind the version that there is.
            let isWritten = written.contains(entry.key)
            let version = isWritten ? nextVersion(of: entry.key) : versions[entry.key] ?? 0
            return (entry, version, place)
        }
    }
}

extension MeterEntry {
    /// Whether two lines may be one: nothing would be lost but how the requests were cut.
    fileprivate func isAlike(_ other: MeterEntry) -> Bool {
        kind == .consume && other.kind == .consume && parts == nil && other.parts == nil
            && reference == nil && other.reference == nil && key == other.key
            && user == other.user && via == other.via && author == other.author
            // The shortest piece of time that history counts by: days of some zones begin within
            // an hour (`usage_slot`).
            && at.quarter == other.at.quarter
    }
}

extension Instant {
    /// The quarter of an hour, counted from 1970.
    fileprivate var quarter: Int64 {
        let (quarter, rest) = microseconds.quotientAndRemainder(dividingBy: 900_000_000)
        return rest < 0 ? quarter - 1 : quarter
    }
}
