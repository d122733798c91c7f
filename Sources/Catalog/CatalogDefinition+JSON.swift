package import Entitlements

extension CatalogDefinition {
    /// The catalog as one value, in the shape of its files: `features` as in `features.yaml`, and
    /// in `plans` one object a file.
    package var json: JSON {
        [
            "features": .object(
                Dictionary(features.map { ($0.id, $0.json) }) { first, _ in first }
            ),
            "plans": .array(plans.map(\.json)),
        ]
    }
}

extension Feature {
    /// The feature as `features.yaml` has it, with its `combine` always said, and the cost of a pool.
    package var json: JSON {
        let members: [String: JSON?] = [
            "type": .string(kind.rawValue),
            "value": (valueType?.rawValue).map(JSON.string),
            "combine": .string(combine.rawValue),
            "name": name.map(JSON.string),
            "unit": unit.map(JSON.string),
            "pool": pool.map(JSON.string),
            "cost": pool == nil ? nil : .integer(cost),
            "gate": gate.map(JSON.string),
        ]
        return .object(members.compactMapValues(\.self))
    }
}

extension PlanDefinition {
    /// The plan as its file has it, with its grace always said.
    package var json: JSON {
        var members = contentMembers
        members[kind.rawValue] = .string(id)
        members["name"] = name.map(JSON.string)
        members["description"] = description.map(JSON.string)
        members["family"] = family.map(JSON.string)
        if isDefault { members["default"] = true }
        if !prices.isEmpty {
            members["billing"] = .object(prices.mapValues { .array($0.map(JSON.string)) })
        }
        return .object(members)
    }

    /// What makes a version: entitlements, trial and grace.
    ///
    /// Equal contents are equal values, and
    /// equal bytes when written. A new name, family or price is no new version.
    package var content: JSON { .object(contentMembers) }

    private var contentMembers: [String: JSON] {
        var members: [String: JSON] = [
            "entitlements": .object(entitlements.mapValues(\.json)),
            "grace": ["days": .integer(grace.components.seconds / 86_400)],
        ]
        if let trialDays {
            var trial: [String: JSON] = ["days": .integer(Int64(trialDays))]
            trial["then"] = trialThen.map(JSON.string)
            trial["at_end"] = (trialAtEnd?.rawValue).map(JSON.string)
            members["trial"] = .object(trial)
        }
        return members
    }
}

extension Entitlement {
    /// The entitlement as a plan's file has it: a scalar, or an object with a `limit`.
    package var json: JSON {
        guard let limit else { return value ?? .null }
        var members = settings
        members["limit"] = limit.json
        return .object(members)
    }

    /// Nil for what `json` does not write.
    package init?(json: JSON) {
        switch json {
        case .bool, .integer, .number, .string: self.init(value: json)
        case .object(var members):
            guard let limit = members.removeValue(forKey: "limit").flatMap(Quantity.init(json:))
            else { return nil }
            self.init(limit: limit, settings: members)
        case .null, .array: return nil
        }
    }
}

extension Quantity {
    /// A number, or `"unlimited"`.
    package var json: JSON {
        switch self {
        case .units(let units): .integer(units)
        case .unlimited: "unlimited"
        }
    }

    package init?(json: JSON) {
        switch json {
        case .integer(let units) where units >= 0: self = .units(units)
        case .string("unlimited"): self = .unlimited
        default: return nil
        }
    }
}

extension PlanVersion {
    /// A version from its stored content (``PlanDefinition/content``).
    ///
    /// It was validated when it was applied; since then features may have gone, so only its shape
    /// is looked at. Nil where that is wrong, which means that the row was damaged.
    package init?(plan: String, version: Int, content: JSON) {
        guard let members = content["entitlements"]?.object,
            let graceDays = content.at(pointer: "/grace/days")?.integer
        else { return nil }
        let entitlements = members.compactMapValues(Entitlement.init(json:))
        guard entitlements.count == members.count else { return nil }
        self.init(
            plan: plan,
            version: version,
            entitlements: entitlements,
            trialDays: (content.at(pointer: "/trial/days")?.integer).flatMap { Int(exactly: $0) },
            trialThen: content.at(pointer: "/trial/then")?.string,
            trialAtEnd: (content.at(pointer: "/trial/at_end")?.string)
                .flatMap(TrialEnding.init(rawValue:)),
            grace: .seconds(graceDays * 86_400)
        )
    }
}
