package import Entitlements

/// A whole catalog that holds together: its features, and plans that speak of them only.
///
/// - Reading it from files: ``init(parsing:)``
/// - Keeping and sending it: `json`, ``init(json:)``
/// - What applying it would change: ``CatalogDiff``
package struct CatalogDefinition: Sendable, Hashable {
    /// In the order of their ids.
    package let features: [Feature]
    /// Plans and add-ons, in the order of their ids.
    package let plans: [PlanDefinition]

    package init(features: [Feature], plans: [PlanDefinition]) {
        self.features = features.sorted { $0.id < $1.id }
        self.plans = plans.sorted { $0.id < $1.id }
    }

    /// The plan that an account without a subscription has.
    package var defaultPlan: PlanDefinition? {
        plans.first(where: \.isDefault)
    }
}
