/// How much of a counted feature is allowed.
package enum Quantity: Sendable, Hashable {
    case units(Int64)
    case unlimited
}

/// What a plan or an add-on says about one feature.
package struct Entitlement: Sendable, Hashable {
    /// A `boolean` feature is `.bool`; a `config` one has a scalar of its type; nil when counted.
    package let value: JSON?
    /// The limit of a counted feature; nil for `boolean` and `config`.
    package let limit: Quantity?
    /// The rest of what the catalog says (`per`, `reset`, `overage`, `alerts`, `on_change`,
    /// `burst`), validated when it was applied and kept as written.
    package let settings: [String: JSON]
    /// The same, read once: nearly every decision about what is counted asks for it.
    package let rule: CountingRule?

    package init(value: JSON? = nil, limit: Quantity? = nil, settings: [String: JSON] = [:]) {
        self.value = value
        self.limit = limit
        self.settings = settings
        rule = limit == nil ? nil : CountingRule(settings)
    }
}

/// One version of a plan or an add-on: what it entitles to.
///
/// Versions never change.
package struct PlanVersion: Sendable, Hashable {
    package let plan: String
    package let version: Int
    package let entitlements: [String: Entitlement]
    /// Days of trial a new subscription may have; nil when the plan offers none.
    package let trialDays: Int?
    /// The plan an account falls to when its trial ends; nil means no access by this subscription.
    package let trialThen: String?
    /// What follows a trial; nil is `fallback` where there is a plan to fall to, else `cancel`.
    package let trialAtEnd: TrialEnding?
    /// How long a subscription that is past due still entitles.
    package let grace: Duration

    /// Seven days, where the plan does not say (reference: entitlement rules, dunning).
    package static let standardGrace: Duration = .seconds(7 * 86_400)

    package init(
        plan: String,
        version: Int,
        entitlements: [String: Entitlement],
        trialDays: Int? = nil,
        trialThen: String? = nil,
        trialAtEnd: TrialEnding? = nil,
        grace: Duration = PlanVersion.standardGrace
    ) {
        self.plan = plan
        self.version = version
        self.entitlements = entitlements
        self.trialDays = trialDays
        self.trialThen = trialThen
        self.trialAtEnd = trialAtEnd
        self.grace = grace
    }
}

/// A tier (`plan`), or something stacked on one (`addon`).
package struct Plan: Sendable, Hashable {
    package enum Kind: String, Sendable { case plan, addon }

    package let id: String
    package let kind: Kind
    package let name: String?
    /// Of the plans of one family an account has one trial, ever; a plan is its own family where
    /// the catalog does not say.
    package let family: String
    /// Whether it is in the catalog's files: what left them is kept by whoever holds it.
    package let isSold: Bool
    /// The version that subscriptions without one of their own follow.
    package let currentVersion: Int
    /// Every version that is kept, by its number; `currentVersion` is among them.
    package let versions: [Int: PlanVersion]
    /// The version of that number: looked up once, since nearly every decision asks for it.
    package let current: PlanVersion?

    package init(
        id: String,
        kind: Kind,
        name: String? = nil,
        family: String? = nil,
        isSold: Bool = true,
        currentVersion: Int,
        versions: [Int: PlanVersion]
    ) {
        self.id = id
        self.kind = kind
        self.name = name
        self.family = family ?? id
        self.isSold = isSold
        self.currentVersion = currentVersion
        self.versions = versions
        current = versions[currentVersion]
    }
}

/// Catalog and switches as of one configuration revision: all that decisions share.
package struct Configuration: Sendable {
    package let revision: Int64
    package let features: [String: Feature]
    package let plans: [String: Plan]
    /// What an account without an entitling subscription has.
    package let defaultPlan: String?
    /// The features of which some plan limits what one user, or one session, may take.
    let limitedByUser: Set<String>
    let limitedBySession: Set<String>
    private let rollingOver: Set<String>

    package init(
        revision: Int64,
        features: [String: Feature],
        plans: [String: Plan],
        defaultPlan: String?
    ) {
        self.revision = revision
        self.features = features
        self.plans = plans
        self.defaultPlan = defaultPlan
        limitedByUser = plans.values.features { $0.userLimit != nil }
        limitedBySession = plans.values.features { $0.sessionLimit != nil }
        rollingOver = plans.values.features { $0.rollover != nil }
    }

    /// Whether some plan has what is left of a feature outlive its period.
    package func rollsOver(_ feature: String) -> Bool { rollingOver.contains(feature) }
}

extension Dictionary<String, Plan>.Values {
    /// The features of which any version of any plan counts in some way.
    fileprivate func features(where counts: (CountingRule) -> Bool) -> Set<String> {
        var features: Set<String> = []
        for plan in self {
            for version in plan.versions.values {
                for (feature, entitlement) in version.entitlements
                where entitlement.rule.map(counts) == true {
                    features.insert(feature)
                }
            }
        }
        return features
    }
}
