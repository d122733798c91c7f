import Catalog
import Entitlements
import Postgres
import Store
import TestSupport
import Testing

@testable import Service

@Suite(.inTurn, .database, .timeLimit(.minutes(3))) struct `Applying a catalog` {
    private static let dearer = Catalogs.pro.replacing("report_days: 90", with: "report_days: 365")

    @Test func `is in force at the next check, for every subscription at once`() async throws {
        try await World.run { world in
            let session = try await world.signUp()
            try await world.subscribe()
            #expect(try await world.decision(session, "report_days").value == 90)
            let outcome = try await world.apply(Catalogs.files(["pro.yaml": Self.dearer]))
            #expect(outcome.isApplied)
            let decision = try await world.decision(session, "report_days")
            #expect(decision.value == 365)
            #expect(decision.source?.version == 2)
        }
    }

    @Test func `tells what it would change, and until it is applied changes nothing`()
        async throws
    {
        try await World.run { world in
            let files = Catalogs.files(["pro.yaml": Self.dearer, "calls.yaml": nil])
            let changes = try await world.changes()
            let diff = try await world.service.diffCatalog(files)
            #expect(!diff.isApplied)
            #expect(
                diff.changes.map(\.description).sorted() == [
                    "addon extra_calls: removed",
                    "plan pro: report_days 90 → 365, becomes version 2",
                ]
            )
            #expect(try await world.changes() == changes)
            #expect(try await world.apply(files).changes == diff.changes)
            #expect(try await world.service.diffCatalog(files).changes.isEmpty)
        }
    }

    @Test func `that is there already writes nothing`() async throws {
        try await World.run { world in
            let changes = try await world.changes()
            let revision = try await world.service.store.catalog().revision
            let rows = try await rowVersions(in: world)
            let outcome = try await world.apply(Catalogs.standard)
            #expect(try await rowVersions(in: world) == rows)
            #expect(outcome.changes.isEmpty)
            #expect(outcome.isApplied)
            #expect(outcome.revision == revision)
            #expect(try await world.changes() == changes)
        }
    }

    @Test func `with mistakes names each of them and applies nothing`() async throws {
        try await World.run { world in
            let changes = try await world.changes()
            let broken = Catalogs.pro.replacing("sso: true", with: "sos: true")
                .replacing("limit: 10 ", with: "limit: ten ")
            let refused = try await refusal {
                try await world.apply(
                    Catalogs.files(["pro.yaml": broken, "calls.yaml": Catalogs.calls])
                )
            }
            #expect(refused.code == .catalogInvalid)
            let problems = try #require(refused.problems)
            #expect(problems.count == 2)
            let first = try #require(problems.first)
            #expect(first["file"] == "pro.yaml")
            #expect(first["line"] == 5)
            #expect(first["field"]?.string?.contains("sos") == true)
            #expect(first["remedy"]?.string?.isEmpty == false)
            #expect(try await world.changes() == changes)
        }
    }

    @Test func `twice at once makes one version, not two`() async throws {
        try await World.run { world in
            let files = Catalogs.files(["pro.yaml": Self.dearer])
            let outcomes = try await applyAtOnce(files, files, in: world)
            #expect(outcomes.map(\.changes.isEmpty).sorted { !$0 && $1 } == [false, true])
            let pro = try await plan("pro", in: world)
            #expect(pro.currentVersion == 2)
            #expect(pro.versions.map(\.version.version) == [1, 2])
        }
    }

    @Test func `and another one at once leaves one of them whole`() async throws {
        try await World.run { world in
            let days = ["first": 365, "second": 730]
            func files(_ name: String) -> [CatalogFile] {
                let text = Catalogs.pro.replacing("90", with: "\(days[name] ?? 0)")
                let addon = Catalogs.calls.replacing("50_000", with: "\(days[name] ?? 0)")
                return Catalogs.files(["pro.yaml": text, "calls.yaml": addon])
            }
            _ = try await applyAtOnce(files("first"), files("second"), in: world)
            let pro = try await plan("pro", in: world)
            let calls = try await plan("extra_calls", in: world)
            let value = pro.definition.entitlements["report_days"]?.value?.integer
            let limit = calls.definition.entitlements["api_calls"]?.limit
            #expect(pro.currentVersion == 3)
            #expect(value == 365 || value == 730)
            #expect(limit == value.map(Quantity.units))
        }
    }

    /// Applies two catalogs, the second before the first has written anything.
    private func applyAtOnce(
        _ first: [CatalogFile],
        _ second: [CatalogFile],
        in world: World
    ) async throws -> [CatalogOutcome] {
        let (isHeld, goOn) = (Signal(), Signal())
        // Whoever writes a plan waits for this.
        async let holder: Void = world.pool.transaction { connection in
            _ = try await connection.query("select from plan for update")
            isHeld.fire()
            await goOn.wait()
        }
        await isHeld.wait()
        let applying = [first, second].map { files in Task { try await world.apply(files) } }
        let bothWait = await Task {
            try await world.withSecondInstance { onlooker in
                try await eventually { try await onlooker.count(Self.waiting) == 2 }
            }
        }
        .result
        goOn.fire()
        try await holder
        try bothWait.get()
        var outcomes: [CatalogOutcome] = []
        for task in applying { outcomes.append(try await task.value) }
        return outcomes
    }

    private static let waiting: SQL = """
        select count(*) as n from pg_stat_activity
         where datname = current_database() and wait_event_type = 'Lock'
        """

    /// Which transactions wrote the rows that there are: not even an equal row may be written.
    private func rowVersions(in world: World) async throws -> String {
        let rows = try await world.pool.query(
            """
            select (select string_agg(xmin::text, ' ' order by plan_id) from plan)
                   || (select string_agg(xmin::text, ' ' order by feature_id) from feature) as rows
            """
        )
        return try #require(rows.first).text("rows")
    }

    private func plan(
        _ id: String,
        in world: World
    ) async throws -> StoredCatalog.StoredPlan {
        let plans = try await world.service.store.catalog().plans
        return try #require(plans.first { $0.definition.id == id })
    }
}

