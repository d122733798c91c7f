import Entitlements

extension DecisionWords {
    /// What the decision rests on, in one sentence or two.
    var because: [String] {
        switch reason {
        case "session_unknown":
            ["there is no session of this id."]
        case "session_revoked":
            ["the session was revoked\(at(evidence.session, "revoked_at"))\(revokedReason)."]
        case "session_expired":
            ["the session expired\(at(evidence.session, "expires_at"))."]
        case "account_blocked":
            ["account \(account) is blocked\(blockedSince)."]
        case "feature_disabled":
            ["\(feature) is switched off for everybody\(since(evidence.feature, "disabled_at"))."]
        case "plan", "addon", "trial", "past_due_grace":
            opened
        case "default_plan":
            ["no subscription opens it, but the default \(source) does, which everybody has."]
        case "trial_ended", "subscription_ended", "payment_failed":
            closed
        case "not_in_plan":
            ["nothing that \(account) has includes it."] + holdings
        default:
            ["the service gives the reason \(reason)."]
        }
    }

    var source: String { decision.sourceInWords ?? "plan" }

    /// The subscriptions to what the decision rests on.
    var sources: [JSON] {
        evidence.subscriptions.filter { $0["plan"] == decision["source"]?["id"] }
    }

    private var opened: [String] {
        let what = "the \(source) includes it"
        let fitting = sources.filter { Self.statuses[reason]?.contains($0.word("status")) == true }
        guard let subscription = fitting.first else { return ["\(what)."] }
        let id = subscription.word("id")
        switch reason {
        case "trial":
            return ["\(what), and \(id) is a trial of it\(until(subscription, "trial_end"))."]
        case "past_due_grace":
            let since = since(subscription, "past_due_since")
            return [
                "\(what).",
                "a payment for \(id) is owed\(since); the plan waits \(graceDays)before it closes.",
            ]
        default:
            return ["\(what), and \(id) to it is \(subscription.word("status"))."]
        }
    }

    private var closed: [String] {
        let fitting = evidence.subscriptions.filter {
            Self.statuses[reason]?.contains($0.word("status")) == true
        }
        guard let subscription = fitting.last else { return [Self.plainly[reason] ?? reason] }
        let what = "\(subscription.word("id")) to plan \(subscription.word("plan"))"
        switch reason {
        case "trial_ended": return ["the trial \(what) ended\(at(subscription, "trial_end"))."]
        case "subscription_ended":
            let end = subscription.wordIfAny("ended_at") != nil ? "ended_at" : "cancel_at"
            return ["\(what) ended\(at(subscription, end))."]
        default:
            let since = since(subscription, "past_due_since")
            return [
                "a payment for \(what) is owed\(since), and it is \(subscription.word("status"))."
            ]
        }
    }

    private var holdings: [String] {
        evidence.subscriptions.map {
            "it has \($0.word("id")) to \($0.word("plan")), which is \($0.word("status"))."
        }
    }

    private var graceDays: String {
        let plan = evidence.plans.first { $0["plan"] == decision["source"]?["id"] }
        let version = plan?["versions"]?.array?
            .first { $0["version"] == decision["source"]?["version"] }
        return version?["grace_days"]?.integer.map { "\($0) days " } ?? ""
    }

    private var blockedSince: String {
        let blocked = evidence.account?["blocked"]
        let reason = blocked?.wordIfAny("reason").map { ": \($0)" } ?? ""
        return since(blocked, "since") + reason
    }

    private func at(_ thing: JSON?, _ field: String) -> String {
        thing?.wordIfAny(field).map { " at \($0)" } ?? ""
    }

    private func since(_ thing: JSON?, _ field: String) -> String {
        thing?.wordIfAny(field).map { " since \($0)" } ?? ""
    }

    private func until(_ thing: JSON?, _ field: String) -> String {
        thing?.wordIfAny(field).map { " until \($0)" } ?? ""
    }

    private var revokedReason: String {
        evidence.session?.wordIfAny("revoked_reason").map { ": \($0)" } ?? ""
    }

    /// Which statuses of a subscription go with a reason.
    private static let statuses: [String: Set<String>] = [
        "plan": ["active", "canceled"], "addon": ["active", "canceled", "trialing"],
        "trial": ["trialing"], "past_due_grace": ["past_due"],
        "trial_ended": ["trialing", "paused"],
        "subscription_ended": ["canceled", "active", "incomplete_expired"],
        "payment_failed": ["past_due", "unpaid", "incomplete"],
    ]

    /// The words where the subscription cannot be seen.
    private static let plainly = [
        "trial_ended": "its trial has ended.", "subscription_ended": "its subscription has ended.",
        "payment_failed": "a payment failed, and the grace is over.",
    ]
}
