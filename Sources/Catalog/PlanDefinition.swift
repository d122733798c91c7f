package import Entitlements

/// A plan or an add-on as the catalog defines it, before it has a version.
package struct PlanDefinition: Sendable, Hashable {
    package let id: String
    package let kind: Plan.Kind
    package let name: String?
    package let description: String?
    /// Whether it is what an account without a subscription has; exactly one plan is.
    package let isDefault: Bool
    /// Of the plans of one family an account has one trial, ever; nil: it is a family of its own.
    package let family: String?
    package let trialDays: Int?
    package let trialThen: String?
    /// What follows a trial; nil is `fallback` where there is a plan to fall to, else `cancel`.
    ///
    /// Nil too where just that was written: saying what holds anyway makes no version.
    package let trialAtEnd: TrialEnding?
    package let grace: Duration
    /// By the names of the features.
    package let entitlements: [String: Entitlement]
    /// By the names of the sources, what each calls this plan: price, product or lookup key.
    package let prices: [String: [String]]

    package init(
        id: String,
        kind: Plan.Kind,
        name: String? = nil,
        description: String? = nil,
        isDefault: Bool = false,
        family: String? = nil,
        trialDays: Int? = nil,
        trialThen: String? = nil,
        trialAtEnd: TrialEnding? = nil,
        grace: Duration = PlanVersion.standardGrace,
        entitlements: [String: Entitlement] = [:],
        prices: [String: [String]] = [:]
    ) {
        self.id = id
        self.kind = kind
        self.name = name
        self.description = description
        self.isDefault = isDefault
        self.family = family == id ? nil : family
        self.trialDays = trialDays
        self.trialThen = trialThen
        let standard: TrialEnding = trialThen == nil ? .cancel : .fallback
        self.trialAtEnd = trialAtEnd == standard ? nil : trialAtEnd
        self.grace = grace
        self.entitlements = entitlements
        self.prices = prices
    }

    /// The definition as one version of the plan.
    package func version(_ number: Int) -> PlanVersion {
        PlanVersion(
            plan: id,
            version: number,
            entitlements: entitlements,
            trialDays: trialDays,
            trialThen: trialThen,
            trialAtEnd: trialAtEnd,
            grace: grace
        )
    }
}
