import Entitlements
import Limits
import Outbound
import Postgres
import Store
import TestSupport
import Testing

@testable import Service

/// What a fetch leaves behind that fails, for the event that came meanwhile and for the next one.
@Suite(.inTurn, .database, .timeLimit(.minutes(5))) struct `A fetch that fails` {
    /// Delivers a second event while the fetch for the first is under way, and gets this answer.
    private func deliverDuring(
        _ answer: FakeProvider.Answer,
        _ body: (World, _ second: Reception.Status) async throws -> Void
    ) async throws {
        try await World.run { world in
            try await world.signUp(customer: "cus_acme")
            world.provider.set("sub_1", answer, .object(StripeSubscription().json))
            let gate = world.provider.hold("sub_1")
            async let first = world.deliver(StripeEvent("evt_1"))
            await world.provider.arrivals(of: "sub_1").wait()
            async let second = world.deliver(StripeEvent("evt_2"))
            try await eventually {
                try await world.count("select wanted as n from subject") == 2
            }
            gate.open()
            _ = try await first
            try await body(world, try await second)
        }
    }

    @Test(arguments: [404, 500, 503])
    func `does not keep waiting the event that came meanwhile`(status: Int) async throws {
        try await deliverDuring(.status(status)) { world, second in
            #expect(second == .applied)
            #expect(world.provider.fetches(of: "sub_1") == 2)
            let progress = try await world.subject().progress
            #expect(progress.attempts == 0 && progress.done == 2)
            #expect(try await world.events(.applied).count == 2)
        }
    }

    @Test func `with the wish to slow down keeps everybody waiting`() async throws {
        try await deliverDuring(.status(429, retryAfter: 40)) { world, second in
            #expect(second == .queued)
            #expect(world.provider.fetches(of: "sub_1") == 1)
            let wait = try #require(try await world.subject().seconds)
            #expect(wait > 30)
        }
    }

    /// The breaker takes no call: whoever comes meanwhile waits with the others.
    @Test func `for the fifth time keeps everybody waiting`() async throws {
        try await World.run { world in
            try await world.signUp(customer: "cus_acme")
            world.provider.set("sub_1", .status(500))
            for number in 1...Limits.breakerFailures.consecutive {
                try await world.makeDue()
                try await world.deliver(StripeEvent("evt_\(number)"))
            }
            let fetches = world.provider.fetches(of: "sub_1")
            let attempts = try await world.subject().progress.attempts
            try await world.makeDue()
            #expect(try await world.deliver(StripeEvent("evt_late")) == .queued)
            #expect(world.provider.fetches(of: "sub_1") == fetches)
            let subject = try await world.subject()
            #expect(subject.progress.attempts == attempts)
            #expect(try #require(subject.seconds) > 10)
        }
    }

    /// A refusal of ours, which is no error of the server's class 22 or 23 any more.
    @Test func `to be applied is an attempt with its reason, and the last a dead letter`()
        async throws
    {
        try await World.run { world in
            try await world.signUp(customer: "cus_acme")
            world.provider.set(StripeSubscription())
            try await world.pool.withConnection { connection in
                try await connection.execute(
                    script: """
                        begin; set local session_replication_role = replica;
                        update plan_price set plan_id = 'ghost' where price_id = 'price_pro';
                        commit
                        """
                )
            }
            #expect(try await world.deliver(StripeEvent("evt_1")) == .queued)
            let first = try await world.subject().progress
            #expect(first.attempts == 1 && !first.isDead)
            #expect(first.lastError?.contains("ghost") == true)
            #expect(try await world.event("evt_1").state == .pending)

            _ = try await world.pool.query(
                "update subject set attempts = \(Limits.webhookAttempts - 1)"
            )
            try await world.makeDue()
            try await world.work()
            #expect(try await world.subject().progress.isDead)
            let dead = try await world.event("evt_1")
            #expect(dead.state == .dead && dead.lastError?.contains("ghost") == true)
        }
    }

    @Test func `because this instance stops is no attempt`() async throws {
        try await World.run { world in
            world.provider.set(StripeSubscription())
            let gate = world.provider.hold("sub_1")
            try await ReviewInstance.run(sources: ["stripe": world.provider.base]) { instance in
                try await instance.want(["sub_1"])
                async let work = instance.billing.processor.workOnDue("stripe")
                await world.provider.arrivals(of: "sub_1").wait()
                await instance.client.shutdown()
                _ = try await work
            }
            gate.open()
            let subject = try await world.subject()
            #expect(subject.progress.attempts == 0 && subject.progress.done == 0)
            #expect(try #require(subject.seconds) <= 1)
            // Another instance goes on.
            try await world.makeDue()
            try await world.signUp(customer: "cus_acme")
            try await world.work()
            #expect(try await world.subscriptions().count == 1)
        }
    }
}

