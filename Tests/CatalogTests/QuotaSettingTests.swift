import Entitlements
import Testing

@testable import Catalog

/// A small catalog with all that can be said of what is consumed or leased.
private enum QuotaSample {
    static let features = """
        features:
          credits: { type: metered }
          image: { type: metered, pool: credits, cost: 10 }
          jobs: { type: concurrency, unit: job }
          search: { type: rate }
          sso: { type: boolean }
        """
    static let plan = """
        plan: pro
        default: true
        entitlements:
          credits: { limit: 1_000, per: month, reset: billing, overage: { percent: 50 }, carry_overage: true, rollover: { max: 500, months: 3 }, priority: 50, alerts: [80, 100, { units: 5_000 }] }
          image: { limit: 20, per: day, reset: sliding, overage: { limit: 5 }, user_limit: 10, session_limit: 3 }
          jobs: { limit: 5, user_limit: 2, session_limit: 1, alerts: [100] }
          search: { limit: 20, per: second, burst: 40, user_limit: 5, session_limit: 2 }
        """

    static func files(features: String = features, plan: String = plan) -> [CatalogFile] {
        [
            CatalogFile(path: "plans/features.yaml", text: features),
            CatalogFile(path: "plans/pro.yaml", text: plan),
        ]
    }
}

@Suite struct `What a plan says of a quota` {
    @Test func `is kept as it is written`() throws {
        let catalog = try CatalogDefinition(parsing: QuotaSample.files())
        let image = Feature(id: "image", kind: .metered, pool: "credits", cost: 10)
        #expect(catalog.features.first { $0.id == "image" } == image)
        let jobs = Feature(id: "jobs", kind: .concurrency, combine: .sum, unit: "job")
        #expect(catalog.features.first { $0.id == "jobs" } == jobs)
        let expected = [
            "credits": Entitlement(
                limit: .units(1_000),
                settings: [
                    "per": "month", "reset": "billing", "overage": ["percent": 50],
                    "carry_overage": true, "rollover": ["max": 500, "months": 3], "priority": 50,
                    "alerts": [80, 100, ["units": 5_000]],
                ]
            ),
            "image": Entitlement(
                limit: .units(20),
                settings: [
                    "per": "day", "reset": "sliding", "overage": ["limit": 5], "user_limit": 10,
                    "session_limit": 3,
                ]
            ),
            "jobs": Entitlement(
                limit: .units(5),
                settings: ["user_limit": 2, "session_limit": 1, "alerts": [100]]
            ),
            "search": Entitlement(
                limit: .units(20),
                settings: ["per": "second", "burst": 40, "user_limit": 5, "session_limit": 2]
            ),
        ]
        #expect(catalog.plans.first?.entitlements == expected)
    }

    @Test func `survives being written as JSON, and as a version's content`() throws {
        let catalog = try CatalogDefinition(parsing: QuotaSample.files())
        let text = catalog.json.description
        #expect(try CatalogDefinition(json: JSON(parsing: text)) == catalog)
        let plan = try #require(catalog.plans.first)
        let version = PlanVersion(plan: "pro", version: 2, content: plan.content)
        #expect(version == plan.version(2))
    }

    @Test(arguments: [
        ("credits: { type: metered }", "credits: { type: metered, name: Credits }"),
        (", cost: 10", ""), (", cost: 10", ", cost: 1000000000"), (", pool: credits, cost: 10", ""),
    ])
    func `may be said of a feature in other ways`(old: String, new: String) throws {
        let features = QuotaSample.features.replacing(old, with: new)
        #expect(features != QuotaSample.features)
        #expect(SampleCatalog.problems(QuotaSample.files(features: features)) == [])
    }

    @Test(arguments: [
        ("limit: 1_000", "limit: 0"), (", reset: billing", ""), ("{ percent: 50 }", "allow"),
        ("carry_overage: true", "carry_overage: false"),
        ("{ max: 500, months: 3 }", "{ percent: 100 }"),
        ("{ max: 500, months: 3 }", "{ max: 1, percent: 1_000, months: 120 }"),
        ("priority: 50", "priority: 0"), ("priority: 50", "priority: 255"),
        ("[80, 100, { units: 5_000 }]", "[{ units: 7 }, 80, { units: 9 }]"),
        (
            "limit: 20, per: day, reset: sliding, overage: { limit: 5 }",
            "limit: unlimited, per: day, reset: billing, overage: allow"
        ),
        ("image: { limit: 20, per: day, reset: sliding", "image: { limit: 20, reset: never"),
        ("{ limit: 5, user_limit: 2", "{ limit: unlimited, user_limit: 2"),
    ])
    func `may be said in other ways`(old: String, new: String) throws {
        let plan = QuotaSample.plan.replacing(old, with: new)
        #expect(plan != QuotaSample.plan)
        #expect(SampleCatalog.problems(QuotaSample.files(plan: plan)) == [])
    }

