/// A decision with everything that was considered for it, and what would have to change.
package struct Explanation: Sendable, Hashable {
    /// Something that could bear on the decision, in the order of precedence.
    package struct Considered: Sendable, Hashable {
        package enum Step: String, Sendable {
            case session, block
            case denyGrant = "deny_grant"
            case `switch`, gate, grant, subscription
            case defaultPlan = "default_plan"
            case credit, seat, level, quota, rate, concurrency
        }

        package enum Kind: String, Sendable {
            case session, account, grant, feature, flag, plan, addon, credit, seat, level
        }

        package let step: Step
        package let kind: Kind
        package var id: String?
        /// The subscription by which the account holds the plan or add-on.
        package var subscription: String?
        package var version: Int?
        package var why: Why
        /// What it gives by itself.
        package var value: JSON?
        package var limit: Quantity?
        package var from: Instant?
        package var until: Instant?
        /// Whether it is part of the answer.
        package var counts = false
        /// Whether the answer is its: the reason and the source are taken from it.
        package var decides = false
    }

    /// Why something did or did not count; the words are part of the contract.
    package enum Why: String, Sendable, CaseIterable {
        case live, unknown, revoked, expired
        case blocked
        case inForce = "in_force"
        case notBegun = "not_begun"
        case ended
        /// An amount that is not of the feature's type.
        case doesNotFit = "does_not_fit"
        case disabled
        /// Of a gate: what its flag says.
        case open, off
        case trial, paid, grace, fallback
        case trialEnded = "trial_ended"
        case subscriptionEnded = "subscription_ended"
        case paused
        case paymentFailed = "payment_failed"
        case incomplete
        case unknownPlan = "unknown_plan"
        case notInPlan = "not_in_plan"
        /// The plan has the feature, and says no, or none of it.
        case givesNothing = "gives_nothing"
        case standsIn = "stands_in"
        /// The account holds a plan, so the default one is not asked.
        case planHeld = "plan_held"
        /// It would count, but an earlier step has decided.
        case outranked
        /// It would count, but by the feature's `combine` another gives the answer.
        case superseded
        case assigned
        case noSeat = "no_seat"
        case below
        case reached
        /// The limit is used up, and is one that never refuses.
        case overage
    }

    /// One thing that has to change; all of them, for the feature to open.
    package enum Remedy: Sendable, Hashable {
        case signIn
        case liftBlock
        case endGrant(String)
        case enableFeature
        case openGate(flag: String)
        case collectPayment(subscription: String)
        case resume(subscription: String)
        /// Any of these would do.
        case subscribe(plans: [String], addons: [String])
        case assignSeat(user: String)
        case raiseLimit
    }

    package let decision: Decision
    package let considered: [Considered]
    /// Empty where the feature is open.
    package let wouldAllow: [Remedy]
}
