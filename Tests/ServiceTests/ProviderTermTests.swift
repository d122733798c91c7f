import Entitlements
import Postgres
import Store
import TestSupport
import Testing

@testable import Service

/// A webhook's way from the provider's words to a decision, for all but plan and status.
@Suite(.inTurn, .database, .timeLimit(.minutes(3))) struct `What a provider says beside the plan` {
    private func deliver(
        _ world: World,
        _ event: String,
        _ subscription: StripeSubscription,
        _ changed: [String: JSON]
    ) async throws {
        let members = subscription.json.object ?? [:]
        world.provider.set("sub_1", .object(.object(members.merging(changed) { $1 })))
        #expect(try await world.deliver(StripeEvent(event)) == .applied)
    }

    @Test func `opens a grace after a trial that can be paid, and none after another`()
        async throws
    {
        try await World.run { world in
            let session = try await world.signUp(customer: "cus_acme")
            let ended = Instant(microseconds: 1_700_000_000_000_000)
            let trial = StripeSubscription(status: "trialing", trialEnd: ended)
            try await deliver(world, "evt_1", trial, ["default_payment_method": "pm_1"])
            let held = try #require(try await world.subscriptions().first)
            #expect(held.subscription.hasPaymentMethod)
            #expect(try await world.reason(session) == .paymentFailed)
            let settings: JSON = ["end_behavior": ["missing_payment_method": "pause"]]
            try await deliver(world, "evt_2", trial, ["trial_settings": settings])
            let bare = try #require(try await world.subscriptions().first).subscription
            #expect(!bare.hasPaymentMethod && bare.trialAtEnd == .pause)
            #expect(try await world.reason(session) == .trialEnded)
        }
    }

    @Test func `takes a row away with the last piece of an item`() async throws {
        try await World.run { world in
            let session = try await world.signUp(customer: "cus_acme")
            var held = StripeSubscription()
            try await deliver(world, "evt_1", held, [:])
            #expect(try await world.reason(session) == .plan)
            held.items[0].quantity = 0
            try await deliver(world, "evt_2", held, [:])
            #expect(try await world.subscriptions().isEmpty)
            #expect(try await world.reason(session) == .notInPlan)
        }
    }
}
