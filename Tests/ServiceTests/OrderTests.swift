import Entitlements
import Postgres
import Store
import TestSupport
import Testing

@testable import Service

@Suite(.inTurn, .database, .timeLimit(.minutes(3))) struct `Fetches of one subject` {
    @Test func `are made again for an event that arrived in the middle of one`() async throws {
        try await World.run { world in
            let session = try await world.signUp(customer: "cus_acme")
            world.provider.set(StripeSubscription())
            let gate = world.provider.hold("sub_1")
            async let first = world.deliver(StripeEvent("evt_1"))
            await world.provider.arrivals(of: "sub_1").wait()

            // The answer on its way says `active`; this is what happened since.
            world.provider.set(StripeSubscription(status: "unpaid"))
            async let second = world.deliver(StripeEvent("evt_2"))
            try await eventually { try await world.subject().progress.wanted == 2 }
            gate.open()
            _ = try await (first, second)

            try await eventually { try await world.event("evt_2").state == .applied }
            #expect(try await world.event("evt_1").state == .applied)
            #expect(world.provider.fetches(of: "sub_1") == 2)
            #expect(try await world.reason(session) == .paymentFailed)
        }
    }

    @Test func `are two for a burst of fifty events, one at a time`() async throws {
        try await World.run { world in
            try await world.signUp(customer: "cus_acme")
            world.provider.set(StripeSubscription())
            let gate = world.provider.hold("sub_1")
            try await withThrowingTaskGroup { group in
                group.addTask { _ = try await world.deliver(StripeEvent("evt_0")) }
                await world.provider.arrivals(of: "sub_1").wait()
                for number in 1..<50 {
                    group.addTask { _ = try await world.deliver(StripeEvent("evt_\(number)")) }
                }
                try await eventually { try await world.subject().progress.wanted == 50 }
                gate.open()
                try await group.waitForAll()
            }
            try await eventually { try await world.events(.applied).count == 50 }
            #expect(world.provider.fetches(of: "sub_1") == 2)
            #expect(world.provider.mostAtOnce == 1)
        }
    }

    @Test func `are shared between instances: whoever holds the lease fetches alone`()
        async throws
    {
        try await World.run { world in
            let session = try await world.signUp(customer: "cus_acme")
            world.provider.set(StripeSubscription())
            let gate = world.provider.hold("sub_1")
            try await world.withSecondInstance { second in
                async let first = world.deliver(StripeEvent("evt_1"))
                await world.provider.arrivals(of: "sub_1").wait()
                async let other = second.deliver(StripeEvent("evt_1"))
                try await eventually { try await second.deliver(StripeEvent("evt_2")) == .queued }
                #expect(world.provider.fetches(of: "sub_1") == 1)
                gate.open()
                _ = try await (first, other)
                try await eventually {
                    try await second.work()
                    return try await world.events(.applied).count == 2
                }
                #expect(world.provider.mostAtOnce == 1)
                #expect(try await second.reason(session) == .plan)
            }
        }
    }

    @Test func `by a worker that lost its lease overwrite nothing`() async throws {
        try await World.run { world in
            let session = try await world.signUp(customer: "cus_acme")
            world.provider.set(StripeSubscription())
            let gate = world.provider.hold("sub_1")
            async let slow = world.deliver(StripeEvent("evt_1"))
            await world.provider.arrivals(of: "sub_1").wait()

            _ = try await world.pool.query(
                "update subject set lease_until = clock_timestamp() - interval '1 second'"
            )
            world.provider.set(StripeSubscription(status: "unpaid"))
            try await world.withSecondInstance { second in
                let status = try await second.deliver(StripeEvent("evt_2"))
                #expect(status == .applied)
            }
            let changes = try await world.changes()
            gate.open()
            _ = try await slow

            #expect(try await world.reason(session) == .paymentFailed)
            #expect(try await world.changes() == changes, "the slow worker wrote nothing")
            #expect(try await world.events(.applied).count == 2)
        }
    }

    @Test func `by a worker that lost its lease cannot fail what another applied`() async throws {
        try await World.run { world in
            try await world.signUp(customer: "cus_acme")
            world.provider.set("sub_1", .text("no JSON"))
            let gate = world.provider.hold("sub_1")
            async let slow = world.deliver(StripeEvent("evt_1"))
            await world.provider.arrivals(of: "sub_1").wait()
            _ = try await world.pool.query(
                "update subject set lease_until = clock_timestamp() - interval '1 second'"
            )
            world.provider.set(StripeSubscription())
            try await world.withSecondInstance { second in
                let result = try await second.sync(.subscription("sub_1"))
                #expect(result.status == .applied)
            }
            gate.open()
            _ = try await slow
            let progress = try await world.subject().progress
            #expect(!progress.isDead)
            #expect(progress.done == progress.wanted)
            #expect(progress.attempts == 0)
            #expect(try await world.event("evt_1").state == .applied)
        }
    }

    @Test func `that end as a dead letter do not take a later event with them`() async throws {
        try await World.run { world in
            let session = try await world.signUp(customer: "cus_acme")
            world.provider.set("sub_1", .text("no JSON"))
            let gate = world.provider.hold("sub_1")
            async let first = world.deliver(StripeEvent("evt_1"))
            await world.provider.arrivals(of: "sub_1").wait()
            world.provider.set(StripeSubscription())
            async let second = world.deliver(StripeEvent("evt_2"))
            try await eventually { try await world.subject().progress.wanted == 2 }
            gate.open()
            _ = try await (first, second)

            try await world.work()
            #expect(try await world.event("evt_1").state == .dead)
            #expect(try await world.event("evt_2").state == .applied)
            #expect(try await world.reason(session) == .plan)
        }
    }
}

