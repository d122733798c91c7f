import Catalog
import Entitlements
import Postgres
import Store
import TestSupport
import Testing

@Suite(.database, .timeLimit(.minutes(5))) struct `The tables of the catalog` {
    let shop: Shop
    let store: Store

    init() async throws {
        shop = try await Shop()
        store = shop.store
    }

    private func write(_ body: @Sendable (Connection) async throws -> Void) async throws {
        try await store.write(as: Shop.author) { connection in
            try await store.lockCatalog(on: connection)
            try await body(connection)
        }
    }

    private static let seats = Feature(
        id: "seats",
        kind: .seats,
        name: "Seats",
        unit: "seat"
    )
    private static let days = Feature(id: "days", kind: .config, valueType: .integer)

    private static let team = PlanDefinition(
        id: "team",
        kind: .plan,
        name: "Team",
        description: "For teams",
        isDefault: true,
        trialDays: 14,
        trialThen: "free",
        grace: .seconds(3 * 86_400),
        entitlements: [
            "sso": Entitlement(value: true),
            "days": Entitlement(value: 90),
            "seats": Entitlement(limit: .units(10), settings: ["alerts": [80, 100]]),
            "calls": Entitlement(limit: .unlimited),
        ],
        prices: ["stripe": ["price_team_m", "price_team_y"], "lago": ["team"]]
    )

    private func writeTeam(version: Int = 1) async throws {
        let store = store
        try await write { connection in
            try await store.put(feature: Self.seats, on: connection)
            try await store.put(feature: Self.days, on: connection)
            try await store.put(plan: Self.team, version: version, on: connection)
            try await store.insert(version: Self.team.version(version), on: connection)
        }
    }

    @Test func `give back what was written`() async throws {
        try await writeTeam()
        let store = store
        try await write { connection in
            try await store.put(prices: [Self.team], on: connection)
        }
        let catalog = try await store.catalog()
        #expect(catalog.features.map(\.id) == ["calls", "days", "seats", "sso"])
        #expect(catalog.features[2] == Self.seats && catalog.features[1] == Self.days)
        let team = try #require(catalog.plans.first { $0.definition.id == "team" })
        #expect(team.definition == Self.team)
        #expect(team.currentVersion == 1 && !team.isArchived)
        #expect(team.versions.map(\.version) == [Self.team.version(1)])
        #expect(try await catalog.revision == shop.revision(""))
        #expect(catalog.latestVersions == ["free": 1, "pack": 1, "pro": 1, "team": 1])
        // All that the check path shares is the same.
        let reader = shop.reader()
        let live = try await reader.view().live
        #expect(live.features == catalog.features)
        #expect(live.configuration.plans["team"]?.versions == [1: Self.team.version(1)])
        await reader.close()
    }

    private static let image = Feature(id: "image", kind: .metered, pool: "money", cost: 10)
    private static let money = Feature(id: "money", kind: .metered)

    @Test func `give back what draws on a pool, in whatever order it was written`() async throws {
        let store = store
        try await write { connection in
            try await store.put(feature: Self.image, on: connection)
            try await store.put(feature: Self.money, on: connection)
            try await store.put(feature: Feature(id: "jobs", kind: .concurrency), on: connection)
        }
        let features = try await store.catalog().features
            .filter { !["calls", "sso"].contains($0.id) }
        #expect(features == [Self.image, Feature(id: "jobs", kind: .concurrency), Self.money])
        let revision = try await shop.revision("")
        try await write { try await store.put(feature: Self.image, on: $0) }
        #expect(try await shop.revision("") == revision)
        // What draws on nothing any more costs nothing.
        try await write { connection in
            try await store.put(feature: Feature(id: "image", kind: .metered), on: connection)
        }
        let image = try await store.catalog().features.first { $0.id == "image" }
        #expect(image == Feature(id: "image", kind: .metered))
    }

    @Test(arguments: [
        ("pool_id = 'image', cost = 1 where feature_id = 'image'", "feature_draws"),
        ("type = 'level' where feature_id = 'image'", "feature_draws"),
        ("pool_id = 'sso' where feature_id = 'image'", "feature_pool_is_metered"),
        ("pool_id = 'gone' where feature_id = 'image'", "feature_pool_is_feature"),
        ("pool_id = 'image' where feature_id = 'calls'", "feature_pool_is_metered"),
        ("pool_id = 'calls' where feature_id = 'money'", "feature_pool_is_metered"),
        ("type = 'rate' where feature_id = 'money'", "feature_pool_is_metered"),
        ("archived_at = now() where feature_id = 'money'", "feature_pool_is_metered"),
        ("cost = 0 where feature_id = 'image'", "feature_cost"),
        ("cost = 1000000001 where feature_id = 'image'", "feature_cost"),
        ("cost = 2 where feature_id = 'money'", "feature_cost_of_pool"),
    ])
    func `refuse a pool that is none`(assignment: String, constraint: String) async throws {
        let store = store
        try await write { connection in
            try await store.put(feature: Self.money, on: connection)
            try await store.put(feature: Self.image, on: connection)
        }
        let error = await #expect(throws: PostgresError.self) {
            try await shop.run("update feature set \(assignment)")
        }
        #expect(error?.constraint == constraint)
        // Both may go at once, and what is gone draws on nothing.
        try await write { connection in
            try await store.archive(exceptFeatures: ["sso"], plans: [], on: connection)
        }
        try await shop.run("update feature set type = 'rate' where feature_id = 'money'")
    }

    @Test func `record nothing when the same is put again`() async throws {
        try await writeTeam()
        let store = store
        try await write { try await store.put(prices: [Self.team], on: $0) }
        let revision = try await shop.revision("")
        try await write { connection in
            try await store.put(feature: Self.seats, on: connection)
            try await store.put(plan: Self.team, version: 1, on: connection)
            try await store.put(prices: [Self.team], on: connection)
            try await store.archive(
                exceptFeatures: ["calls", "days", "seats", "sso"],
                plans: ["free", "pack", "pro", "team"],
                on: connection
            )
        }
        #expect(try await shop.revision("") == revision)
    }

    @Test func `have one default plan, the last that was put as such`() async throws {
        try await writeTeam()
        #expect(try await store.catalog().definition.defaultPlan?.id == "team")
        let store = store
        try await write { connection in
            let free = PlanDefinition(id: "free", kind: .plan, isDefault: true)
            try await store.put(plan: free, version: 1, on: connection)
        }
        #expect(try await store.catalog().plans.filter(\.definition.isDefault).count == 1)
        #expect(try await store.catalog().definition.defaultPlan?.id == "free")
        let error = await #expect(throws: PostgresError.self) {
            try await shop.run("update plan set is_default = true")
        }
        #expect(error?.constraint == "plan_one_default")
    }

    @Test func `archive what left the files, and take it back when it returns`() async throws {
        try await writeTeam()
        let store = store
        try await write { connection in
            try await store.archive(
                exceptFeatures: ["sso", "calls"],
                plans: ["free", "pro"],
                on: connection
            )
        }
        let archived = try await store.catalog()
        #expect(archived.features.map(\.id) == ["calls", "sso"])
        #expect(archived.plans.filter(\.isArchived).map(\.definition.id) == ["pack", "team"])
        #expect(archived.definition.plans.map(\.id) == ["free", "pro"])
        #expect(archived.definition.defaultPlan == nil)
        // A new version of a plan that was away goes on counting.
        #expect(archived.latestVersions["team"] == 1)
        // Who has an archived plan keeps it: the check path still knows its content.
        let reader = shop.reader()
        let plans = try await reader.view().live.configuration.plans
        #expect(plans["team"]?.versions[1]?.entitlements["sso"]?.value == true)
        await reader.close()
        try await writeTeam(version: 2)
        let back = try await store.catalog()
        #expect(back.features.map(\.id) == ["calls", "days", "seats", "sso"])
        #expect(back.definition.plans.map(\.id) == ["free", "pro", "team"])
        #expect(back.plans.last?.versions.map(\.version.version) == [1, 2])
    }

    @Test func `keep the followers of a plan on their version`() async throws {
        for account in ["acme", "other", "third"] { try await shop.open(account) }
        try await shop.run(
            """
            insert into plan_version (plan_id, version) values ('pro', 2);
            update subscription set version = 2 where account_id = 'other';
            update subscription set plan_id = 'free' where account_id = 'third';
            """
        )
        let store = store
        try await write { connection in
            let kept = try await store.grandfather(plan: "pro", version: 1, on: connection)
            #expect(kept == 1)
        }
        func version(_ account: String) async throws -> Int? {
            try await store.subscription("sub", of: account)?.subscription.version
        }
        #expect(try await version("acme") == 1)
        #expect(try await version("other") == 2)
        #expect(try await version("third") == nil)
    }

    @Test func `make the prices exactly these, moving those that moved`() async throws {
        let store = store
        let free = PlanDefinition(id: "free", kind: .plan, prices: ["stripe": ["price_pro"]])
        let pro = PlanDefinition(id: "pro", kind: .plan, prices: ["stripe": ["new"], "x": ["new"]])
        try await write { connection in
            try await store.put(prices: [free, pro], on: connection)
            let plans = try await store.plans(
                ofPrices: ["price_pro", "new", "gone"],
                source: "stripe",
                on: connection
            )
            #expect(plans == ["price_pro": "free", "new": "pro"])
            try await store.put(prices: [], on: connection)
        }
        #expect(try await shop.number("select count(*) from plan_price") == 0)
    }

    @Test func `switch a feature off from the first switch on, and on again`() async throws {
        let store = store
        func setDisabled(_ feature: String, _ disabled: Bool) async throws -> Bool {
            try await store.write(as: Shop.author) { connection in
                try await store.setDisabled(feature: feature, disabled, on: connection)
            }
        }
        func since() async throws -> Instant? {
            try await store.catalog().features.first { $0.id == "sso" }?.disabledSince
        }
        #expect(try await setDisabled("sso", true))
        let first = try #require(try await since())
        #expect(try await setDisabled("sso", true))
        #expect(try await since() == first)
        // Applying the files does not switch it on.
        try await write { try await store.put(feature: Feature(id: "sso", kind: .boolean), on: $0) }
        #expect(try await since() == first)
        #expect(try await setDisabled("sso", false))
        #expect(try await since() == nil)
        #expect(try await !setDisabled("unknown", true))
        try await shop.run("update feature set archived_at = now() where feature_id = 'calls'")
        #expect(try await !setDisabled("calls", true))
    }

    @Test func `are written by one at a time`() async throws {
        let store = store
        let url = shop.url
        try await write { _ in
            let other = try await Connection(
                ConnectionSettings(url: url, lockTimeout: .milliseconds(50))
            )
            try await other.execute(script: "begin")
            let error = await #expect(throws: PostgresError.self) {
                try await store.lockCatalog(on: other)
            }
            #expect(error?.sqlState == "55P03")
        }
    }
}
