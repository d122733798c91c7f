import Catalog
import Entitlements
import Postgres
import Store
import TestSupport
import Testing

@testable import Service

/// What resets left before the terms of a meter changed.
@Suite(.database, .timeLimit(.minutes(2))) struct `What a reset leaves` {
    private static let catalog = [
        CatalogFile(
            path: "features.yaml",
            text: """
                features:
                  calls: { type: metered, unit: call }
                  debts: { type: metered, unit: call }
                """
        ),
        CatalogFile(
            path: "free.yaml",
            text: """
                plan: free
                default: true
                entitlements: {}
                """
        ),
        CatalogFile(
            path: "keeping.yaml",
            text: """
                plan: keeping
                entitlements:
                  calls: { limit: 100, per: month, reset: calendar, rollover: { max: 30 } }
                  debts:
                    { limit: 10, per: month, reset: calendar, overage: allow, carry_overage: true }
                """
        ),
        CatalogFile(
            path: "losing.yaml",
            text: """
                plan: losing
                entitlements:
                  calls: { limit: 100, per: month, reset: calendar }
                  debts: { limit: 10, per: month, reset: calendar, overage: allow }
                """
        ),
    ]
    private static let midJune = Instant(rfc3339: "2026-06-10T00:00:00Z")
    private static let month: Int64 = 30 * 86_400

    private func run(_ body: (Counting) async throws -> Void) async throws {
        try await World.run(catalog: Self.catalog) { world in
            try await world.link("acme", to: nil)
            let counting = Counting(world: world)
            try await world.set(clock: .at(try #require(Self.midJune)))
            try await body(counting)
        }
    }

    private func hold(_ plan: String, _ counting: Counting) async throws {
        let held = Subscription(id: "main", plan: plan, status: .active, startsAt: Self.midJune)
        let content = SubscriptionContent(subscription: held)
        _ = try await counting.world.service
            .put(subscription: content, account: "acme", as: counting.world.author)
    }

    private func left(_ counting: Counting) async throws -> [Int64] {
        let meter = try await counting.world.service.meter(of: "calls", account: "acme", user: nil)
        return meter.slots
            .compactMap { slot in
                guard case .units(let units) = slot.left else { return nil }
                return units
            }
            .sorted()
    }

    @Test(arguments: [true, false], ["keeping", "losing"])
    func `follows from the plan of its time, used or not`(isUsed: Bool, first: String) async throws
    {
        try await run { counting in
            try await hold(first, counting)
            if isUsed { #expect(try await counting.consume("calls", 20)) }
            try await counting.pass(Self.month)
            try await hold(first == "keeping" ? "losing" : "keeping", counting)
            try await counting.pass(60)
            #expect(try await left(counting) == (first == "keeping" ? [30, 100] : [100]))
        }
    }

    @Test(
        arguments: [("keeping", "losing", 6), ("losing", "keeping", 10)]
            as [(String, String, Int64)]
    )
    func `is the debt that the plan of its time carries on`(
        first: String,
        second: String,
        left: Int64
    ) async throws {
        try await run { counting in
            try await hold(first, counting)
            #expect(try await counting.consume("debts", 14))
            try await counting.pass(Self.month)
            try await hold(second, counting)
            let meter = try await counting.world.service
                .meter(of: "debts", account: "acme", user: nil)
            #expect(meter.reading.remaining == .units(left))
        }
    }

    /// A grant in the plan's place has nothing outlive its period.
    @Test(arguments: [true, false])
    func `follows from the grant of its time, or from none`(isFirst: Bool) async throws {
        try await run { counting in
            try await hold("keeping", counting)
            let (service, author) = (counting.world.service, counting.world.author)
            func grant() async throws -> String {
                try await service.store.write(as: author) { connection in
                    var request = GrantRequest(feature: "calls", effect: .allow, reason: "x")
                    request.limit = .units(50)
                    return
                        try await service
                        .create(grant: request, account: "acme", on: connection).record.grant.id
                }
            }
            let first = isFirst ? try await grant() : nil
            #expect(try await counting.consume("calls", 20))
            try await counting.pass(Self.month)
            if let first {
                _ = try await service.end(grant: first, account: "acme", reason: nil, as: author)
            } else {
                _ = try await grant()
            }
            #expect(try await left(counting) == (isFirst ? [100] : [30, 50]))
        }
    }

    @Test func `follows from the plan that was deleted since`() async throws {
        try await run { counting in
            try await hold("keeping", counting)
            #expect(try await counting.consume("calls", 20))
            try await counting.pass(Self.month)
            try await counting.world.service
                .delete(subscription: "main", account: "acme", as: counting.world.author)
            try await hold("losing", counting)
            #expect(try await left(counting) == [30, 100])
        }
    }
}
