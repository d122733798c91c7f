import Entitlements
import Postgres
import Store
import TestSupport
import Testing

@testable import Service

@Suite(.inTurn, .database, .timeLimit(.minutes(3))) struct `A synchronisation` {
    private let ended = Instant(microseconds: StripeSubscription.start * 1_000_000)

    private func canceled(_ id: String) -> StripeSubscription {
        StripeSubscription(id: id, status: "canceled", endedAt: ended)
    }

    @Test func `of a subscription is in force when it answers, without a webhook`() async throws {
        try await World.run { world in
            let session = try await world.signUp(customer: "cus_acme")
            world.provider.set(StripeSubscription())
            let first = try await world.sync(.subscription("sub_1"))
            #expect(first.status == .applied)
            #expect(first.account == "acme")
            #expect(try await world.reason(session) == .plan)
            #expect(first.revision == (try await world.service.account("acme").revision))

            let second = try await world.sync(.subscription("sub_1"))
            #expect(second.status == .unchanged)
            #expect(second.revision == first.revision)
        }
    }

    @Test func `of a customer fetches each subscription of the list on its own`() async throws {
        try await World.run { world in
            let session = try await world.signUp(customer: "cus_acme")
            let calls = StripeSubscription(
                id: "sub_2",
                items: [StripeSubscription.Item(price: "price_calls")]
            )
            world.provider.set(customer: "cus_acme", holding: [StripeSubscription(), calls])
            let result = try await world.sync(.customer("cus_acme"))
            #expect(result.status == .applied)
            #expect(result.account == "acme")
            #expect(try await world.decision(session, "api_calls").limit == .units(150_000))
            for id in ["sub_1", "sub_2"] { #expect(world.provider.fetches(of: id) == 1) }
        }
    }

    @Test func `of a customer ends what is no longer on its list`() async throws {
        try await World.run { world in
            let session = try await world.signUp(customer: "cus_acme")
            world.provider.set(customer: "cus_acme", holding: [StripeSubscription()])
            try await world.sync(.customer("cus_acme"))
            #expect(try await world.reason(session) == .plan)

            world.provider.set(customer: "cus_acme", holding: [])
            world.provider.set(canceled("sub_1"))
            #expect(try await world.sync(.customer("cus_acme")).status == .applied)
            #expect(try await world.reason(session) == .subscriptionEnded)
        }
    }

    @Test func `of a customer cannot overwrite with a list that has grown old`() async throws {
        try await World.run { world in
            let session = try await world.signUp(customer: "cus_acme")
            world.provider.set(customer: "cus_acme", holding: [StripeSubscription()])
            let gate = world.provider.hold(FakeProvider.list("cus_acme"))
            async let sync = world.sync(.customer("cus_acme"))
            await world.provider.arrivals(of: FakeProvider.list("cus_acme")).wait()

            // The list on its way says `active`; meanwhile the subscription ends.
            world.provider.set(canceled("sub_1"))
            #expect(try await world.deliver(StripeEvent("evt_1")) == .applied)
            gate.open()
            _ = try await sync
            #expect(try await world.reason(session) == .subscriptionEnded)
            #expect(try await world.subscriptions().map(\.subscription.status) == [.canceled])
        }
    }

    @Test func `of a customer that was deleted ends all that it had`() async throws {
        try await World.run { world in
            let session = try await world.signUp(customer: "cus_acme")
            let both = [StripeSubscription(), StripeSubscription(id: "sub_2")]
            world.provider.set(customer: "cus_acme", holding: both)
            try await world.sync(.customer("cus_acme"))

            world.provider.set("cus_acme", .object(["id": "cus_acme", "deleted": true]))
            for id in ["sub_1", "sub_2"] { world.provider.set(canceled(id)) }
            let event = StripeEvent(
                "evt_1",
                type: "customer.deleted",
                object: ["id": "cus_acme", "object": "customer"]
            )
            #expect(try await world.deliver(event) == .applied)
            #expect(try await world.reason(session) == .subscriptionEnded)
            #expect(world.provider.fetches(of: FakeProvider.list("cus_acme")) == 1)
        }
    }

    @Test func `of a customer whose subscription cannot be fetched is not done yet`()
        async throws
    {
        try await World.run { world in
            let session = try await world.signUp(customer: "cus_acme")
            world.provider.set(customer: "cus_acme", holding: [StripeSubscription()])
            world.provider.set("sub_1", .status(500))
            #expect(try await world.sync(.customer("cus_acme")).status == .queued)
            #expect(try await world.reason(session) == .notInPlan)
            world.provider.set(StripeSubscription())
            try await world.makeDue()
            try await world.work()
            #expect(try await world.reason(session) == .plan)
        }
    }

    @Test func `of who belongs to no account is queued`() async throws {
        try await World.run { world in
            world.provider.set(customer: "cus_acme", holding: [StripeSubscription()])
            let result = try await world.sync(.customer("cus_acme"))
            #expect(result == SyncResult(status: .queued, account: nil, revision: nil))
            let session = try await world.signUp(customer: "cus_acme")
            try await world.work()
            #expect(try await world.reason(session) == .plan)
        }
    }

    @Test func `waits no longer than it may`() async throws {
        try await World.run { world in
            try await world.signUp(customer: "cus_acme")
            world.provider.set(StripeSubscription())
            let gate = world.provider.hold("sub_1")
            let result = try await world.sync(
                .subscription("sub_1"),
                within: .milliseconds(50)
            )
            #expect(result.status == .queued)
            gate.open()
            try await eventually { try await world.subject().progress.done == 1 }
            #expect(try await world.subscriptions().count == 1)
        }
    }

    @Test func `of a source that is not there is refused`() async throws {
        try await World.run(catalog: []) { world in
            let key = SubjectKey(source: "other", kind: "customer", id: "cus_1")
            let refused = try await refusal { try await world.sync(key) }
            #expect(refused.code == .unknownSource)
            #expect(try await world.count("select count(*) as n from subject") == 0)
        }
    }
}