@Suite(.inTurn, .database, .timeLimit(.minutes(3))) struct `A plan's version` {
    private func version(_ world: World) async throws -> Int {
        let plans = try await world.service.store.catalog().plans
        return try #require(plans.first { $0.definition.id == "pro" }).currentVersion
    }

    @Test(arguments: [
        (old: "name: Pro", new: "name: Professional", becomes: 1),
        (old: "[price_pro]", new: "[price_other]", becomes: 1),
        (old: "  sso: true\n", new: "", becomes: 2),
        (old: "days: 14", new: "days: 30", becomes: 2),
        (old: "limit: 10 ", new: "limit: 11 ", becomes: 2),
    ])
    func `goes up with its content, and with nothing else`(
        old: String,
        new: String,
        becomes: Int
    ) async throws {
        try await World.run { world in
            let pro = Catalogs.pro.replacing(old, with: new)
            #expect(pro != Catalogs.pro)
            let outcome = try await world.apply(Catalogs.files(["pro.yaml": pro]))
            #expect(!outcome.changes.isEmpty)
            #expect(try await version(world) == becomes)
        }
    }

    @Test func `is a new one when the content of an old one comes back`() async throws {
        try await World.run { world in
            try await world.apply(
                Catalogs.files(["pro.yaml": Catalogs.pro + "\ngrace: { days: 1 }"])
            )
            try await world.apply(Catalogs.standard)
            #expect(try await version(world) == 3)
        }
    }

    @Test func `is kept by those who had it, when the new one is for new ones`() async throws {
        try await World.run { world in
            let old = try await world.signUp("acme")
            try await world.subscribe("acme")
            let pro = Catalogs.pro.replacing("report_days: 90", with: "report_days: 30")
            try await world.apply(Catalogs.files(["pro.yaml": pro]), grandfather: true)
            let new = try await world.signUp("bolt")
            try await world.subscribe("bolt")
            let kept = try await world.decision(old, "report_days")
            #expect(kept.value == 90)
            #expect(kept.source?.version == 1)
            let bought = try await world.decision(new, "report_days")
            #expect(bought.value == 30)
            #expect(bought.source?.version == 2)
        }
    }

    @Test func `is kept by a grandfathered subscription that the provider feeds`() async throws {
        try await World.run { world in
            let session = try await world.signUp(customer: "cus_acme")
            world.provider.set(StripeSubscription())
            try await world.deliver(StripeEvent("evt_1"))
            let pro = Catalogs.pro.replacing("report_days: 90", with: "report_days: 30")
            try await world.apply(Catalogs.files(["pro.yaml": pro]), grandfather: true)
            #expect(try await world.decision(session, "report_days").value == 90)
            #expect(try await world.deliver(StripeEvent("evt_2")) == .applied)
            #expect(try await world.decision(session, "report_days").value == 90)
        }
    }
}

@Suite(.inTurn, .database, .timeLimit(.minutes(3))) struct `What leaves the catalog` {
    @Test func `stays with those who have it`() async throws {
        try await World.run { world in
            let session = try await world.signUp()
            try await world.subscribe()
            try await world.apply(Catalogs.files(["pro.yaml": nil]))
            #expect(try await world.reason(session) == .plan)
            let plans = try await world.service.store.catalog().plans
            #expect(plans.first { $0.definition.id == "pro" }?.isArchived == true)
        }
    }

    @Test func `is unknown when it was a feature, and known again when it comes back`()
        async throws
    {
        try await World.run { world in
            let session = try await world.signUp()
            try await world.subscribe()
            let features = Catalogs.features.replacing("  seats: { type: seats }", with: "")
            let pro = Catalogs.pro.replacing("  seats: { limit: 10 }\n", with: "")
            try await world.apply(Catalogs.files(["features.yaml": features, "pro.yaml": pro]))
            let refused = try await refusal { _ = try await world.decision(session, "seats") }
            #expect(refused.code == .unknownFeature)
            #expect(refused.field == "feature")
            try await world.apply(Catalogs.standard)
            #expect(try await world.decision(session, "seats").limit == .units(10))
        }
    }
}
