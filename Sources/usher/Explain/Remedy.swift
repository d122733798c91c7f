import Entitlements

/// One thing that would open a feature, and the command that does it where there is one.
struct Remedy {
    private let action: JSON
    private let decision: JSON

    init(_ action: JSON, decision: JSON) {
        self.action = action
        self.decision = decision
    }

    func lines(on terminal: Terminal) -> [String] {
        let detail = action.wordIfAny("detail") ?? action.word("action")
        let text = ["  \(detail)".printable]
        return text + (command.map { [terminal.paint("    \($0.printable)", .dim)] } ?? [])
    }

    /// The command; nil where it takes more than one, or something that is not known here.
    var command: String? {
        guard let account = id("account") else { return nil }
        switch action["action"]?.string {
        case "lift_block":
            return "usher accounts unblock \(account)"
        case "end_grant":
            return id("grant").map { "usher grants end \($0)" }
        case "enable_feature":
            return id("feature").map { "usher features enable \($0)" }
        case "subscribe":
            let put = "usher subscriptions put sub_… --account \(account)"
            let sellers = [action["plans"], action["addons"]]
                .compactMap { $0?.array?.first?.string }
            return sellers.first.map { "\(put) --plan \($0)" }
        case "resume":
            return id("subscription")
                .map {
                    "usher subscriptions resume \($0) --account \(account)"
                }
        case "assign_seat":
            guard let feature = id("feature"), let user = id("user") else { return nil }
            return "usher seats assign \(feature) \(user) --account \(account)"
        case "raise_limit":
            let add = "usher grants add"
            return id("feature").map { "\(add) \($0) --account \(account) --limit … --reason …" }
        case "sign_in":
            return "usher sessions create --account \(account) --user \(id("user") ?? "…")"
        default:
            return nil
        }
    }

    /// What the action names, else what the decision is about.
    private func id(_ key: String) -> String? {
        action[key]?.string ?? decision[key]?.string
    }
}
