import Entitlements
import Limits

/// A plan as it was read, with the places that checks over all files may have to blame.
struct ReadPlan {
    var definition: PlanDefinition
    let place: Place
    let defaultPlace: Place?
    let thenPlace: Place?
    let prices: [Price]
    let entitlementPlaces: [String: Place]

    struct Price {
        let source: String
        let id: String
        let place: Place
    }
}

/// Reads the file of one plan or add-on.
struct PlanReader {
    /// Nil where they could not be read: plans are then not blamed for naming them.
    let features: [String: Feature?]?
    let problems: ProblemList

    private static let keys = [
        "plan", "addon", "name", "description", "default", "family", "trial", "grace",
        "entitlements", "billing",
    ]

    /// Nil where it cannot even be said which plan it is.
    func read(_ node: Located, at place: Place) -> ReadPlan? {
        let remedy = "begin the file with `plan: name` or `addon: name`"
        guard let fields = Fields(node, at: place, problems, remedy: remedy) else { return nil }
        fields.refuse(except: Self.keys)
        let identity = readIdentity(fields, remedy)
        let kind = identity?.kind ?? .plan
        let trial = readTrial(fields, kind)
        let grace = readGrace(fields)
        let (entitlements, places) = readEntitlements(fields)
        let prices = readPrices(fields)
        let isDefault = fields.flag("default") ?? false
        let name = fields.text("name")
        let description = fields.text("description")
        let family = readFamily(fields)
        guard let identity else { return nil }
        let definition = PlanDefinition(
            id: identity.id,
            kind: kind,
            name: name,
            description: description,
            isDefault: isDefault,
            family: family,
            trialDays: trial?.days,
            trialThen: trial?.then,
            trialAtEnd: trial?.atEnd,
            grace: grace ?? PlanVersion.standardGrace,
            entitlements: entitlements,
            prices: Dictionary(grouping: prices, by: \.source).mapValues { $0.map(\.id) }
        )
        return ReadPlan(
            definition: definition,
            place: identity.place,
            defaultPlace: isDefault ? fields.find("default")?.place : nil,
            thenPlace: trial?.thenPlace,
            prices: prices,
            entitlementPlaces: places
        )
    }

    private func readIdentity(
        _ fields: Fields,
        _ remedy: String
    ) -> (id: String, kind: Plan.Kind, place: Place)? {
        let given = [Plan.Kind.plan, .addon].filter { fields.find($0.rawValue) != nil }
        guard given.count == 1, let kind = given.first else {
            let message =
                given.isEmpty ? "says neither `plan` nor `addon`" : "is both plan and add-on"
            fields.problem(message, remedy)
            return nil
        }
        guard let id = fields.text(kind.rawValue), let place = fields.find(kind.rawValue)?.place,
            problems.checkName(id, place)
        else { return nil }
        return (id, kind, place)
    }

    private func readFamily(_ fields: Fields) -> String? {
        guard let family = fields.text("family"), let place = fields.find("family")?.place,
            problems.checkName(family, place)
        else { return nil }
        return family
    }

    private struct Trial {
        let days: Int
        let then: String?
        let thenPlace: Place?
        let atEnd: TrialEnding?
    }

    private func readTrial(_ fields: Fields, _ kind: Plan.Kind) -> Trial? {
        let remedy = "write `trial: { days: 14, then: free }`"
        guard let (node, place) = fields.find("trial"),
            let trial = Fields(node, at: place, problems, remedy: remedy)
        else { return nil }
        trial.refuse(except: ["days", "then", "at_end"])
        if trial.find("days") == nil { trial.problem("`days` is missing", remedy) }
        let then = trial.text("then")
        let thenPlace = trial.find("then")?.place
        if kind == .addon, let thenPlace {
            let message = "after its trial an add-on has no plan to fall to"
            problems.add(thenPlace, message, "remove `then`; the account keeps the plan it has")
        }
        let atEnd = trial.word("at_end", of: TrialEnding.allCases.map(\.rawValue))
            .flatMap(TrialEnding.init(rawValue:))
        if atEnd == .fallback, thenPlace == nil, let place = trial.find("at_end")?.place {
            let remedy =
                kind == .addon
                ? "write `cancel` or `pause`: an add-on has no plan to fall to"
                : "add `then: free`, or write `cancel` or `pause`"
            problems.add(place, "there is no plan to fall to", remedy)
        }
        guard let days = trial.integer("days", in: 1...Limits.trialDays) else { return nil }
        return Trial(days: Int(days), then: then, thenPlace: thenPlace, atEnd: atEnd)
    }

    private func readGrace(_ fields: Fields) -> Duration? {
        let remedy = "write `grace: { days: 7 }`"
        guard let (node, place) = fields.find("grace"),
            let grace = Fields(node, at: place, problems, remedy: remedy)
        else { return nil }
        grace.refuse(except: ["days"])
        if grace.find("days") == nil { grace.problem("`days` is missing", remedy) }
        return grace.integer("days", in: 0...Limits.graceDays).map { .seconds($0 * 86_400) }
    }

    private func readEntitlements(_ fields: Fields) -> ([String: Entitlement], [String: Place]) {
        let remedy = "write one line a feature, such as `sso: true`; `{}` for none"
        guard let (node, place) = fields.find("entitlements") else {
            fields.problem("`entitlements` is missing", remedy)
            return ([:], [:])
        }
        guard let entries = Fields(node, at: place, problems, remedy: remedy) else {
            return ([:], [:])
        }
        var entitlements: [String: Entitlement] = [:]
        var places: [String: Place] = [:]
        for (id, node, place) in entries.all {
            guard let feature = find(id, place) else { continue }
            let reader = EntitlementReader(feature: feature, problems: problems)
            entitlements[id] = reader.read(node, at: place)
            places[id] = place
        }
        return (entitlements, places)
    }

    private func find(_ id: String, _ place: Place) -> Feature? {
        guard let features else { return nil }
        guard let feature = features[id] else {
            problems.add(
                place,
                "there is no feature `\(id)`",
                remedy(for: id, among: features.keys, otherwise: "define it in features.yaml")
            )
            return nil
        }
        return feature
    }

    private func readPrices(_ fields: Fields) -> [ReadPlan.Price] {
        let remedy = "write `stripe: [price_…]`, one list a source"
        guard let (node, place) = fields.find("billing"),
            let sources = Fields(node, at: place, problems, remedy: remedy)
        else { return [] }
        var prices: [ReadPlan.Price] = []
        for (source, node, place) in sources.all where problems.checkName(source, place) {
            guard case .list(let ids) = node.value else {
                problems.add(place, "is \(node.kind), not a list", remedy)
                continue
            }
            for id in ids {
                let place = Place(file: place.file, line: id.line ?? place.line, field: place.field)
                guard case .text(let text) = id.value, !text.isEmpty,
                    text.unicodeScalars.count <= Limits.textCharacters
                else {
                    problems.add(place, "holds \(id.kind), not a price", "put it in quotes")
                    continue
                }
                prices.append(ReadPlan.Price(source: source, id: text, place: place))
            }
        }
        return prices
    }
}
