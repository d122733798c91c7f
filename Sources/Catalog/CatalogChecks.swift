import Entitlements

/// What only all files together can get wrong.
struct CatalogChecks {
    let plans: [ReadPlan]
    let features: [String: Feature?]
    let problems: ProblemList

    func run() {
        checkNames()
        checkDefault()
        plans.forEach(checkTrial)
        checkPrices()
        checkWindows()
    }

    private func checkNames() {
        for (id, same) in Dictionary(grouping: plans, by: \.definition.id) where same.count > 1 {
            for plan in same.dropFirst() {
                problems.add(
                    plan.place,
                    "`\(id)` is defined in \(same[0].place.file ?? "this catalog") already",
                    "give one of them another name, or remove it"
                )
            }
        }
    }

    private func checkDefault() {
        for plan in plans where plan.definition.kind == .addon {
            guard let place = plan.defaultPlace else { continue }
            problems.add(place, "an add-on cannot be the default", "make a plan the default")
        }
        let defaults = plans.filter { $0.definition.isDefault && $0.definition.kind == .plan }
        if defaults.isEmpty {
            problems.add(
                Place(file: nil, line: nil, field: "default"),
                "no plan is the default",
                "write `default: true` in the plan that an account without a subscription has"
            )
        }
        for plan in defaults.dropFirst() {
            problems.add(
                plan.defaultPlace ?? plan.place,
                "`\(defaults[0].definition.id)` is the default already",
                "leave `default: true` in one plan only"
            )
        }
    }

    private func checkTrial(_ plan: ReadPlan) {
        guard plan.definition.kind == .plan, let then = plan.definition.trialThen,
            let place = plan.thenPlace
        else { return }
        let tiers = plans.filter { $0.definition.kind == .plan }.map(\.definition.id)
        guard then != plan.definition.id else {
            let remedy = "name a plan that is less, or leave `then` out"
            return problems.add(place, "a trial cannot fall to the plan it is of", remedy)
        }
        guard !tiers.contains(then) else { return }
        let isAddon = plans.contains { $0.definition.id == then }
        problems.add(
            place,
            isAddon ? "`\(then)` is an add-on" : "there is no plan `\(then)`",
            remedy(for: then, among: tiers, otherwise: "name a plan of this catalog")
        )
    }

    /// A price must say which plan was bought.
    private func checkPrices() {
        var owners: [[String]: ReadPlan] = [:]
        for plan in plans {
            for price in plan.prices {
                guard let owner = owners.updateValue(plan, forKey: [price.source, price.id]) else {
                    continue
                }
                problems.add(
                    price.place,
                    "the price `\(price.id)` belongs to `\(owner.definition.id)` already",
                    "list each price once, in one plan"
                )
            }
        }
    }

    /// Where an add-on adds to a limit, all limits of that feature must count over one window: the
    /// sum of so many a day and so many a month means nothing.
    private func checkWindows() {
        for (id, feature) in features {
            guard let feature, feature.combine == .sum,
                feature.kind == .metered || feature.kind == .rate
            else { continue }
            let holders = plans.filter { $0.definition.entitlements[id] != nil }
            let tiers = holders.filter { $0.definition.kind == .plan }
            for addon in holders where addon.definition.kind == .addon {
                let others = tiers + holders.filter { $0.definition.kind == .addon }
                let window = addon.window(of: id)
                guard
                    let other = others.first(where: {
                        $0.window(of: id) != window && !$0.isUnlimited(id)
                    }),
                    !addon.isUnlimited(id)
                else { continue }
                problems.add(
                    addon.entitlementPlaces[id] ?? addon.place,
                    "adds to `\(other.definition.id)`, which counts over another window",
                    "give both the same `per` and `reset`, or say `combine: max` for `\(id)`"
                )
            }
        }
    }
}

extension ReadPlan {
    fileprivate func window(of feature: String) -> [JSON?] {
        let settings = definition.entitlements[feature]?.settings ?? [:]
        let reset = settings["reset"]
        return [settings["per"], reset == "never" || reset == "sliding" ? reset : nil]
    }

    fileprivate func isUnlimited(_ feature: String) -> Bool {
        definition.entitlements[feature]?.limit == .unlimited
    }
}
