import Entitlements
import Synchronization
import TestSupport
import Testing

@testable import Store

/// While a transaction is on its way, those who arrive are carried out on what it will leave.
@Suite(.database, .timeLimit(.minutes(5))) struct `Orders that arrive meanwhile` {
    @Test func `count on what the transaction before leaves`() async throws {
        let shop = try await Shop()
        try await shop.open("acme")
        let (writer, takers) = (shop.writer(), Takers())
        let late = takers.order("acme", 2, limit: 10)
        writer.submit([Bringer(takers.order("acme", 5, limit: 10), brings: [late], to: writer)])
        try await takers.wait()
        #expect(takers.outcomes == ["taken 5", "taken 2"])
        #expect(try await shop.used("acme") == 7)
        #expect(writer.statistics.figures.conflicts == 0)
    }

    /// The key was used on another instance: what was carried out in the belief that it was not is
    /// forgotten, though the version of the meter is the expected one.
    @Test func `are carried out anew where it comes to something else`() async throws {
        let shop = try await Shop()
        try await shop.open("acme")
        let (writer, other, takers) = (shop.writer(), shop.writer(), Takers())
        other.submit([takers.order("acme", 5, limit: 100, key: "k")])
        try await takers.wait()
        let late = takers.order("acme", 2, limit: 100)
        let repeated = takers.order("acme", 5, limit: 100, key: "k")
        writer.submit([
            Bringer(repeated, brings: [late], to: writer), takers.order("acme", 1, limit: 100),
        ])
        try await takers.wait()
        #expect(takers.outcomes == ["taken 5", "repeated 5", "taken 1", "taken 2"])
        #expect(try await shop.used("acme") == 8)
    }

    @Test func `wait where something has to be read for them`() async throws {
        let shop = try await Shop()
        try await shop.open("acme")
        try await shop.open("other")
        let (writer, takers) = (shop.writer(), Takers())
        let late = [
            takers.order("other", 3, limit: 10), takers.order("acme", 2, limit: 10),
        ]
        writer.submit([Bringer(takers.order("acme", 5, limit: 10), brings: late, to: writer)])
        try await takers.wait()
        #expect(takers.outcomes == ["taken 5", "taken 3", "taken 2"])
        #expect(try await shop.used("acme") == 7)
        #expect(try await shop.used("other") == 3)
    }
}

/// An order that others come with, while it is being carried out.
private final class Bringer: MeterOrder {
    private let take: TakeOrder
    private let brought: Mutex<[any MeterOrder]>
    private let writer: MeterWriter

    init(_ take: TakeOrder, brings brought: [any MeterOrder], to writer: MeterWriter) {
        self.take = take
        self.brought = Mutex(brought)
        self.writer = writer
    }

    var keys: [MeterKey] { take.keys }
    var needs: MeterNeeds { take.needs }
    var client: any BarrierClient { take.client }

    func apply(to known: MeterKnown) -> MeterEffects {
        // It may be applied again.
        writer.submit(
            brought.withLock { brought in
                defer { brought = [] }
                return brought
            }
        )
        return take.apply(to: known)
    }

    func complete(_ outcome: Result<OrderOutcome, MeterFailure>) {
        take.complete(outcome)
    }
}
