import Entitlements

/// What a plan may say about a counted feature beside its limit; the words are keys of its file.
enum Setting: String {
    case per, reset, overage
    case carryOverage = "carry_overage"
    case onChange = "on_change"
    case alerts, rollover
    case userLimit = "user_limit"
    case sessionLimit = "session_limit"
    case priority, burst
}

extension Feature.Kind {
    /// In the order in which a message lists them.
    var settings: [Setting] {
        switch self {
        case .boolean, .config: []
        case .metered:
            [
                .per, .reset, .overage, .carryOverage, .rollover, .userLimit, .sessionLimit,
                .alerts, .onChange, .priority,
            ]
        case .level: [.overage, .alerts]
        case .seats: [.alerts]
        case .rate: [.per, .burst, .userLimit, .sessionLimit]
        case .concurrency: [.userLimit, .sessionLimit, .alerts]
        }
    }

    /// The words of `per`.
    var windows: [String] {
        self == .rate ? ["second", "minute", "hour"] : ["hour", "day", "week", "month", "year"]
    }
}
