import Entitlements
import Postgres

/// The orders of one transaction on their way: what is known, and what they come to.
struct MeterBatch {
    private(set) var orders: [any MeterOrder] = []
    private(set) var known = MeterKnown()
    /// Of the orders that were carried out; those behind wait for something that has to be read.
    private(set) var outcomes: [OrderOutcome] = []
    /// As the database has them, or will once the transaction before is committed.
    private var rows: [MeterKey: MeterRow] = [:]
    /// Those that were asked for and are not there.
    private var absent: Set<MeterKey> = []
    /// The first version of meters that are not there yet.
    ///
    /// It does not come again, so that no meter is taken for that of an earlier life of its account;
    /// and it leaves as many for those that follow.
    private let firstVersion = Int64.random(in: 1...(.max / 2))
    private(set) var written: Set<MeterKey> = []
    /// Whether the database was asked to commit it.
    var wasSent = false
    private var entries: [MeterEntry] = []
    /// When the period of the last entry's meter began.
    private var lastPeriod: Instant?
    private var notices: [QuotaNotice] = []
    private var reservations: [ReservationKey: Reservation] = [:]
    private var claimed: Set<ConsumeClaim.ID> = []
    private var consumptions: [(id: ConsumeClaim.ID, row: Consumption)] = []
    private var refunds: [ConsumeClaim.ID: JSON] = [:]
    private var events: [UsageEventKey] = []
    /// Keys of orders that came to nothing, which must not have been carried out before.
    private var unused: [ConsumeClaim.ID] = []

    init(_ orders: [any MeterOrder] = []) {
        self.orders = orders
    }

    mutating func add(_ orders: [any MeterOrder]) {
        self.orders += orders
    }

    /// Those that were not carried out yet.
    var waiting: ArraySlice<any MeterOrder> { orders[outcomes.count...] }

    /// The meters of theirs that are not known, each once, in the order in which rows are locked.
    var missing: [MeterKey] { Set(waiting.flatMap(\.keys).filter { !knows($0) }).sorted() }

    /// A meter as it is known to be; one that nobody wrote yet has no version.
    mutating func know(_ key: MeterKey, _ row: MeterRow) {
        guard row.version != nil else {
            absent.insert(key)
            return
        }
        known.meters[key] = row.meter
        rows[key] = row
    }

    func knows(_ key: MeterKey) -> Bool {
        rows[key] != nil || absent.contains(key)
    }

    func row(of key: MeterKey) -> MeterRow { rows[key] ?? .absent }

    mutating func know(_ reservation: Reservation) {
        known.reservations[reservation.key] = reservation
    }

    mutating func know(_ id: ConsumeClaim.ID, _ consumption: Consumption) {
        known.consumptions[id] = consumption
    }

    mutating func know(_ event: UsageEventKey) {
        known.events.insert(event)
    }

    /// Carries those who wait out, in the order in which they arrived, on what is known: the first
    /// of them, or all.
    mutating func apply(_ most: Int = .max) {
        for order in waiting.prefix(most) { outcomes.append(outcome(of: order)) }
    }

    private mutating func outcome(of order: any MeterOrder) -> OrderOutcome {
        guard let claim = order.needs.claim else { return .applied(take(order)) }
        guard claimed.insert(claim.id).inserted else { return .inFlight }
        guard let earlier = known.consumptions[claim.id] else { return .applied(take(order)) }
        let isSame = earlier.fingerprint == claim.fingerprint
        return isSame ? .repeated(answer: earlier.answer) : .reused
    }

    /// The meters as they are to be written, in the order in which rows are locked.
    func writes() -> [MeterWrite] {
        written.sorted()
            .map { key in
                MeterWrite(
                    key: key,
                    meter: known.meters[key] ?? Meter(at: Instant(microseconds: 0)),
                    version: nextVersion(of: key),
                    before: rows[key]?.meter
                )
            }
    }

    private func nextVersion(of key: MeterKey) -> Int64 {
        rows[key]?.version.map { $0 + 1 } ?? firstVersion
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
    func statements(writing writes: [MeterWrite], isLocked: Bool) -> [SQL] {
        var statements: [SQL] = MeterStatements.write(writes)
        let unread = isLocked ? [] : onlyRead
        if !unread.isEmpty { statements.append(MeterStatements.verify(unread)) }
        if !isLocked, !unused.isEmpty { statements.append(MeterStatements.verifyUnused(unused)) }
        if !consumptions.isEmpty { statements.append(MeterStatements.insert(consumptions)) }
        statements += MeterStatements.entries(placed)
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

    /// The meters that were asked and not written, with their versions.
    private var onlyRead: [(key: MeterKey, version: Int64?)] {
        guard rows.count + absent.count > written.count else { return [] }
        return absent.union(rows.keys).subtracting(written).sorted()
            .map { ($0, rows[$0]?.version) }
    }

    private var placed: [MeterStatements.PlacedEntry] {
        var places: [MeterKey: Int] = [:]
        return entries.map { entry in
            let place = places[entry.key, default: 0]
            places[entry.key] = place + 1
            // A line that changes nothing of its meter is behind the version that there is.
            let isWritten = written.contains(entry.key)
            let version = isWritten ? nextVersion(of: entry.key) : rows[entry.key]?.version ?? 0
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
