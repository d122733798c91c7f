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
        case featureDisabled = "feature_disabled"
        case plan, trial, addon
        case pastDueGrace = "past_due_grace"
        case defaultPlan = "default_plan"
        case trialEnded = "trial_ended"
        case subscriptionEnded = "subscription_ended"
        case paymentFailed = "payment_failed"
        case notInPlan = "not_in_plan"
    }

    /// What the answer rests on.
    package struct Source: Sendable, Hashable {
        package let kind: Plan.Kind
        package let id: String
        package let version: Int
        package init(kind: Plan.Kind, id: String, version: Int) {
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
    /// The limit of a counted feature when it is open.
    package let limit: Quantity?
    /// The next instant at which time alone could change the answer.
    package let validUntil: Instant?

    package init(
        feature: String,
        kind: Feature.Kind,
        allowed: Bool,
        reason: Reason,
        source: Source? = nil,
        value: JSON? = nil,
        limit: Quantity? = nil,
        validUntil: Instant? = nil
    ) {
        self.feature = feature
        self.kind = kind
        self.allowed = allowed
        self.reason = reason
        self.source = source
        self.value = value
        self.limit = limit
        self.validUntil = validUntil
    }
}
