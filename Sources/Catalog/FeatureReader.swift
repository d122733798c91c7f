import Entitlements

/// Reads `features.yaml`.
struct FeatureReader {
    let problems: ProblemList

    /// The features by their names.
    ///
    /// Nil for one that is there but wrong, so that a plan that names it is not blamed as well; nil
    /// altogether where there is no list to speak of.
    func read(_ node: Located, at place: Place) -> [String: Feature?]? {
        let remedy = "write `features:` and below it one line a feature"
        guard let top = Fields(node, at: place, problems, remedy: remedy) else { return nil }
        top.refuse(except: ["features"])
        guard let (list, listPlace) = top.find("features") else {
            top.problem("`features` is missing", remedy)
            return nil
        }
        return readList(list, at: listPlace)
    }

    func readList(_ node: Located, at place: Place) -> [String: Feature?]? {
        let remedy = "write one line a feature, such as `sso: { type: boolean }`"
        guard let fields = Fields(node, at: place, problems, remedy: remedy) else { return nil }
        var features: [String: Feature?] = [:]
        for (id, node, place) in fields.all {
            let isName = problems.checkName(id, place)
            let feature = readFeature(id, node, at: place)
            features.updateValue(isName ? feature : nil, forKey: id)
        }
        return features
    }

    private func readFeature(_ id: String, _ node: Located, at place: Place) -> Feature? {
        let kinds = Feature.Kind.allCases.map(\.rawValue)
        let remedy = "write `{ type: … }` with one of " + kinds.joined(separator: ", ")
        guard let fields = Fields(node, at: place, problems, remedy: remedy) else { return nil }
        fields.refuse(except: ["type", "value", "combine", "name", "unit"])
        if fields.find("type") == nil { fields.problem("`type` is missing", remedy) }
        let name = fields.text("name")
        let unit = fields.text("unit")
        guard let kind = fields.word("type", of: kinds).flatMap(Feature.Kind.init(rawValue:)) else {
            return nil
        }
        let type = readValueType(fields, kind)
        if kind == .config, type == nil { return nil }
        if kind == .boolean, let (_, place) = fields.find("unit") {
            problems.add(place, "a boolean feature has no unit", "remove it")
        }
        let allowed = Feature.combines(kind: kind, valueType: type).map(\.rawValue)
        let combine = fields.word("combine", of: allowed).flatMap(Feature.Combine.init(rawValue:))
        return Feature(
            id: id,
            kind: kind,
            valueType: type,
            combine: combine,
            name: name,
            unit: unit
        )
    }

    private func readValueType(_ fields: Fields, _ kind: Feature.Kind) -> Feature.ValueType? {
        let types = Feature.ValueType.allCases.map(\.rawValue)
        let given = fields.find("value")
        switch (kind, given) {
        case (.config, nil):
            let remedy = "write `value:` with one of " + types.joined(separator: ", ")
            fields.problem("a config feature must say the type of its value", remedy)
            return nil
        case (.config, _):
            return fields.word("value", of: types).flatMap(Feature.ValueType.init(rawValue:))
        case (_, let (_, place)?):
            problems.add(
                place,
                "only config features have a value",
                "remove it, or say type: config"
            )
            return nil
        default: return nil
        }
    }
}

extension Feature {
    /// The ways to combine that have a meaning for a type: text has no order, booleans no sum.
    static func combines(kind: Kind, valueType: ValueType?) -> [Combine] {
        switch (kind, valueType) {
        case (.boolean, _), (.config, .boolean): [.any, .first]
        case (.config, .string): [.first]
        default: [.sum, .max, .min, .first]
        }
    }
}
