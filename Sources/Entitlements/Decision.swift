/// Whether a feature is open, and why.
package struct Decision: Sendable, Hashable {
    /// Why the answer is what it is.
    ///
    /// The words are part of the contract.
    package enum Reason: String, Sendable, CaseIterable {
        case sessionUnknown = "session_unknown"
        case sessionRevoked = "session_revoked"
        case sessionExpired = "session_expired"
        case accountBlocked = "account_blocked"
        case deniedByGrant = "denied_by_grant"
        case featureDisabled = "feature_disabled"
        /// Hidden rather than locked: it is not out for who asks, whatever was bought.
        case gateOff = "gate_off"
        case grant, plan, trial, addon
        case pastDueGrace = "past_due_grace"
        case defaultPlan = "default_plan"
        case trialEnded = "trial_ended"
        case subscriptionEnded = "subscription_ended"
        case subscriptionPaused = "subscription_paused"
        case grantEnded = "grant_ended"
        case paymentFailed = "payment_failed"
        case notInPlan = "not_in_plan"
        case noSeat = "no_seat"
        case levelReached = "level_reached"
        case credit
        case quotaExhausted = "quota_exhausted"
        case rateLimited = "rate_limited"
        case concurrencyReached = "concurrency_reached"

        /// Whether the feature is open, and its count alone stands in the way.
        package var isOfCount: Bool {
            switch self {
            case .noSeat, .levelReached, .quotaExhausted, .rateLimited, .concurrencyReached: true
            default: false
            }
        }
    }

    /// What the answer rests on.
    package struct Source: Sendable, Hashable {
        package enum Kind: String, Sendable { case plan, addon, grant, credit }
        package let kind: Kind
        package let id: String
        /// Of a plan or an add-on; grants and credits have none.
        package let version: Int?
        package init(kind: Kind, id: String, version: Int?) {
            self.kind = kind
            self.id = id
            self.version = version
        }
    }

    package let feature: String
    package let kind: Feature.Kind
    package internal(set) var allowed: Bool
    package internal(set) var reason: Reason
    package let source: Source?
    /// The value of a `boolean` or `config` feature when it is open.
    package let value: JSON?
    /// The limit of a counted feature when it is open, or when it is closed by its count alone.
    package internal(set) var limit: Quantity?
    /// How much is in use of what is counted, open or closed.
    package internal(set) var used: Int64?
    /// More of what is consumed; nil of what is not.
    package internal(set) var count: Count?
    /// The next instant at which time alone could change the answer.
    package internal(set) var validUntil: Instant?

    package init(
        feature: String,
        kind: Feature.Kind,
        allowed: Bool,
        reason: Reason,
        source: Source? = nil,
        value: JSON? = nil,
        limit: Quantity? = nil,
        used: Int64? = nil,
        validUntil: Instant? = nil
    ) {
        self.feature = feature
        self.kind = kind
        self.allowed = allowed
        self.reason = reason
        self.source = source
        self.value = value
        self.limit = limit
        self.used = used
        self.validUntil = validUntil
    }

    /// What is left of the limit; never negative, also where a limit shrank below what is used.
    package var remaining: Quantity? {
        if let count { return count.remaining }
        return switch limit {
        case .units(let units)?: .units(max(units.subtractingSaturated(used ?? 0), 0))
        case .unlimited?: .unlimited
        case nil: nil
        }
    }
}

extension Decision {
    /// Where a meter stands.
    package struct Count: Sendable, Hashable {
        /// What reservations and leases hold, beside what is used.
        package let held: Int64
        /// How much of what is used found no balance.
        package let over: Int64
        package let remaining: Quantity
        /// When what was used is given back; nil where it never is.
        package let resetsAt: Instant?
        /// When one more would fit, where it does not now and time alone will help.
        package let retryAt: Instant?
        /// The seconds of its window or period; nil where nothing resets.
        package let windowSeconds: Int64?
        /// Whether it recovers bit by bit, so that its figures hold for no time worth telling.
        package let drifts: Bool
    }

    /// Whether it is told as the same answer, but for figures that drift.
    func isAlike(_ other: Decision) -> Bool {
        guard
            (allowed, reason, source) == (other.allowed, other.reason, other.source),
            (value, limit) == (other.value, other.limit)
        else { return false }
        guard let count, let others = other.count else { return self == other }
        if count.drifts, others.drifts { return true }
        return used == other.used && count.held == others.held && count.over == others.over
            && count.remaining == others.remaining && count.resetsAt == others.resetsAt
    }
}
