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
        case .metered, .level, .seats, .rate, .concurrency: readLimit(node, at: place)
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
        fields.refuse(except: ["limit"] + feature.kind.settings.map(\.rawValue))
        let limit = readQuantity(fields, remedy)
        let reader = SettingsReader(
            kind: feature.kind,
            isUnlimited: limit == .unlimited,
            fields: fields
        )
        let settings = reader.read()
        return limit.map { Entitlement(limit: $0, settings: settings) }
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
