package import Entitlements

/// One line of the ledger.
package struct MeterEntry: Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case consume, record, reserve, settle, release, lapse, refund, adjust, lease, reset
    }

    package let key: MeterKey
    package let kind: Kind
    /// When it counts, by the account's time.
    package var at: Instant
    package let user: String?
    /// By which the usage changed, and what is held.
    package var units: Int64
    package var held: Int64
    package var requests = 1
    /// Whether it is of a user's or session's meter beside the account's, which has a line of its
    /// own: then it is not part of the account's usage.
    package var isShare = false
    /// Where the units came from; nil where all were the plan's.
    package let parts: [Meter.Part]?
    package var reference: String?
    package var via: String?
    package var reason: String?
    package var author: String?

    package init(
        key: MeterKey,
        kind: Kind,
        at: Instant,
        user: String? = nil,
        units: Int64,
        held: Int64 = 0,
        parts: [Meter.Part]? = nil,
        reference: String? = nil,
        via: String? = nil,
        reason: String? = nil,
        author: String? = nil
    ) {
        self.key = key
        self.kind = kind
        self.at = at
        self.user = user
        self.units = units
        self.held = held
        self.parts = parts
        self.reference = reference
        self.via = via
        self.reason = reason
        self.author = author
    }
}

/// Something that others are to be told of a quota.
package struct QuotaNotice: Sendable {
    package enum Kind: String, Sendable, CaseIterable {
        case threshold = "quota.threshold"
        case exhausted = "quota.exhausted"
        case reset = "quota.reset"
    }

    package let key: MeterKey
    package let kind: Kind
    package let at: Instant
    package let body: JSON

    package init(key: MeterKey, kind: Kind, at: Instant, body: JSON) {
        self.key = key
        self.kind = kind
        self.at = at
        self.body = body
    }
}

/// Units set aside until they are settled, released, or their time is over; or a lease, which is
/// never settled.
package struct Reservation: Sendable, Equatable {
    package enum State: String, Sendable, CaseIterable { case held, settled, released }

    package let key: ReservationKey
    package let feature: String
    package let session: String?
    package let user: String?
    package let units: Int64
    /// The meters that it is held on, that of the feature itself first.
    package let places: [MeterPlace]
    package var state: State
    package var settledUnits: Int64?
    /// A heartbeat puts that of a lease off.
    package var expiresAt: Instant
    package let createdAt: Instant
    package var settledAt: Instant?

    package init(
        key: ReservationKey,
        feature: String,
        session: String?,
        user: String?,
        units: Int64,
        places: [MeterPlace],
        state: State = .held,
        settledUnits: Int64? = nil,
        expiresAt: Instant,
        createdAt: Instant,
        settledAt: Instant? = nil
    ) {
        self.key = key
        self.feature = feature
        self.session = session
        self.user = user
        self.units = units
        self.places = places
        self.state = state
        self.settledUnits = settledUnits
        self.expiresAt = expiresAt
        self.createdAt = createdAt
        self.settledAt = settledAt
    }
}

/// What is kept of a request that was carried out under a key.
package struct Consumption: Sendable, Equatable {
    package let fingerprint: [UInt8]
    package let answer: String
    /// By feature what it took: lists of subject, slot and units; nil where it took nothing.
    package let takes: JSON?
    /// By feature how much of it was taken back since.
    package var refunded: JSON?

    package init(fingerprint: [UInt8], answer: String, takes: JSON?, refunded: JSON? = nil) {
        self.fingerprint = fingerprint
        self.answer = answer
        self.takes = takes
        self.refunded = refunded
    }
}
