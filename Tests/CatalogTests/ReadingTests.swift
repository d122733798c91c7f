import Entitlements
import Foundation
import Testing

@testable import Catalog

@Suite struct `A catalog` {
    @Test func `is read from its files`() throws {
        let catalog = try CatalogDefinition(parsing: SampleCatalog.files())
        #expect(
            catalog.features.map(\.id)
                == ["brand", "calls", "days", "disk", "ratio", "search", "seats", "sso", "tone"]
        )
        #expect(catalog.plans.map(\.id) == ["extra", "free", "pro"])
        #expect(catalog.defaultPlan?.id == "free")
        let calls = catalog.features.first { $0.id == "calls" }
        #expect(calls == Feature(id: "calls", kind: .metered, combine: .sum, unit: "call"))
        let extra = catalog.plans.first { $0.id == "extra" }
        #expect(
            extra?.kind == .addon && extra?.trialDays == 7 && extra?.grace == .seconds(7 * 86_400)
        )
    }

    @Test func `has everything that a plan can say`() throws {
        let catalog = try CatalogDefinition(parsing: SampleCatalog.files())
        let expected = PlanDefinition(
            id: "pro",
            kind: .plan,
            name: "Pro",
            description: "For teams",
            trialDays: 14,
            trialThen: "free",
            grace: .seconds(3 * 86_400),
            entitlements: [
                "sso": Entitlement(value: true),
                "days": Entitlement(value: 90),
                "ratio": Entitlement(value: 2),
                "tone": Entitlement(value: "warm"),
                "brand": Entitlement(value: false),
                "calls": Entitlement(
                    limit: .units(100_000),
                    settings: [
                        "per": "month", "reset": "billing", "overage": "deny", "alerts": [80, 100],
                        "on_change": "carry",
                    ]
                ),
                "disk": Entitlement(
                    limit: .units(50),
                    settings: ["overage": "allow", "alerts": [90]]
                ),
                "seats": Entitlement(limit: .unlimited),
                "search": Entitlement(limit: .units(20), settings: ["per": "second", "burst": 40]),
            ],
            prices: ["stripe": ["price_month", "price_year"]]
        )
        #expect(catalog.plans.last == expected)
    }

    @Test func `says of a trial which family shares it, and what follows it`() throws {
        let pro = SampleCatalog.pro.replacing("name: Pro", with: "family: team")
            .replacing("then: free", with: "then: free, at_end: pause")
        let catalog = try CatalogDefinition(parsing: SampleCatalog.files(pro: pro))
        let plan = try #require(catalog.plans.last)
        #expect(plan.family == "team" && plan.trialAtEnd == .pause)
        #expect(plan.version(2).trialAtEnd == .pause)
        #expect(try CatalogDefinition(json: catalog.json) == catalog)
        let version = PlanVersion(plan: "pro", version: 2, content: plan.content)
        #expect(version == plan.version(2))
    }

    @Test func `survives being written as JSON, and as text`() throws {
        let catalog = try CatalogDefinition(parsing: SampleCatalog.files())
        #expect(try CatalogDefinition(json: catalog.json) == catalog)
        let text = catalog.json.description
        #expect(try CatalogDefinition(json: JSON(parsing: text)) == catalog)
    }

    @Test func `from JSON is judged as one from files, by field`() throws {
        let catalog = try CatalogDefinition(parsing: SampleCatalog.files())
        var members = try #require(catalog.json.object)
        var pro = try #require(members["plans"]?[2]?.object)
        pro["entitlements"] = ["sos": true, "calls": ["limit": -1, "per": "month"]]
        members["plans"] = .array([.object(pro), "x"])
        let json = JSON.object(members)
        let error = try #require(throws: CatalogProblems.self) { try CatalogDefinition(json: json) }
        #expect(
            error.problems.map(\.field) == [
                "plans.0.entitlements.calls.limit", "plans.0.entitlements.sos", "plans.1",
                "default", "plans.0.trial.then",
            ]
        )
        #expect(error.problems.allSatisfy { $0.file == nil && $0.line == nil })
        for shape in [.null, [], [:], ["features": [:]], ["plans": []], ["x": 1]] as [JSON] {
            #expect(throws: CatalogProblems.self) { try CatalogDefinition(json: shape) }
        }
    }

    @Test func `keeps each version's content, and nothing else, for good`() throws {
        let catalog = try CatalogDefinition(parsing: SampleCatalog.files())
        for plan in catalog.plans {
            let version = PlanVersion(plan: plan.id, version: 4, content: plan.content)
            #expect(version == plan.version(4))
        }
        let pro = try #require(catalog.plans.last)
        let renamed = SampleCatalog.pro
            .replacing("name: Pro", with: "name: Professional")
            .replacing("price_year", with: "price_annual")
        let again = try CatalogDefinition(parsing: SampleCatalog.files(pro: renamed))
        #expect(again.plans.last?.content == pro.content)
        #expect(again.plans.last != pro)
    }

    @Test(
        arguments: [
            .null, [:], ["entitlements": [:]], ["grace": ["days": 7]],
            ["entitlements": ["a": .null], "grace": ["days": 7]],
            ["entitlements": ["a": ["per": "day"]], "grace": ["days": 7]],
            ["entitlements": ["a": ["limit": -1]], "grace": ["days": 7]],
        ] as [JSON]
    )
    func `does not take damaged content for a version`(content: JSON) {
        #expect(PlanVersion(plan: "p", version: 1, content: content) == nil)
    }

    @Test func `in plans/ is sound, and uses every type of feature`() throws {
        let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "plans")
        let names = try FileManager.default.contentsOfDirectory(atPath: root.path())
        let files = try names.filter(CatalogFile.isCatalogFile)
            .map { name in
                let text = try String(contentsOf: root.appending(path: name), encoding: .utf8)
                return CatalogFile(path: "plans/\(name)", text: text)
            }
        let catalog = try CatalogDefinition(parsing: files)
        #expect(Set(catalog.features.map(\.kind)) == Set(Feature.Kind.allCases))
        let types = Set(catalog.features.compactMap(\.valueType))
        #expect(types == Set(Feature.ValueType.allCases))
        #expect(catalog.defaultPlan?.id == "free")
        #expect(catalog.plans.count == 5)
        #expect(try CatalogDefinition(json: catalog.json) == catalog)
        let used = Set(catalog.plans.flatMap(\.entitlements.keys))
        #expect(used == Set(catalog.features.map(\.id)))
    }
}
