/// What an account holds at an instant, whatever feature is asked about.
package struct HeldPlans: Sendable, Hashable {
    /// The plan that it has; the default one where no subscription gives another.
    package let plan: String?
    /// The add-ons beside it, each once, by id.
    package let addons: [String]
    /// Whether the plan is on trial.
    package let isTrial: Bool
}

extension Account {
    /// The plan, the add-ons and the trial by the same terms that decide access.
    ///
    /// Of several plans the first that entitles is told, and a trial only where no plan is paid.
    package func held(at instant: Instant, in configuration: Configuration) -> HeldPlans {
        var plans: [(id: String, isTrial: Bool)] = []
        var addons: Set<String> = []
        for subscription in subscriptions {
            guard let holding = subscription.holding(at: instant, in: configuration) else {
                continue
            }
            switch holding.kind {
            case .plan: plans.append((holding.plan, holding.isTrial))
            case .addon: addons.insert(holding.plan)
            }
        }
        let plan = plans.first { !$0.isTrial } ?? plans.first
        return HeldPlans(
            plan: plan?.id ?? configuration.defaultPlan,
            addons: addons.sorted(),
            isTrial: plan?.isTrial ?? false
        )
    }
}

extension Subscription {
    fileprivate func holding(
        at instant: Instant,
        in configuration: Configuration
    ) -> (plan: String, kind: Plan.Kind, isTrial: Bool)? {
        let (plan, version) = held(at: instant)
        let held = configuration.holding(plan, version)
        let (term, fallback) = term(under: held, in: configuration)
        guard let access = term.access(at: instant) else { return nil }
        guard let given = access == .fallback ? fallback : held else { return nil }
        return (given.version.plan, given.kind, access == .trial)
    }
}