    @Test(arguments: [
        ("cost: 10", "cost: 20", "feature image: cost 10 → 20"),
        (", pool: credits, cost: 10", "", "feature image: cost 10 → none"),
        (", cost: 10", "", "feature image: cost 10 → 1"),
    ])
    func `of a pool is told when it changes`(old: String, new: String, text: String) throws {
        let features = QuotaSample.features.replacing(old, with: new)
        let changes = CatalogDiff.between(
            current: try CatalogDefinition(parsing: QuotaSample.files()),
            new: try CatalogDefinition(parsing: QuotaSample.files(features: features))
        )
        #expect(changes.first?.description == text)
    }

    @Test func `is told when it changes, as a new version`() throws {
        let plan = QuotaSample.plan
            .replacing("{ percent: 50 }", with: "{ limit: 50 }")
            .replacing("max: 500", with: "max: 600")
            .replacing("{ limit: 5, user_limit: 2", with: "{ limit: 5, user_limit: 3")
        let changes = CatalogDiff.between(
            current: try CatalogDefinition(parsing: QuotaSample.files()),
            versions: ["pro": 1],
            new: try CatalogDefinition(parsing: QuotaSample.files(plan: plan))
        )
        #expect(
            changes.map(\.description) == [
                "plan pro: credits overage limit none → 50, becomes version 2",
                "plan pro: credits overage percent 50 → none, becomes version 2",
                "plan pro: credits rollover max 500 → 600, becomes version 2",
                "plan pro: jobs user_limit 2 → 3, becomes version 2",
            ]
        )
    }

    @Test(arguments: Mistake.ofPools)
    func `of a pool that is none is refused`(mistake: Mistake) {
        let text = QuotaSample.features.replacing(mistake.old, with: mistake.new)
        expect(mistake, QuotaSample.files(features: text), in: "plans/features.yaml")
    }

    @Test(arguments: Mistake.ofQuotas)
    func `is refused where it cannot be`(mistake: Mistake) {
        let text = QuotaSample.plan.replacing(mistake.old, with: mistake.new)
        #expect(text != QuotaSample.plan)
        expect(mistake, QuotaSample.files(plan: text), in: "plans/pro.yaml")
    }

    @Test(arguments: ["never", "sliding"])
    func `cannot be added to what counts otherwise`(reset: String) {
        let per = reset == "never" ? "" : ", per: month"
        let addon = "addon: more\nentitlements:\n  credits: { limit: 5\(per), reset: \(reset) }"
        let files = QuotaSample.files() + [CatalogFile(path: "plans/more.yaml", text: addon)]
        let problems = SampleCatalog.problems(files)
        #expect(problems.map(\.field) == ["entitlements.credits"])
        #expect(problems.first?.message.contains("another window") == true)
    }

    /// Each mistake is told once, at its place.
    private func expect(_ mistake: Mistake, _ files: [CatalogFile], in file: String) {
        let problems = SampleCatalog.problems(files)
        #expect(problems.map(\.field) == [mistake.field])
        #expect(problems.map(\.file) == [file] && problems.map(\.line) == [mistake.line])
        let text = problems.first.map { "\($0.message); \($0.remedy)" } ?? ""
        #expect(text.contains(mistake.says), "\(text)")
    }
}

extension Mistake {
    fileprivate static let ofPools = [
        pool("pool: credits", "pool: credit", "pool", says: "did you mean `credits`?"),
        pool("pool: credits", "pool: zebra", "pool", says: "define it in features.yaml"),
        pool("pool: credits", "pool: image", "pool", says: "draw on itself"),
        pool("pool: credits", "pool: sso", "pool", says: "is a boolean feature"),
        pool("pool: credits", "pool: 5", "pool", says: "quotes"),
        pool("cost: 10", "cost: 0", "cost", says: "from 1 to 1000000000"),
        pool("cost: 10", "cost: 1000000001", "cost", says: "from 1 to 1000000000"),
        pool("cost: 10", "cost: 1.5", "cost", says: "whole number"),
        pool("pool: credits, ", "", "cost", says: "add `pool:`"),
        Mistake(
            "{ type: boolean }",
            "{ type: metered, pool: image }",
            line: 6,
            "features.sso.pool",
            says: "draws on a pool itself"
        ),
        Mistake(
            "{ type: rate }",
            "{ type: rate, pool: credits }",
            line: 5,
            "features.search.pool",
            says: "only metered features"
        ),
        Mistake(
            "{ type: rate }",
            "{ type: rate, cost: 2 }",
            line: 5,
            "features.search.cost",
            says: "only metered features"
        ),
    ]

