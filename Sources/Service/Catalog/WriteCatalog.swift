import Catalog
import Entitlements
import Postgres
import Store

extension Store {
    /// Makes the stored catalog this one, inside a transaction that holds the catalog's lock.
    func write(
        _ new: CatalogDefinition,
        over stored: StoredCatalog,
        grandfather: Bool,
        on connection: Connection
    ) async throws {
        try await archive(
            exceptFeatures: new.features.map(\.id),
            plans: new.plans.map(\.id),
            on: connection
        )
        for feature in new.features {
            try await put(feature: feature, on: connection)
        }
        let steps = new.plans.map { PlanStep($0, stored: stored) }
        // All plans before any version: a version may name the plan that follows its trial.
        for step in steps {
            if grandfather, let old = step.replaced {
                _ = try await self.grandfather(plan: step.plan.id, version: old, on: connection)
            }
            try await put(plan: step.plan, version: step.version, on: connection)
        }
        for step in steps where step.isNewVersion {
            try await insert(version: step.plan.version(step.version), on: connection)
        }
        try await put(prices: new.plans, on: connection)
    }
}

/// Which version one plan of a new catalog is.
private struct PlanStep {
    let plan: PlanDefinition
    let version: Int
    let isNewVersion: Bool
    /// The version that existing subscriptions follow until now, when another takes its place.
    let replaced: Int?

    init(_ plan: PlanDefinition, stored: StoredCatalog) {
        self.plan = plan
        let known = stored.plans.first { $0.definition.id == plan.id }
        if let known, known.definition.content == plan.content {
            version = known.currentVersion
            isNewVersion = false
            replaced = nil
        } else {
            version = (stored.latestVersions[plan.id] ?? 0) + 1
            isNewVersion = true
            replaced = known?.currentVersion
        }
    }
}
