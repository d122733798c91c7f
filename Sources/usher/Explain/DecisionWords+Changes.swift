import Entitlements

extension DecisionWords {
    /// What would change the answer, most direct first.
    var changes: [String] {
        switch reason {
        case "session_unknown", "session_revoked", "session_expired": [signIn]
        case "account_blocked": ["usher accounts unblock \(account)"]
        case "feature_disabled": ["DELETE /v1/features/\(feature)/disabled switches it on again."]
        case "plan", "addon": ["the end of \(holders), or another plan."]
        case "trial": [afterTrial]
        case "past_due_grace": ["the payment keeps it open; the end of the grace closes it."]
        case "default_plan": ["another default plan, or a subscription that says otherwise."]
        case "payment_failed": ["the payment: the provider's next webhook opens it."] + offers
        default: offers
        }
    }

    private var signIn: String {
        let account = evidence.session?.wordIfAny("account") ?? decision.wordIfAny("account") ?? "…"
        let user = evidence.session?.wordIfAny("user") ?? "…"
        return "usher sessions create --account \(account) --user \(user)"
    }

    private var holders: String {
        let ids = sources.map { $0.word("id") }
        return ids.isEmpty ? "the subscription" : ids.joined(separator: " and ")
    }

    private var afterTrial: String {
        let plan = evidence.plans.first { $0["plan"] == decision["source"]?["id"] }
        let version = plan?["versions"]?.array?
            .first { $0["version"] == decision["source"]?["version"] }
        let then = version?["trial"]?.wordIfAny("then").map { "plan \($0) follows" }
        return "payment before the trial ends; otherwise \(then ?? "it closes")."
    }

    /// The plans and add-ons that would open the feature.
    private var offers: [String] {
        let opening = evidence.plans.filter(opens)
        guard !opening.isEmpty else {
            // With no catalog in sight, "no plan has it" would be a guess.
            return evidence.plans.isEmpty
                ? ["a subscription to a plan or add-on that includes it."]
                : ["no plan or add-on of the catalog includes it yet."]
        }
        return opening.map { plan in
            let id = plan.word("plan")
            return "\(plan.word("kind")) \(id) includes it: "
                + "usher subscriptions put sub_… --account \(account) --plan \(id)"
        }
    }

    private func opens(_ plan: JSON) -> Bool {
        let current = plan["versions"]?.array?
            .first { $0["version"] == plan["current_version"] }
        guard let entitlement = current?["entitlements"]?[feature] else { return false }
        if let limit = entitlement["limit"], !limit.isNull {
            return limit == "unlimited" || (limit.integer ?? 0) > 0
        }
        let value = entitlement["value"] ?? .null
        return !value.isNull && (decision["type"] != "boolean" || value == true)
    }
}
