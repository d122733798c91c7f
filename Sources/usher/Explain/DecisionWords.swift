import Entitlements

/// Finds the words for a decision; see `Explanation`.
struct DecisionWords {
    let decision: JSON
    let evidence: Evidence

    var reason: String { decision.word("reason") }
    var feature: String { decision.word("feature") }
    var account: String { decision.word("account") }
    var isAllowed: Bool { decision["allowed"]?.bool == true }

    var verdict: String {
        let who = decision.wordIfAny("account").map { "of account \($0) " } ?? ""
        let may = isAllowed ? "may" : "may not"
        return "this session \(who)\(may) use \(feature)\(amount)."
    }

    private var amount: String {
        if let limit = decision["limit"], !limit.isNull {
            return limit == "unlimited" ? ", without limit" : ", \(decision.amountInWords)"
        }
        // A boolean's value says no more than that it is open.
        guard decision["type"] == "config", let value = decision.wordIfAny("value") else {
            return ""
        }
        return ", with the value \(value)"
    }

    /// Until when the answer holds, and what happens then where the evidence tells.
    var holds: String {
        guard let end = decision.wordIfAny("valid_until") else {
            return "somebody changes something; time alone will not."
        }
        return "\(end)\(boundary.map { ", when \($0)" } ?? ""), if nothing changes before."
    }

    /// What ends at `valid_until`.
    private var boundary: String? {
        let end = decision["valid_until"]
        let names: [(field: String, what: String)] = [
            ("trial_end", "the trial of %% ends"), ("cancel_at", "%% is cancelled"),
            ("ended_at", "%% ends"), ("starts_at", "%% begins"),
            ("period_end", "the billing period of %% ends"),
        ]
        for (field, what) in names {
            guard let match = evidence.subscriptions.first(where: { $0[field] == end }) else {
                continue
            }
            let pieces = what.split(separator: "%%", omittingEmptySubsequences: false)
            return pieces.joined(separator: match.word("id"))
        }
        if decision["resets_at"] == end { return "its count begins anew" }
        return evidence.session?["expires_at"] == end ? "the session expires" : nil
    }
}
