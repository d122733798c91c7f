import Entitlements
import Postgres
import Store
import TestSupport
import Testing

@testable import Service

@Suite(.inTurn, .database, .timeLimit(.minutes(5))) struct `A pinned version` {
    /// A world in which a new version of the plan came, and `acme` was left on the former one.
    private func run(_ body: (World, _ session: String) async throws -> Void) async throws {
        try await World.run { world in
            let session = try await world.signUp(customer: "cus_acme")
            world.provider.set(StripeSubscription())
            #expect(try await world.deliver(StripeEvent("evt_1")) == .applied)
            let pro = Catalogs.pro.replacing("report_days: 90", with: "report_days: 30")
            try await world.apply(Catalogs.files(["pro.yaml": pro]), grandfather: true)
            try await body(world, session)
        }
    }

    private func expect(
        version: Int?,
        of plan: String,
        in world: World,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let held = try #require(try await world.subscriptions().first).subscription
        #expect(held.plan == plan, sourceLocation: sourceLocation)
        #expect(held.version == version, sourceLocation: sourceLocation)
    }

    @Test func `outlives the provider's next word`() async throws {
        try await run { world, session in
            world.provider.set(StripeSubscription(status: "past_due"))
            #expect(try await world.deliver(StripeEvent("evt_2")) == .applied)
            try await expect(version: 1, of: "pro", in: world)
            #expect(try await world.decision(session, "report_days").value == 90)
        }
    }

    @Test func `outlives the sweep`() async throws {
        try await run { world, session in
            _ = try await world.pool.query(
                "update subject set verified_at = clock_timestamp() - interval '2 days'"
            )
            #expect(try await world.service.store.sweep(sources: ["stripe"]) == 1)
            try await world.work()
            #expect(world.provider.fetches(of: "sub_1") == 2)
            try await expect(version: 1, of: "pro", in: world)
            #expect(try await world.decision(session, "report_days").value == 90)
        }
    }

    @Test func `ends when the plan changes at the provider, for good`() async throws {
        try await run { world, session in
            var changed = StripeSubscription()
            changed.items[0].price = "price_calls"
            world.provider.set(changed)
            #expect(try await world.deliver(StripeEvent("evt_2")) == .applied)
            try await expect(version: nil, of: "extra_calls", in: world)
            world.provider.set(StripeSubscription())
            #expect(try await world.deliver(StripeEvent("evt_3")) == .applied)
            try await expect(version: nil, of: "pro", in: world)
            #expect(try await world.decision(session, "report_days").value == 30)
        }
    }

    /// By hand, a version is what the call says.
    @Test func `is lifted by a call that names none`() async throws {
        try await World.run { world in
            let session = try await world.signUp()
            try await world.subscribe()
            let pro = Catalogs.pro.replacing("report_days: 90", with: "report_days: 30")
            try await world.apply(Catalogs.files(["pro.yaml": pro]), grandfather: true)
            #expect(try await world.decision(session, "report_days").value == 90)
            try await world.subscribe()
            #expect(try await world.decision(session, "report_days").value == 30)
        }
    }
}
