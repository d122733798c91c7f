import Entitlements
import Limits

/// Reads what a plan says about one feature.
struct EntitlementReader {
    let feature: Feature
    let problems: ProblemList

    func read(_ node: Located, at place: Place) -> Entitlement? {
        switch feature.kind {
        case .boolean: readFlag(node, at: place)
        case .config: readValue(node, at: place)
        case .metered, .level, .seats, .rate: readLimit(node, at: place)
        }
    }

    private func readFlag(_ node: Located, at place: Place) -> Entitlement? {
        guard case .bool(let flag) = node.value else {
            let message = "`\(feature.id)` is a boolean feature, but this is \(node.kind)"
            problems.add(place, message, "write true or false")
            return nil
        }
        return Entitlement(value: .bool(flag))
    }

    private func readValue(_ node: Located, at place: Place) -> Entitlement? {
        let type = feature.valueType ?? .string
        switch (type, node.value) {
        case (.boolean, .bool(let flag)): return Entitlement(value: .bool(flag))
        case (.string, .text(let text)) where text.unicodeScalars.count <= Limits.textCharacters:
            return Entitlement(value: .string(text))
        case (.integer, .integer(let number)), (.number, .integer(let number)):
            return Entitlement(value: .integer(number))
        case (.number, .number(let number)):
            return Entitlement(value: JSON(shortest: number))
        default:
            problems.add(
                place,
                "`\(feature.id)` takes \(type.article), but this is \(node.kind)",
                type == .string ? "put it in quotes" : "write \(type.article), without quotes"
            )
            return nil
        }
    }

    private func readLimit(_ node: Located, at place: Place) -> Entitlement? {
        let remedy = "write `{ limit: 100 }` or `{ limit: unlimited }`"
        guard let fields = Fields(node, at: place, problems, remedy: remedy) else { return nil }
        fields.refuse(except: ["limit"] + feature.kind.settings)
        let limit = readQuantity(fields, remedy)
        checkWindow(fields, isUnlimited: limit == .unlimited)
        let settings: [String: JSON?] = [
            "per": fields.word("per", of: feature.kind.windows).map(JSON.string),
            "reset": fields.word("reset", of: ["billing", "calendar", "never"]).map(JSON.string),
            "overage": fields.word("overage", of: ["deny", "allow"]).map(JSON.string),
            "on_change": fields.word("on_change", of: ["carry", "reset"]).map(JSON.string),
            "burst": fields.integer("burst", in: 1...Limits.limitUnits).map(JSON.integer),
            "alerts": readAlerts(fields),
        ]
        let kept = settings.compactMapValues(\.self)
            .filter {
                feature.kind.settings.contains($0.key)
            }
        return limit.map { Entitlement(limit: $0, settings: kept) }
    }

    private func readQuantity(_ fields: Fields, _ remedy: String) -> Quantity? {
        guard let (node, place) = fields.find("limit") else {
            fields.problem("`limit` is missing", remedy)
            return nil
        }
        switch node.value {
        case .text("unlimited"): return .unlimited
        case .integer(let units) where (0...Limits.limitUnits).contains(units): return .units(units)
        default:
            let remedy = "write a whole number from 0 to \(Limits.limitUnits), or `unlimited`"
            problems.add(place, "is \(node.kind), not a limit", remedy)
            return nil
        }
    }

    /// A limit that comes back must say how often, and one that never does must not.
    private func checkWindow(_ fields: Fields, isUnlimited: Bool) {
        guard feature.kind == .metered || feature.kind == .rate, !isUnlimited else { return }
        let neverResets = fields.find("reset").map { $0.node.json == "never" } ?? false
        let words = feature.kind.windows.map { "`\($0)`" }.joined(separator: ", ")
        switch (fields.find("per"), neverResets) {
        case (nil, false): fields.problem("`per` is missing", "write `per:` with one of \(words)")
        case (let (_, place)?, true):
            problems.add(place, "a limit that never resets has no `per`", "remove `per` or `reset`")
        default: break
        }
    }

    private func readAlerts(_ fields: Fields) -> JSON? {
        guard let (node, place) = fields.find("alerts") else { return nil }
        let percent = 1...Limits.alerts.percent
        let numbers = node.json.array?.compactMap(\.integer).filter(percent.contains) ?? []
        guard case .list(let values) = node.value, numbers.count == values.count,
            values.count <= Limits.alerts.most, numbers == Array(Set(numbers)).sorted()
        else {
            problems.add(
                place,
                "is not a list of ascending percentages",
                "write up to \(Limits.alerts.most) numbers from 1 to \(percent.upperBound), as [80, 100]"
            )
            return nil
        }
        return .array(numbers.map(JSON.integer))
    }
}

extension Feature.Kind {
    /// What a plan may say about such a feature beside its limit.
    fileprivate var settings: [String] {
        switch self {
        case .boolean, .config: []
        case .metered: ["per", "reset", "overage", "alerts", "on_change"]
        case .level: ["overage", "alerts"]
        case .seats: ["alerts"]
        case .rate: ["per", "burst"]
        }
    }

    fileprivate var windows: [String] {
        self == .rate ? ["second", "minute", "hour"] : ["hour", "day", "week", "month", "year"]
    }
}

extension Feature.ValueType {
    fileprivate var article: String {
        switch self {
        case .integer: "an integer"
        case .number: "a number"
        case .string: "a text"
        case .boolean: "a boolean"
        }
    }
}

extension JSON {
    /// A whole number as an integer, so that 2.0 and 2 are one value and no new version.
    fileprivate init(shortest number: Double) {
        self = Int64(exactly: number).map(JSON.integer) ?? .number(number)
    }
}
