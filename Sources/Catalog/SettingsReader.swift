import Entitlements
import Limits

/// Reads what a plan says about a counted feature beside its limit, and refuses what of it cannot
/// go together.
struct SettingsReader {
    let kind: Feature.Kind
    let isUnlimited: Bool
    let fields: Fields

    /// Those that are given and sound, by their keys and in the form in which they are kept.
    func read() -> [String: JSON] {
        checkWindow()
        checkBeyond()
        return kind.settings.reduce(into: [:]) { read, setting in
            read[setting.rawValue] = value(of: setting)
        }
    }

    private func value(of setting: Setting) -> JSON? {
        let key = setting.rawValue
        return switch setting {
        case .per: word(key, kind.windows)
        case .reset: word(key, ["billing", "calendar", "never", "sliding"])
        case .onChange: word(key, ["carry", "reset"])
        case .overage: readOverage()
        case .carryOverage: fields.flag(key).map(JSON.bool)
        case .rollover: readRollover()
        case .alerts: readAlerts()
        case .priority: fields.integer(key, in: 0...Limits.burnPriority).map(JSON.integer)
        case .burst, .userLimit, .sessionLimit:
            fields.integer(key, in: 1...Limits.limitUnits).map(JSON.integer)
        }
    }

    private func word(_ key: String, _ allowed: [String]) -> JSON? {
        fields.word(key, of: allowed).map(JSON.string)
    }

    /// A word, or how much goes beyond the limit.
    private func readOverage() -> JSON? {
        let words = ["deny", "allow"]
        guard kind == .metered, let (node, place) = fields.find("overage"),
            case .map = node.value,
            let amount = Fields(node, at: place, fields.problems, remedy: "")
        else { return word("overage", words) }
        let remedy = "write `{ limit: 500 }` or `{ percent: 50 }`: so much beyond the limit"
        amount.refuse(except: ["limit", "percent"])
        let limit = amount.integer("limit", in: 1...Limits.limitUnits)
        let percent = amount.integer("percent", in: 1...Limits.sharePercent)
        switch (amount.find("limit") != nil, amount.find("percent") != nil) {
        case (false, false): amount.problem("says neither `limit` nor `percent`", remedy)
        case (true, true): amount.problem("says both `limit` and `percent`", remedy)
        default: break
        }
        return limit.map { ["limit": .integer($0)] } ?? percent.map { ["percent": .integer($0)] }
    }

    private func readRollover() -> JSON? {
        let remedy = "write `{ max: 500 }` or `{ percent: 50 }`, and `months: 3` if it ends"
        guard let (node, place) = fields.find("rollover"),
            let rollover = Fields(node, at: place, fields.problems, remedy: remedy)
        else { return nil }
        rollover.refuse(except: ["max", "percent", "months"])
        let read: [String: Int64?] = [
            "max": rollover.integer("max", in: 1...Limits.limitUnits),
            "percent": rollover.integer("percent", in: 1...Limits.sharePercent),
            "months": rollover.integer("months", in: 1...Limits.rolloverMonths),
        ]
        if rollover.find("max") == nil, rollover.find("percent") == nil {
            rollover.problem("says neither `max` nor `percent`", remedy)
        }
        return .object(read.compactMapValues { $0.map(JSON.integer) })
    }

    /// Percentages of the limit as numbers, and amounts as `{ units: 5000 }`, each ascending.
    private func readAlerts() -> JSON? {
        guard let (node, place) = fields.find("alerts") else { return nil }
        let percent = 1...Limits.alerts.percent
        let alerts = node.json.array ?? []
        let percents = alerts.compactMap(\.integer).filter(percent.contains)
        let units = alerts.compactMap { alert -> Int64? in
            guard let members = alert.object, members.count == 1 else { return nil }
            return members["units"]?.integer.flatMap { 1...Limits.limitUnits ~= $0 ? $0 : nil }
        }
        guard case .list(let values) = node.value, values.count <= Limits.alerts.most,
            percents.count + units.count == values.count,
            percents.isStrictlyAscending, units.isStrictlyAscending
        else {
            fields.problems.add(
                place,
                "is not a list of ascending percentages and units",
                "write up to \(Limits.alerts.most), as [80, 100, { units: 5000 }]; "
                    + "percentages go from 1 to \(percent.upperBound)"
            )
            return nil
        }
        return .array(alerts)
    }
}

extension SettingsReader {
    private var reset: JSON? { fields.find("reset")?.node.json }

    /// A limit that comes back must say how often, and one that never does must not.
    private func checkWindow() {
        guard kind == .metered || kind == .rate else { return }
        let hasOwnLimits = fields.find("user_limit") != nil || fields.find("session_limit") != nil
        let needsWindow = !isUnlimited || hasOwnLimits || reset == "sliding"
        let words = kind.windows.map { "`\($0)`" }.joined(separator: ", ")
        switch (fields.find("per"), reset == "never") {
        case (nil, false) where needsWindow:
            fields.problem("`per` is missing", "write `per:` with one of \(words)")
        case (let (_, place)?, true) where needsWindow:
            fields.problems.add(
                place,
                "a limit that never resets has no `per`",
                "remove `per` or `reset`"
            )
        default: break
        }
    }

    /// Where nothing ends there is nothing to carry on, and beyond what has no limit is nothing.
    private func checkBeyond() {
        guard kind == .metered else { return }
        for key in ["rollover", "carry_overage"] {
            guard let (node, place) = fields.find(key), node.json != false else { continue }
            let message: String? =
                switch reset {
                case _ where isUnlimited: "an unlimited feature has nothing to carry on"
                case "never": "a limit that never resets has nothing to carry on"
                case "sliding": "a sliding limit has no period to carry anything on from"
                default: nil
                }
            guard let message else { continue }
            fields.problems.add(
                place,
                message,
                isUnlimited
                    ? "remove `\(key)`, or give a limit"
                    : "remove `\(key)`, or write `reset: billing` or `calendar`"
            )
        }
        if isUnlimited, let (node, place) = fields.find("overage"), case .map = node.value {
            fields.problems.add(
                place,
                "there is nothing beyond an unlimited feature",
                "remove `overage`, or give a limit"
            )
        }
    }
}

extension [Int64] {
    fileprivate var isStrictlyAscending: Bool {
        zip(self, dropFirst()).allSatisfy { $0 < $1 }
    }
}
