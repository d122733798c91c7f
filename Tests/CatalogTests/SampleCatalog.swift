@testable import Catalog

/// A small catalog without mistakes; tests put one in by replacing a file.
enum SampleCatalog {
    static let features = """
        features:
          sso: { type: boolean, name: Single sign-on }
          days: { type: config, value: integer }
          ratio: { type: config, value: number }
          tone: { type: config, value: string }
          brand: { type: config, value: boolean }
          calls: { type: metered, unit: call }
          disk: { type: level, unit: GB }
          seats: { type: seats }
          search: { type: rate }
        """
    static let free = """
        plan: free
        default: true
        entitlements: {}
        """
    static let pro = """
        plan: pro
        name: Pro
        description: For teams
        trial: { days: 14, then: free }
        grace: { days: 3 }
        entitlements:
          sso: true
          days: 90
          ratio: 2.0
          tone: warm
          brand: false
          calls: { limit: 100_000, per: month, reset: billing, overage: deny, alerts: [80, 100], on_change: carry }
          disk: { limit: 50, overage: allow, alerts: [90] }
          seats: { limit: unlimited }
          search: { limit: 20, per: second, burst: 40 }
        billing:
          stripe: [price_month, price_year]
        """
    static let extra = """
        addon: extra
        trial: { days: 7 }
        entitlements:
          calls: { limit: 5, per: month }
        """

    static func files(
        features: String = features,
        free: String = free,
        pro: String = pro,
        extra: String = extra
    ) -> [CatalogFile] {
        [
            CatalogFile(path: "plans/features.yaml", text: features),
            CatalogFile(path: "plans/free.yaml", text: free),
            CatalogFile(path: "plans/pro.yaml", text: pro),
            CatalogFile(path: "plans/extra.yaml", text: extra),
            CatalogFile(path: "plans/README.md", text: "# no YAML: [at all"),
        ]
    }

    /// The problems of a catalog; none where it is sound.
    static func problems(_ files: [CatalogFile]) -> [CatalogProblem] {
        do throws(CatalogProblems) {
            _ = try CatalogDefinition(parsing: files)
            return []
        } catch {
            return error.problems
        }
    }
}
