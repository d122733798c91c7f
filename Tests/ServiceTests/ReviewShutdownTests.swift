import Entitlements
import Limits
import Postgres
import ServiceLifecycleTestKit
import Store
import TestSupport
import Testing

@testable import Service

@Suite(.inTurn, .database, .timeLimit(.minutes(5))) struct `A worker that is told to stop` {
    @Test func `ends although much is due, and finishes what it began`() async throws {
        try await World.run { world in
            let backlog = 8 * Limits.callbacksInFlight
            world.provider.set("sub_1", .object(StripeSubscription().json))
            try await world.link("acme", to: "cus_acme")
            let gate = world.provider.hold("sub_1")
            try await ReviewInstance.run(sources: ["stripe": world.provider.base]) { instance in
                try await instance.want(["sub_1"])
                try await instance.want((2...backlog).map { "sub_\($0)" })
                try await testGracefulShutdown { trigger in
                    async let work: Void = instance.worker.run()
                    await world.provider.arrivals(of: "sub_1").wait()
                    trigger.triggerGracefulShutdown()
                    gate.open()
                    try await work
                }
                #expect(try await world.subscriptions().map(\.subscription.id) == ["sub_1"])
                let untouched = try await world.count(
                    """
                    select count(*) as n from subject
                     where wanted > done and attempts = 0 and lease_until is null
                       and last_error is null
                    """
                )
                #expect(untouched >= backlog - Limits.callbacksInFlight)
                #expect(
                    try await world.count(
                        "select count(*) as n from subject where lease_until is not null"
                    ) == 0
                )
            }
        }
    }

    /// Work that a request began and did not wait for.
    @Test func `waits for what requests have left to it`() async throws {
        try await World.run { world in
            try await world.link("acme", to: "cus_acme")
            world.provider.set(StripeSubscription())
            let gate = world.provider.hold("sub_1")
            try await ReviewInstance.run(sources: ["stripe": world.provider.base]) { instance in
                try await instance.want(["sub_1"])
                let processor = instance.billing.processor
                async let left = processor.settle(
                    .subscription("sub_1"),
                    generation: 1,
                    within: .milliseconds(50)
                )
                await world.provider.arrivals(of: "sub_1").wait()
                #expect(try await !left)
                try await testGracefulShutdown { trigger in
                    trigger.triggerGracefulShutdown()
                    async let work: Void = instance.worker.run()
                    // Far longer than a worker takes that waits for nothing.
                    for _ in 0..<50 { _ = try await world.subject() }
                    gate.open()
                    try await work
                }
                #expect(try await world.subscriptions().count == 1)
            }
        }
    }
}