    fileprivate static let ofQuotas = [
        credits("{ percent: 50 }", "{ percent: 0 }", "overage.percent", says: "from 1 to 1000"),
        credits("{ percent: 50 }", "{ percent: 1001 }", "overage.percent", says: "from 1 to 1000"),
        credits("{ percent: 50 }", "{ limit: 0 }", "overage.limit", says: "from 1"),
        credits("{ percent: 50 }", "{}", "overage", says: "neither `limit` nor `percent`"),
        credits("{ percent: 50 }", "{ limit: 5, percent: 5 }", "overage", says: "both"),
        credits("{ percent: 50 }", "50", "overage", says: "not a word"),
        credits("percent: 50", "percent: 50, units: 2", "overage.units", says: "unknown key"),
        credits("carry_overage: true", "carry_overage: yes", "carry_overage", says: "true or"),
        credits("max: 500, ", "", "rollover", says: "neither `max` nor `percent`"),
        credits("max: 500", "max: 0", "rollover.max", says: "from 1"),
        credits("max: 500", "percent: 1001", "rollover.percent", says: "from 1 to 1000"),
        credits("months: 3", "months: 121", "rollover.months", says: "from 1 to 120"),
        credits("months: 3", "month: 3", "rollover.month", says: "did you mean `months`?"),
        credits("{ max: 500, months: 3 }", "500", "rollover", says: "`{ max: 500 }`"),
        credits("priority: 50", "priority: 256", "priority", says: "from 0 to 255"),
        credits("priority: 50", "priority: -1", "priority", says: "from 0 to 255"),
        credits("priority: 50", "burst: 50", "burst", says: "unknown key"),
        credits("{ units: 5_000 }", "{ units: 0 }", "alerts", says: "ascending"),
        credits("{ units: 5_000 }", "{ unit: 5 }", "alerts", says: "ascending"),
        credits("{ units: 5_000 }", "{ units: 5, x: 1 }", "alerts", says: "ascending"),
        credits("{ units: 5_000 }", "{ units: 5 }, { units: 5 }", "alerts", says: "ascending"),
        credits("{ units: 5_000 }", "90", "alerts", says: "ascending"),
        image("user_limit: 10", "user_limit: 0", "user_limit", says: "from 1"),
        image("session_limit: 3", "session_limit: many", "session_limit", says: "whole number"),
        image("per: day, ", "", "", says: "`per` is missing"),
        image("per: day", "per: day, rollover: { max: 5 }", "rollover", says: "sliding"),
        image("per: day", "per: day, carry_overage: true", "carry_overage", says: "sliding"),
        image(
            "per: day, reset: sliding",
            "reset: never, rollover: { max: 5 }",
            "rollover",
            says: "never resets"
        ),
        image("limit: 20", "limit: unlimited", "overage", says: "nothing beyond"),
        image(
            "limit: 20, per: day, reset: sliding, overage: { limit: 5 }",
            "limit: unlimited",
            "",
            says: "`per` is missing"
        ),
        image(
            "limit: 20, per: day, reset: sliding, overage: { limit: 5 }",
            "limit: unlimited, per: day, rollover: { max: 5 }",
            "rollover",
            says: "give a limit"
        ),
        Mistake(
            "{ limit: 5,",
            "{ limit: 5, per: day,",
            line: 6,
            "entitlements.jobs.per",
            says: "unknown key"
        ),
        Mistake(
            "{ limit: 5,",
            "{ limit: 5, overage: allow,",
            line: 6,
            "entitlements.jobs.overage",
            says: "unknown key"
        ),
        Mistake(
            "burst: 40",
            "rollover: { max: 5 }",
            line: 7,
            "entitlements.search.rollover",
            says: "unknown key"
        ),
    ]

    private static func pool(_ old: String, _ new: String, _ key: String, says: String) -> Mistake {
        Mistake(old, new, line: 3, "features.image.\(key)", says: says)
    }

    private static func credits(
        _ old: String,
        _ new: String,
        _ key: String,
        says: String
    ) -> Mistake {
        Mistake(old, new, line: 4, "entitlements.credits.\(key)", says: says)
    }

    private static func image(_ old: String, _ new: String, _ key: String, says: String) -> Mistake
    {
        let field = key.isEmpty ? "" : ".\(key)"
        return Mistake(old, new, line: 5, "entitlements.image\(field)", says: says)
    }
}
