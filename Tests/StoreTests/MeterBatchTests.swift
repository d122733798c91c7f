import Entitlements
import Postgres
import TestSupport
import Testing

@testable import Store

/// What one transaction of the writer makes of its orders: lines of the ledger, and rows that are
/// those of their account's life.
@Suite(.database, .timeLimit(.minutes(5))) struct `A batch of the writer of meters` {
    /// Nothing of an account that was deleted counts for another one of its name, not even what an
    /// instance has in memory.
    @Test func `starts over where an account is made again`() async throws {
        let shop = try await Shop()
        try await shop.open("acme")
        let (first, second) = (shop.writer(), shop.writer())
        let takers = Takers()
        first.submit([takers.order("acme", 7, limit: 10, key: "k")])
        try await takers.wait()
        try await shop.run(
            """
            insert into usage_event (account_id, source, event_id) values ('acme', 's', 'e');
            delete from account where account_id = 'acme';
            """
        )
        let left = "select (select count(*) from consume_key) + (select count(*) from usage_event)"
        #expect(try await shop.number(SQL(stringLiteral: left)) == 0)
        try await shop.open("acme")
        for writer in [second, first] {
            writer.submit([takers.order("acme", 1, limit: 10)])
            try await takers.wait()
        }
        #expect(try await shop.used("acme") == 2)
        second.submit([takers.order("acme", 7, limit: 10, key: "k")])
        try await takers.wait()
        #expect(takers.outcomes == ["taken 7", "taken 1", "taken 1", "taken 7"])
    }

    /// Lines that are one are of one piece of time that usage is told by, whatever the zone, and of
    /// one period.
    @Test(
        arguments: [
            ("2026-03-10T10:15:00Z", "2026-03-10T10:29:59Z", "2026-03-01T00:00:00Z", 1),
            ("2026-03-10T10:14:59.999Z", "2026-03-10T10:15:00Z", "2026-03-01T00:00:00Z", 2),
            ("2026-03-10T10:16:00Z", "2026-03-10T10:18:00Z", "2026-03-10T10:17:00Z", 2),
        ]
    )
    func `merges lines alike, and none of two days or periods`(
        first: String,
        second: String,
        period: String,
        lines: Int64
    ) async throws {
        let shop = try await Shop()
        try await shop.open("acme")
        let takers = Takers()
        let start = try #require(Instant(rfc3339: "2026-03-01T00:00:00Z"))
        let orders = [(first, start), (second, try #require(Instant(rfc3339: period)))]
        let times = try orders.map { (try #require(Instant(rfc3339: $0.0)), $0.1) }
        shop.writer()
            .submit(
                times.map { at, period in
                    LineOrder(take: takers.order("acme", 1, limit: 10), at: at, period: period)
                }
            )
        try await takers.wait()
        #expect(try await shop.number("select count(*) from meter_entry") == lines)
        #expect(try await shop.number("select sum(units) from meter_entry") == 2)
        #expect(try await shop.number("select sum(requests) from meter_entry") == 2)
    }
}

/// One unit at a time, in the period that begins at an instant.
struct LineOrder: MeterOrder {
    let take: TakeOrder
    let at: Instant
    let period: Instant

    var keys: [MeterKey] { take.keys }
    var needs: MeterNeeds { take.needs }
    var client: any BarrierClient { take.client }

    func apply(to known: MeterKnown) -> MeterEffects {
        var effects = MeterEffects()
        var meter = known.meters[take.key] ?? Meter(at: at)
        meter.used += 1
        meter.periodStart = period
        meter.periodEnd = period + .seconds(40 * 86_400)
        effects.meters[take.key] = meter
        effects.entries = [MeterEntry(key: take.key, kind: .consume, at: at, units: 1)]
        return effects
    }

    func complete(_ outcome: Result<OrderOutcome, MeterFailure>) {
        take.complete(outcome)
    }
}
