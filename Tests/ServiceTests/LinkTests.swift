import Entitlements
import Postgres
import Store
import TestSupport
import Testing

@testable import Service

@Suite(.inTurn, .database, .timeLimit(.minutes(3))) struct `A customer without an account` {
    @Test func `waits, is given to nobody, and counts once it is linked`() async throws {
        try await World.run { world in
            let session = try await world.signUp()
            world.provider.set(StripeSubscription())
            #expect(try await world.deliver(StripeEvent("evt_1")) == .queued)
            let event = try await world.event("evt_1")
            #expect(event.state == .unlinked)
            #expect(event.lastError?.contains("cus_acme") == true)
            #expect(try await world.count("select count(*) as n from subscription") == 0)
            try await world.work()
            #expect(world.provider.fetches(of: "sub_1") == 1, "it waits for the link alone")

            try await world.link("acme", to: "cus_acme")
            try await world.work()
            #expect(try await world.event("evt_1").state == .applied)
            #expect(try await world.event("evt_1").lastError == nil)
            #expect(try await world.reason(session) == .plan)
        }
    }

    @Test func `is asked about anew when linked, for what was seen may be old`() async throws {
        try await World.run { world in
            let session = try await world.signUp()
            world.provider.set(StripeSubscription())
            try await world.deliver(StripeEvent("evt_1"))
            world.provider.set(StripeSubscription(status: "unpaid"))
            try await world.link("acme", to: "cus_acme")
            try await world.work()
            #expect(try await world.reason(session) == .paymentFailed)
        }
    }

    @Test func `cannot be taken from the account that has it`() async throws {
        try await World.run { world in
            try await world.link("acme", to: "cus_acme")
            let refused = try await refusal { try await world.link("bolt", to: "cus_acme") }
            #expect(refused.code == .customerLinkedElsewhere)
            #expect(refused.field == "billing.stripe")
            let gone = try await refusal { _ = try await world.service.account("bolt") }
            #expect(gone.code == .unknownAccount)
        }
    }

    @Test func `of a source that is not there is refused`() async throws {
        try await World.run(catalog: []) { world in
            let refused = try await refusal {
                _ = try await world.service.put(
                    account: "acme",
                    AccountContent(customers: ["other": "cus_1"]),
                    as: world.author
                )
            }
            #expect(refused.code == .unknownSource)
            #expect(refused.field == "billing.other")
        }
    }
}

@Suite(.inTurn, .database, .timeLimit(.minutes(3))) struct `What was bought` {
    private typealias Item = StripeSubscription.Item

    @Test func `is a row for each item, and together they entitle`() async throws {
        try await World.run { world in
            let session = try await world.signUp(customer: "cus_acme")
            let calls = Item(id: "si_2", price: "price_calls", quantity: 3)
            world.provider.set(StripeSubscription(items: [Item(), calls]))
            #expect(try await world.deliver(StripeEvent("evt_1")) == .applied)
            let held = try await world.subscriptions()
            #expect(held.map(\.subscription.id) == ["sub_1", "sub_1:si_2"])
            #expect(held.map(\.subscription.plan) == ["pro", "extra_calls"])
            #expect(held.map(\.subscription.quantity) == [1, 3])
            #expect(held.allSatisfy { $0.providerID == "sub_1" })
            #expect(try await world.decision(session, "api_calls").limit == .units(250_000))

            world.provider.set(StripeSubscription())
            #expect(try await world.deliver(StripeEvent("evt_2")) == .applied)
            #expect(try await world.subscriptions().map(\.subscription.id) == ["sub_1"])
            #expect(try await world.decision(session, "api_calls").limit == .units(100_000))
        }
    }

    @Test func `at a price that no plan has is a dead letter with the remedy`() async throws {
        try await World.run { world in
            let session = try await world.signUp(customer: "cus_acme")
            world.provider.set(StripeSubscription(items: [Item(price: "price_new")]))
            #expect(try await world.deliver(StripeEvent("evt_1")) == .queued)
            let dead = try await world.event("evt_1")
            #expect(dead.state == .dead)
            for part in ["price_new", "billing.stripe", "plans/", "replay"] {
                #expect(dead.lastError?.contains(part) == true, "\(part)")
            }
            #expect(try await world.reason(session) == .notInPlan)

            let pro = Catalogs.pro.replacing("[price_pro]", with: "[price_pro, price_new]")
            try await world.apply(Catalogs.files(["pro.yaml": pro]))
            let replayed = try await world.service.replay(
                dead.id,
                within: .seconds(10),
                as: world.author
            )
            #expect(replayed.state == .applied)
            #expect(try await world.reason(session) == .plan)
        }
    }

    @Test func `keeps the instant at which it first became past due`() async throws {
        try await World.run { world in
            try await world.signUp(customer: "cus_acme")
            world.provider.set(StripeSubscription(status: "past_due"))
            try await world.deliver(StripeEvent("evt_1"))
            let first = try await world.subscriptions().first?.subscription.pastDueSince
            #expect(first != nil)
            try await world.deliver(StripeEvent("evt_2"))
            #expect(try await world.subscriptions().first?.subscription.pastDueSince == first)
            world.provider.set(StripeSubscription())
            try await world.deliver(StripeEvent("evt_3"))
            #expect(try await world.subscriptions().first?.subscription.pastDueSince == nil)
        }
    }

    @Test func `is no change when the provider says what is known already`() async throws {
        try await World.run { world in
            try await world.signUp(customer: "cus_acme")
            world.provider.set(StripeSubscription())
            try await world.deliver(StripeEvent("evt_1"))
            let changes = try await world.changes()
            #expect(try await world.deliver(StripeEvent("evt_2")) == .applied)
            #expect(try await world.changes() == changes)
            #expect(world.provider.fetches(of: "sub_1") == 2)
        }
    }
}
