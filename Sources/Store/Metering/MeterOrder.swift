package import Entitlements

/// Something that is to be counted, as the writer carries it out.
///
/// It is applied to meters as they are, in the order of arrival, and may be applied again: to
/// others, when somebody else wrote them meanwhile. So applying has no effect but what it returns.
package protocol MeterOrder: Sendable {
    /// Every meter that it reads or writes.
    var keys: [MeterKey] { get }
    /// What it needs to know besides.
    var needs: MeterNeeds { get }
    /// Told once a transaction, after the last of its orders.
    var client: any BarrierClient { get }

    /// What it comes to, with everything known that it asked for.
    func apply(to known: MeterKnown) -> MeterEffects

    /// Called exactly once, when the effects are committed, or when there are none.
    ///
    /// On the writer's queue: it holds up all others, so it writes its answer down and returns.
    func complete(_ outcome: Result<OrderOutcome, MeterFailure>)
}

/// What an order needs to know besides its meters.
package struct MeterNeeds: Sendable {
    /// The key under which a repetition is recognised.
    package var claim: ConsumeClaim?
    /// The reservation it is about, and the earlier request that it takes back.
    package var reservation: ReservationKey?
    package var consumption: ConsumeClaim.ID?
    /// The event it is, which counts once.
    package var event: UsageEventKey?

    package init(
        claim: ConsumeClaim? = nil,
        reservation: ReservationKey? = nil,
        consumption: ConsumeClaim.ID? = nil,
        event: UsageEventKey? = nil
    ) {
        self.claim = claim
        self.reservation = reservation
        self.consumption = consumption
        self.event = event
    }

    /// Whether nothing has to be read for it, unless somebody else writes the same.
    var isAnswered: Bool { reservation == nil && consumption == nil && event == nil }
}

/// A request that its sender may send again.
package struct ConsumeClaim: Sendable, Hashable {
    package struct ID: Sendable, Hashable {
        package let account: String
        package let key: String
        package init(account: String, key: String) {
            self.account = account
            self.key = key
        }
    }

    package let id: ID
    /// Of what was asked; another request under the same key is refused.
    package let fingerprint: [UInt8]

    package init(account: String, key: String, fingerprint: [UInt8]) {
        id = ID(account: account, key: key)
        self.fingerprint = fingerprint
    }
}

package struct ReservationKey: Sendable, Hashable {
    package let account: String
    package let id: String
    package init(account: String, id: String) {
        self.account = account
        self.id = id
    }
}

/// What makes an event unique.
package struct UsageEventKey: Sendable, Hashable {
    package let account: String
    package let source: String
    package let id: String
    package init(account: String, source: String, id: String) {
        self.account = account
        self.source = source
        self.id = id
    }
}

/// The state that orders of one transaction are applied to: as the database has it, and with the
/// effects of the orders before.
package struct MeterKnown: Sendable {
    package internal(set) var meters: [MeterKey: Meter] = [:]
    package internal(set) var reservations: [ReservationKey: Reservation] = [:]
    package internal(set) var consumptions: [ConsumeClaim.ID: Consumption] = [:]
    package internal(set) var events: Set<UsageEventKey> = []
}

/// What an order comes to: all of it is committed together, or nothing is.
package struct MeterEffects: Sendable {
    /// The meters that it changes, as they are then.
    package var meters: [MeterKey: Meter] = [:]
    package var entries: [MeterEntry] = []
    package var notices: [QuotaNotice] = []
    package var reservation: Reservation?
    /// What is kept under the order's key: its answer, and where a refund would go back to.
    package var consumption: Consumption?
    /// An earlier request, with more of it taken back.
    package var refunded: (id: ConsumeClaim.ID, refunded: JSON)?
    package var event: UsageEventKey?
    /// The answer, in the caller's own form.
    package var answer: [UInt8] = []
    /// Whatever the order wants to find again when it is completed.
    package var tag: (any AnyObject & Sendable)?

    package init() {}
}

/// How an order ended.
package enum OrderOutcome: Sendable {
    case applied(MeterEffects)
    /// It was carried out before, under the same key.
    case repeated(answer: String)
    /// The same key came with another request.
    case reused
    /// The same key is being carried out.
    case inFlight
}

/// Why an order was not carried out; nothing of it was.
package enum MeterFailure: Error, Sendable, Equatable {
    case databaseUnavailable, overloaded
    /// Somebody holds a lock on the meter, or others write it all the time.
    case busy
    /// The account or the feature is gone.
    case vanished
    /// The database refused it for a reason that nobody expected.
    case broken
    /// It was sent, and whether it was committed is not known.
    case outcomeUnknown
}
