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
    }

    /// What the answer rests on.
    package struct Source: Sendable, Hashable {
        package enum Kind: String, Sendable { case plan, addon, grant }
        package let kind: Kind
        package let id: String
        /// Of a plan or an add-on; a grant has none.
        package let version: Int?
        package init(kind: Kind, id: String, version: Int?) {
            self.kind = kind
            self.id = id
            self.version = version
        }
    }

    package let feature: String
    package let kind: Feature.Kind
    package let allowed: Bool
    package let reason: Reason
    package let source: Source?
    /// The value of a `boolean` or `config` feature when it is open.
    package let value: JSON?
    /// The limit of a counted feature when it is open, or when it is closed by its count alone.
    package let limit: Quantity?
    /// How much is in use of what is counted, open or closed.
    package let used: Int64?
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
        switch limit {
        case .units(let units)?: .units(max(units.subtractingSaturated(used ?? 0), 0))
        case .unlimited?: .unlimited
        case nil: nil
        }
    }
}