@Suite(.inTurn, .database, .timeLimit(.minutes(5))) struct `An item that nobody knows` {
    private typealias Item = StripeSubscription.Item

    private let novel = Item(id: "si_2", price: "price_new")

    @Test func `is passed over, named, and takes nothing along`() async throws {
        try await World.run { world in
            let session = try await world.signUp(customer: "cus_acme")
            let calls = Item(id: "si_2", price: "price_calls")
            world.provider.set(StripeSubscription(items: [Item(), calls]))
            #expect(try await world.deliver(StripeEvent("evt_1")) == .applied)
            world.provider.set(StripeSubscription(status: "past_due", items: [Item(), novel]))
            #expect(try await world.deliver(StripeEvent("evt_2")) == .applied)
            #expect(try await world.reason(session) == .pastDueGrace)
            let held = try await world.subscriptions().map(\.subscription)
            #expect(held.map(\.plan) == ["pro", "extra_calls"])
            #expect(held.map(\.status) == [.pastDue, .active])
            let event = try await world.event("evt_2")
            #expect(event.state == .applied && event.lastError?.contains("price_new") == true)
        }
    }

    /// Each item keeps the row that it has, also behind one that is passed over.
    @Test func `does not hand its row to the item behind it`() async throws {
        try await World.run { world in
            let session = try await world.signUp(customer: "cus_acme")
            let calls = Item(id: "si_2", price: "price_calls")
            world.provider.set(StripeSubscription(items: [Item(), calls]))
            #expect(try await world.deliver(StripeEvent("evt_1")) == .applied)
            world.provider.set(StripeSubscription(items: [Item(price: "price_new"), calls]))
            #expect(try await world.deliver(StripeEvent("evt_2")) == .applied)
            let held = try await world.subscriptions().map(\.subscription)
            #expect(held.map(\.plan) == ["pro", "extra_calls"])
            #expect(try await world.reason(session) == .plan)
            #expect(try await world.decision(session, "api_calls").limit == .units(150_000))
        }
    }

    @Test func `alone is a dead letter, which ends applied once it is sent again`() async throws {
        try await World.run { world in
            let session = try await world.signUp(customer: "cus_acme")
            world.provider.set(StripeSubscription(items: [novel]))
            #expect(try await world.deliver(StripeEvent("evt_1")) == .queued)
            let dead = try await world.event("evt_1")
            #expect(dead.state == .dead && dead.lastError?.contains("price_new") == true)
            // Nothing is mended yet: it is taken up, and dies again.
            #expect(try await world.deliver(StripeEvent("evt_1")) == .queued)
            #expect(world.provider.fetches(of: "sub_1") == 2)
            #expect(try await world.event("evt_1").state == .dead)

            let pro = Catalogs.pro.replacing("[price_pro]", with: "[price_pro, price_new]")
            try await world.apply(Catalogs.files(["pro.yaml": pro]))
            #expect(try await world.deliver(StripeEvent("evt_1")) == .duplicate)
            let event = try await world.event("evt_1")
            #expect(event.state == .applied && event.lastError == nil)
            #expect(try await world.reason(session) == .plan)
            #expect(try await world.events().count == 1)
        }
    }

    @Test func `or not: what the provider feeds is not deleted here`() async throws {
        try await World.run { world in
            let session = try await world.signUp(customer: "cus_acme")
            world.provider.set(StripeSubscription())
            try await world.deliver(StripeEvent("evt_1"))
            let refused = try await refusal {
                try await world.service.delete(
                    subscription: "sub_1",
                    account: "acme",
                    as: world.author
                )
            }
            #expect(refused.code == .conflict && refused.field == "subscription")
            #expect(try await world.reason(session) == .plan)
        }
    }
}
