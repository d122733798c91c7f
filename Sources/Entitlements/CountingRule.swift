/// How a limit counts: what a plan's settings of a counted feature come to.
///
/// Read once from settings that were validated when the catalog was applied. What does not read is
/// the strictest there is: a setting of a newer program opens nothing.
package final class CountingRule: Sendable, Hashable {
    /// When what was used is given back.
    package enum Reset: String, Sendable { case billing, calendar, never, sliding }

    package let reset: Reset
    /// What a window is; nil where nothing resets.
    package let every: PeriodInterval?
    /// The seconds of a rate's or a sliding window.
    package let window: Int64?
    package let burst: Int64?
    package let overage: MeterTerms.Overage
    package let carriesOverage: Bool
    package let resetsOnChange: Bool
    package let alerts: [MeterTerms.Alert]
    package let rollover: MeterTerms.Rollover?
    package let userLimit: Int64?
    package let sessionLimit: Int64?
    package let priority: Int

    /// The burn order's middle, where a plan or a credit names none.
    package static let standardPriority = 100

    init(_ settings: [String: JSON]) {
        let per = settings["per"]?.string
        every = per.flatMap(PeriodInterval.Unit.init(rawValue:)).flatMap { PeriodInterval($0) }
        window = per.flatMap { Self.windowSeconds[$0] }
        let named = settings["reset"]?.string.flatMap(Reset.init(rawValue:))
        reset = per == nil ? .never : named ?? .billing
        burst = settings["burst"]?.integer
        overage = MeterTerms.Overage(settings["overage"])
        carriesOverage = settings["carry_overage"] == true
        resetsOnChange = settings["on_change"] == "reset"
        alerts = (settings["alerts"]?.array ?? []).compactMap(MeterTerms.Alert.init)
        rollover = settings["rollover"].flatMap(MeterTerms.Rollover.init)
        userLimit = settings["user_limit"]?.integer
        sessionLimit = settings["session_limit"]?.integer
        priority = settings["priority"]?.integer.map { Int(clamping: $0) } ?? Self.standardPriority
    }

    private static let windowSeconds: [String: Int64] = [
        "second": 1, "minute": 60, "hour": 3_600, "day": 86_400, "week": 7 * 86_400,
        "month": 30 * 86_400, "year": 365 * 86_400,
    ]

    package static func == (left: CountingRule, right: CountingRule) -> Bool {
        left === right
            || (left.reset == right.reset && left.every == right.every
                && left.window == right.window && left.burst == right.burst
                && left.overage == right.overage && left.carriesOverage == right.carriesOverage
                && left.resetsOnChange == right.resetsOnChange && left.alerts == right.alerts
                && left.rollover == right.rollover && left.userLimit == right.userLimit
                && left.sessionLimit == right.sessionLimit && left.priority == right.priority)
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(reset)
        hasher.combine(every)
        hasher.combine(window)
    }
}

extension MeterTerms.Overage {
    fileprivate init(_ setting: JSON?) {
        if setting == "allow" {
            self = .allow
        } else if let units = setting?.object?["limit"]?.integer {
            self = .units(units)
        } else if let percent = setting?.object?["percent"]?.integer {
            self = .percent(percent)
        } else {
            self = .deny
        }
    }
}

extension MeterTerms.Alert {
    fileprivate init?(_ setting: JSON) {
        if let percent = setting.integer {
            self = .percent(percent)
        } else if let units = setting.object?["units"]?.integer {
            self = .units(units)
        } else {
            return nil
        }
    }
}

extension MeterTerms.Rollover {
    fileprivate init?(_ setting: JSON) {
        guard let fields = setting.object else { return nil }
        self.init(
            max: fields["max"]?.integer,
            percent: fields["percent"]?.integer,
            months: fields["months"]?.integer
        )
    }
}
