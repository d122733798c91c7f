import Catalog

/// Small catalogs, as the files a person would write.
enum Catalogs {
    static let features = """
        features:
          sso: { type: boolean }
          report_days: { type: config, value: integer }
          api_calls: { type: metered, unit: call }
          seats: { type: seats }
        """

    static let free = """
        plan: free
        default: true
        entitlements:
          report_days: 7
          api_calls: { limit: 1_000, per: month }
        """

    static let pro = """
        plan: pro
        name: Pro
        trial: { days: 14 }
        entitlements:
          sso: true
          report_days: 90
          api_calls: { limit: 100_000, per: month }
          seats: { limit: 10 }
        billing:
          stripe: [price_pro]
        """

    static let calls = """
        addon: extra_calls
        entitlements:
          api_calls: { limit: 50_000, per: month }
        billing:
          stripe: [price_calls]
        """

    static let standard = files()

    /// The standard catalog with some of its files replaced, added, or taken away.
    static func files(_ changed: [String: String?] = [:]) -> [CatalogFile] {
        var texts: [String: String] = [
            "features.yaml": features, "free.yaml": free, "pro.yaml": pro, "calls.yaml": calls,
        ]
        for (name, text) in changed { texts[name] = text }
        return texts.sorted { $0.key < $1.key }.map { CatalogFile(path: $0.key, text: $0.value) }
    }
}