@Suite(.inTurn, .database, .timeLimit(.minutes(3))) struct `Deliveries in any order` {
    private static let history = [
        "incomplete", "trialing", "active", "past_due", "unpaid", "active", "paused", "past_due",
    ]

    @Test(arguments: UInt64(1)...6)
    func `and however often come to what the provider says last`(seed: UInt64) async throws {
        try await World.run { world in
            var random = Seeded(seed: seed)
            try await world.signUp(customer: "cus_acme")
            let length = Int.random(in: 3...Self.history.count, using: &random)
            var waiting: [StripeEvent] = []
            for (step, status) in Self.history.prefix(length).enumerated() {
                world.provider.set(subscription(status))
                let event = StripeEvent("evt_\(step)")
                waiting += Array(repeating: event, count: Int.random(in: 1...3, using: &random))
                waiting.shuffle(using: &random)
                // Some of what is under way arrives before the next change, some much later.
                let isLast = step == length - 1
                let count = isLast ? waiting.count : Int.random(in: 0...2, using: &random)
                let arriving = waiting.suffix(count)
                waiting.removeLast(min(count, waiting.count))
                try await deliver(Array(arriving), to: world)
            }
            try await world.work()

            let held = try #require(try await world.subscriptions().first, "SEED=\(seed)")
            let last = Self.history[length - 1]
            #expect(held.subscription.status.rawValue == last, "SEED=\(seed)")
            #expect(try await world.events().allSatisfy { $0.state == .applied }, "SEED=\(seed)")
            #expect(try await world.events().count == length, "SEED=\(seed)")
            #expect(world.provider.fetches(of: "sub_1") <= length, "SEED=\(seed)")
            #expect(world.provider.mostAtOnce == 1, "SEED=\(seed)")
        }
    }

    private func subscription(_ status: String) -> StripeSubscription {
        let end = Instant(microseconds: StripeSubscription.end * 1_000_000)
        return StripeSubscription(status: status, trialEnd: status == "trialing" ? end : nil)
    }

    private func deliver(_ events: [StripeEvent], to world: World) async throws {
        try await withThrowingTaskGroup { group in
            for event in events {
                group.addTask { _ = try await world.deliver(event) }
            }
            try await group.waitForAll()
        }
    }
}
