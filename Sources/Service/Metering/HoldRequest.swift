package import Entitlements
package import Store

/// Two ways to have units that nobody else can have meanwhile.
package enum HoldKind: String, Sendable {
    /// Of a quota, until it is known how many it really were.
    case reservation
    /// Of what only so many may use at once, for as long as it is kept alive.
    case lease

    package var ids: OwnedID {
        switch self {
        case .reservation: .reservation
        case .lease: .lease
        }
    }

    var features: Set<Feature.Kind> {
        switch self {
        case .reservation: [.metered]
        case .lease: [.concurrency]
        }
    }

    /// What the ledger calls the beginning of it.
    var entry: MeterEntry.Kind {
        switch self {
        case .reservation: .reserve
        case .lease: .lease
        }
    }
}

/// A request to hold units of a feature.
package struct HoldRequest: Sendable {
    package let kind: HoldKind
    package let asker: ConsumeRequest.Asker
    package let feature: String
    package let quantity: Int64
    package let lifetime: Duration
    package let key: RepeatKey?

    package init(
        kind: HoldKind,
        asker: ConsumeRequest.Asker,
        feature: String,
        quantity: Int64,
        lifetime: Duration,
        key: RepeatKey?
    ) {
        self.kind = kind
        self.asker = asker
        self.feature = feature
        self.quantity = quantity
        self.lifetime = lifetime
        self.key = key
    }
}

/// The answer to it.
package struct Held: Sendable {
    package let decision: Consumed
    /// Nil where it was denied.
    package let hold: Reservation?
}

/// A reservation or a lease as it stands, and the meter that it is first held on.
package struct HoldStanding: Sendable {
    package enum State: String, Sendable, CaseIterable { case held, settled, released, lapsed }

    package let hold: Reservation
    package let state: State
    package let reading: Meter.Reading

    init(_ hold: Reservation, _ reading: Meter.Reading, at instant: Instant) {
        self.hold = hold
        self.reading = reading
        state = hold.state(at: instant)
    }
}

extension Reservation {
    /// Its time ends it by itself.
    package func state(at instant: Instant) -> HoldStanding.State {
        switch state {
        case .held: instant < expiresAt ? .held : .lapsed
        case .settled: .settled
        case .released: .released
        }
    }
}

extension Refusal {
    static func unknown(_ kind: HoldKind, _ id: String) -> Refusal {
        Refusal(
            kind == .lease ? .unknownLease : .unknownReservation,
            "there is no \(kind.rawValue) \(id.prefix(160))",
            field: kind.rawValue
        )
    }

    /// A lease that is over is none any more: its holder must take another.
    static func over(_ id: String, _ state: HoldStanding.State) -> Refusal {
        Refusal(
            .unknownLease,
            "the lease \(id) is \(state.rawValue)",
            field: "lease",
            remedy: "take one anew with POST /v1/leases"
        )
    }

    static func reservationLapsed(_ hold: Reservation) -> Refusal {
        Refusal(
            .reservationLapsed,
            "the reservation lapsed at \(hold.expiresAt), and holds nothing any more",
            field: "reservation",
            remedy: "count what was used with POST /v1/usage; hold for longer next time"
        )
    }

    static func reservationEnded(_ hold: Reservation) -> Refusal {
        let how =
            hold.settledUnits.map { "settled with \($0)" } ?? "released"
        return Refusal(
            .conflict,
            "the reservation is \(how) already",
            field: "reservation",
            remedy: "correct what was counted with POST /v1/refunds or /v1/adjustments"
        )
    }
}
