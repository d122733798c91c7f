extension Explanation.Considered {
    /// The item as one sentence, for people.
    package var detail: String {
        switch step {
        case .session: sessionDetail
        case .block: blockDetail
        case .denyGrant: "deny grant \(id ?? "") \(window)"
        case .switch:
            why == .notBegun
                ? "the feature will be switched off for everybody"
                : "the feature is switched off for everybody"
        case .gate:
            why == .open
                ? "flag \(id ?? "") says that it is out"
                : "flag \(id ?? "") says that it is not out"
        case .grant: grantDetail
        case .subscription: "subscription \(subscription ?? "") \(holdDetail)"
        case .defaultPlan: "the default plan \(id ?? "") \(holdDetail)"
        case .credit: creditDetail
        case .seat:
            why == .assigned ? "user \(id ?? "") has a seat" : "user \(id ?? "") has no seat"
        case .level: levelDetail
        case .quota: "the quota is exhausted"
        case .rate: "as many came as the rate allows"
        case .concurrency: "as many are at work as the limit allows"
        }
    }

    private var sessionDetail: String {
        switch why {
        case .live: "the session is live"
        case .revoked: "the session was revoked"
        case .expired: "the session is past its expiry"
        default: "there is no such session, or its account is gone"
        }
    }

    private var blockDetail: String {
        switch why {
        case .blocked: "the account is blocked"
        case .notBegun: "the account will be blocked"
        default: "the account was blocked, and is not any more"
        }
    }

    private var window: String {
        switch why {
        case .inForce: "is in force"
        case .notBegun: "has not begun"
        case .ended: "is over"
        case .outranked: "is in force, but an earlier step decides"
        default: "does not fit the feature's type, and gives nothing"
        }
    }

    private var grantDetail: String {
        switch why {
        case .superseded: "grant \(id ?? "") is in force, but another source gives the answer"
        case .givesNothing: "grant \(id ?? "") gives none of the feature"
        default: "grant \(id ?? "") \(window)"
        }
    }

    private var creditDetail: String {
        switch why {
        case .notBegun: "the credit \(id ?? "") has not begun"
        case .ended: "the credit \(id ?? "") is over"
        case .outranked: "the credit \(id ?? "") would count, but an earlier step has decided"
        default: "the credit \(id ?? "") is burnt in its turn, beside what a plan gives"
        }
    }

    private var levelDetail: String {
        switch why {
        case .reached: "the level has reached its limit"
        case .overage: "the level has reached its limit, which does not refuse"
        default: "the level is below its limit"
        }
    }

    private var holdDetail: String {
        switch why {
        case .trial: "gives plan \(id ?? "") on trial"
        case .paid: "gives \(kind.rawValue) \(id ?? "")"
        case .grace: "gives \(kind.rawValue) \(id ?? "") in its grace: a payment is due"
        case .fallback: "gives plan \(id ?? ""), to which its trial fell"
        case .standsIn: "stands in, since no plan is held"
        case .planHeld: "stands back, since a plan is held"
        case .notBegun: "has not begun"
        case .trialEnded: "had a trial that ended"
        case .subscriptionEnded: "ended"
        case .paused: "is paused"
        case .paymentFailed: "was not paid, and its grace is over"
        case .incomplete: "waits for its first payment"
        case .unknownPlan: "names a plan or a version that the catalog does not have"
        case .notInPlan: "does not have the feature"
        case .givesNothing: "has the feature, but gives none of it"
        case .outranked: "would give the feature, but an earlier step decides"
        case .superseded: "would give the feature, but another source gives the answer"
        default: why.rawValue
        }
    }
}

extension Explanation.Remedy {
    /// What to do, as one sentence.
    package var detail: String {
        switch self {
        case .signIn: "sign in again, for a session that is live"
        case .liftBlock: "lift the account's block"
        case .endGrant(let id): "end grant \(id)"
        case .enableFeature: "switch the feature on again"
        case .openGate(let flag): "have flag \(flag) say yes to this session"
        case .collectPayment(let id): "collect the payment of subscription \(id)"
        case .resume(let id): "resume subscription \(id)"
        case .subscribe(let plans, let addons) where plans.isEmpty && addons.isEmpty:
            "grant it: no plan or add-on has the feature"
        case .subscribe(let plans, let addons):
            "subscribe to one of: \((plans + addons).joined(separator: ", "))"
        case .assignSeat(let user): "assign a seat to user \(user)"
        case .raiseLimit: "raise the limit, by a larger plan, an add-on or a grant"
        }
    }
}
