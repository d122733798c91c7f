import Entitlements

/// A subscription of the API in words.
struct SubscriptionWords {
    private let subscription: JSON

    init(_ subscription: JSON) {
        self.subscription = subscription
    }

    /// What was done to it, and what it gives now.
    func sentence(_ done: String) -> String {
        let name = "subscription \(subscription.word("id")) of \(subscription.word("account"))"
        let now = inEffect.map { "; now in effect: \($0)" } ?? ""
        return "\(name) \(done)\(now)".printable
    }

    /// What it is, and what it will be.
    var held: String {
        let quantity = subscription["quantity"]?.integer ?? 1
        let count = quantity == 1 ? "" : ", \(quantity) of it"
        let next = waiting.isEmpty ? "" : ", then " + waiting.joined(separator: " and ")
        let status = subscription.word("status")
        return sentence("is \(status) on \(plan(of: subscription))\(count)\(next)")
    }

    var cancelled: String {
        if let end = subscription.wordIfAny("ended_at") { return sentence("ended at \(end)") }
        guard let end = subscription.wordIfAny("cancel_at") else { return held }
        return sentence("ends at \(end)")
    }

    var paused: String {
        let from = subscription.wordIfAny("paused_from").map { " from \($0)" } ?? ""
        let until = subscription.wordIfAny("paused_until") ?? "it is resumed"
        return sentence("is paused\(from) until \(until)")
    }
}

extension SubscriptionWords {
    /// Everything that there is to say of it.
    var facts: Facts {
        var facts = Facts()
        facts.add("subscription", subscription.word("id"), .bold)
        facts.add("account", subscription.word("account"))
        facts.add("plan", plan(of: subscription))
        facts.add("status", subscription.word("status"))
        facts.add("quantity", subscription.word("quantity"))
        facts.add("in effect", inEffect, .green)
        facts.add("begins", subscription.wordIfAny("starts_at"))
        facts.add("trial", subscription.span("trial_start", "trial_end"))
        facts.add("at its end", subscription.wordIfAny("trial_at_end"))
        facts.add("can pay", subscription.wordIfAny("payment_method"))
        facts.add("period", subscription["period"]?.span("start", "end"))
        facts.add("owed since", subscription.wordIfAny("past_due_since"), .red)
        facts.add("paused", subscription.span("paused_from", "paused_until"), .yellow)
        facts.add("then", waiting.isEmpty ? nil : waiting.joined(separator: " and "))
        facts.add("ends", subscription.wordIfAny("cancel_at"), .yellow)
        facts.add("ended", subscription.wordIfAny("ended_at"), .red)
        facts.add("source", subscription.word("source"))
        facts.add("revision", subscription.word("revision"))
        facts.add("created", subscription.word("created_at"))
        return facts
    }

    static func table(_ subscriptions: ArraySlice<JSON>) -> Table {
        var table = Table(
            "subscription",
            "plan",
            "status",
            "quantity",
            "in effect",
            "ends",
            "then",
            "source",
            "created"
        )
        for subscription in subscriptions {
            let words = SubscriptionWords(subscription)
            let version = subscription.wordIfAny("version").map { " v\($0)" } ?? ""
            let end = ["ended_at", "cancel_at", "trial_end"].lazy
                .compactMap(subscription.wordIfAny).first
            table.add(
                "\(subscription.word("id"))",
                "\(subscription.word("plan"))\(version)",
                "\(subscription.word("status"))",
                "\(subscription.word("quantity"))",
                "\(words.inEffect ?? "-")",
                "\(end ?? "-")",
                "\(words.waiting.isEmpty ? "-" : words.waiting.joined(separator: " and "))",
                "\(subscription.word("source"))",
                "\(subscription.word("created_at"))"
            )
        }
        return table
    }

    /// What it gives now, and by what right; nil where the service does not say.
    private var inEffect: String? {
        guard let effective = subscription["effective"], !effective.isNull else { return nil }
        let access = effective.word("access")
        guard access != "none" else { return "nothing" }
        let quantity = effective["quantity"]?.integer ?? 1
        return "\(plan(of: effective))\(quantity == 1 ? "" : ", \(quantity) of it") (\(access))"
    }

    /// The changes that wait for their instant.
    private var waiting: [String] {
        var changes: [String] = []
        if let change = subscription["change"], !change.isNull {
            changes.append("\(plan(of: change)) from \(change.word("at"))")
        }
        if let change = subscription["quantity_change"], !change.isNull {
            changes.append("\(change.word("quantity")) of it from \(change.word("at"))")
        }
        return changes
    }

    private func plan(of json: JSON) -> String {
        "plan \(json.word("plan"))\(json.wordIfAny("version").map { " v\($0)" } ?? "")"
    }
}
