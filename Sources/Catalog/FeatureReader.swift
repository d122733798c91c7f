import Entitlements
import Limits

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
        for (id, node, place) in fields.all {
            guard let feature = features[id] ?? nil, feature.pool != nil,
                let fields = Fields(node, at: place, problems, remedy: remedy),
                let (_, poolPlace) = fields.find("pool")
            else { continue }
            checkPool(of: feature, among: features, poolPlace)
        }
        return features
    }

    private func readFeature(_ id: String, _ node: Located, at place: Place) -> Feature? {
        let kinds = Feature.Kind.allCases.map(\.rawValue)
        let remedy = "write `{ type: … }` with one of " + kinds.joined(separator: ", ")
        guard let fields = Fields(node, at: place, problems, remedy: remedy) else { return nil }
        fields.refuse(except: ["type", "value", "combine", "name", "unit", "pool", "cost", "gate"])
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
        let (pool, cost) = readPool(fields, kind)
        return Feature(
            id: id,
            kind: kind,
            valueType: type,
            combine: combine,
            name: name,
            unit: unit,
            pool: pool,
            cost: cost,
            gate: readGate(fields)
        )
    }

    /// The flag that says whether the feature is out; it may be made later, and says no until then.
    private func readGate(_ fields: Fields) -> String? {
        guard let gate = fields.text("gate"), let (_, place) = fields.find("gate") else {
            return nil
        }
        guard Name.isValid(gate) else {
            problems.add(place, "`\(gate)` is no key of a flag", "use letters, digits and `_.:-`")
            return nil
        }
        return gate
    }

    /// What each unit takes of another feature as well.
    private func readPool(_ fields: Fields, _ kind: Feature.Kind) -> (pool: String?, cost: Int64) {
        if kind != .metered {
            for key in ["pool", "cost"] {
                guard let (_, place) = fields.find(key) else { continue }
                problems.add(
                    place,
                    "only metered features draw on a pool",
                    "remove it, or say type: metered"
                )
            }
            return (nil, 1)
        }
        let pool = fields.text("pool")
        let cost = fields.integer("cost", in: 1...Limits.poolCost)
        if let (_, place) = fields.find("cost"), fields.find("pool") == nil {
            problems.add(
                place,
                "there is no pool that this is the cost of",
                "add `pool:`, or remove it"
            )
        }
        return (pool, cost ?? 1)
    }

    /// A pool is metered itself and draws on no other: a unit then costs the same however it is read.
    private func checkPool(
        of feature: Feature,
        among features: [String: Feature?],
        _ place: Place
    ) {
        guard let id = feature.pool else { return }
        let metered = features.values.compactMap(\.self)
            .filter { $0.kind == .metered && $0.pool == nil }.map(\.id)
        guard let known = features[id] else {
            return problems.add(
                place,
                "there is no feature `\(id)`",
                remedy(for: id, among: metered, otherwise: "define it in features.yaml")
            )
        }
        guard let pool = known else { return }
        if pool.id == feature.id {
            problems.add(place, "a feature cannot draw on itself", "name another, or remove `pool`")
        } else if pool.kind != .metered {
            let message = "`\(id)` is a \(pool.kind.rawValue) feature, and no pool"
            problems.add(place, message, "name a metered feature")
        } else if pool.pool != nil {
            let message = "`\(id)` draws on a pool itself"
            problems.add(place, message, "name the pool of `\(id)`, or a pool of its own")
        }
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
