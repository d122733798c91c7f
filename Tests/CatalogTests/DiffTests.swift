import Entitlements
import Testing

@testable import Catalog

@Suite struct `The difference of two catalogs` {
    static func changes(
        features: String = SampleCatalog.features,
        free: String = SampleCatalog.free,
        pro: String = SampleCatalog.pro,
        extra: String = SampleCatalog.extra
    ) throws -> [CatalogChange] {
        CatalogDiff.between(
            current: try CatalogDefinition(parsing: SampleCatalog.files()),
            versions: ["free": 1, "pro": 3, "extra": 2],
            new: try CatalogDefinition(
                parsing: SampleCatalog.files(features: features, free: free, pro: pro, extra: extra)
            )
        )
    }

    @Test func `is nothing where nothing changed, however it is written`() throws {
        #expect(try Self.changes() == [])
        let pro = SampleCatalog.pro
            .replacing("limit: 100_000, per: month", with: "per: month, limit: 100000")
            .replacing("ratio: 2.0", with: "ratio: 2")
        #expect(try Self.changes(pro: pro) == [])
        let said = pro.replacing("then: free", with: "then: free, at_end: fallback")
            .replacing("name: Pro", with: "name: Pro\nfamily: pro")
        #expect(try Self.changes(pro: said) == [])
        let extra = SampleCatalog.extra + "\ngrace: { days: 7 }"
        #expect(try Self.changes(extra: extra) == [])
    }

    @Test(arguments: [
        ("100_000", "200_000", "plan pro: calls limit 100000 → 200000, becomes version 4"),
        (
            "alerts: [80, 100]", "alerts: [50]",
            "plan pro: calls alerts [80,100] → [50], becomes version 4"
        ),
        ("sso: true", "sso: false", "plan pro: sso true → false, becomes version 4"),
        ("  tone: warm\n", "", "plan pro: tone warm → none, becomes version 4"),
        ("days: 14", "days: 30", "plan pro: trial days 14 → 30, becomes version 4"),
        ("name: Pro", "name: Pro\nfamily: team", "plan pro: family none → team"),
        (
            "then: free", "then: free, at_end: pause",
            "plan pro: trial at_end none → pause, becomes version 4"
        ),
        ("days: 3", "days: 7", "plan pro: grace days 3 → 7, becomes version 4"),
        ("name: Pro", "name: Professional", "plan pro: name Pro → Professional"),
        (
            "price_year", "price_annual",
            "plan pro: billing stripe [\"price_month\",\"price_year\"] → [\"price_month\",\"price_annual\"]"
        ),
    ])
    func `reads as a sentence`(old: String, new: String, text: String) throws {
        let changes = try Self.changes(pro: SampleCatalog.pro.replacing(old, with: new))
        #expect(changes.map(\.description) == [text])
    }

    @Test func `names a new version only for what makes one`() throws {
        let pro = SampleCatalog.pro
            .replacing("name: Pro", with: "name: Professional")
            .replacing("sso: true", with: "sso: false")
        let changes = try Self.changes(pro: pro)
        #expect(changes.map(\.field) == ["sso", "name"])
        #expect(changes.map(\.version) == [4, nil])
    }

    @Test func `tells features and plans that come and go`() throws {
        let features = SampleCatalog.features
            .replacing("  sso:", with: "  scim: { type: boolean }\n  sso:")
            .replacing("unit: GB", with: "unit: GB, combine: max")
        let changes = try Self.changes(
            features: features,
            extra: SampleCatalog.extra.replacing("addon: extra", with: "addon: more")
        )
        #expect(
            changes.map(\.description) == [
                "feature disk: combine sum → max", "feature scim: added", "addon extra: removed",
                "addon more: added, becomes version 1",
            ]
        )
    }

    @Test func `from nothing is everything`() throws {
        let new = try CatalogDefinition(parsing: SampleCatalog.files())
        let changes = CatalogDiff.between(current: nil, new: new)
        #expect(changes.count == new.features.count + new.plans.count)
        #expect(changes.allSatisfy { $0.action == .added })
        #expect(changes.last?.json["text"] == "plan pro: added, becomes version 1")
    }

    @Test func `counts on from versions of a plan that came back`() throws {
        let new = try CatalogDefinition(parsing: SampleCatalog.files())
        let changes = CatalogDiff.between(current: nil, versions: ["pro": 7], new: new)
        #expect(changes.last?.version == 8)
    }

    @Test func `is JSON for programs`() throws {
        let change = try Self.changes(pro: SampleCatalog.pro.replacing("100_000", with: "5")).first
        #expect(
            change?.json == [
                "subject": "plan", "id": "pro", "action": "changed", "field": "calls limit",
                "before": 100_000, "after": 5, "version": 4,
                "text": "plan pro: calls limit 100000 → 5, becomes version 4",
            ]
        )
    }
}
