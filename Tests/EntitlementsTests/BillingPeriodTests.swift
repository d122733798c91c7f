import Testing

@testable import Entitlements

@Suite struct `A subscription's period` {
    private static func at(_ text: String) throws -> Instant {
        try #require(Instant(rfc3339: text + "Z"))
    }

    private static let month = PeriodInterval.month
    private static let made = Instant(microseconds: 1_767_225_600_000_000)  // 2026-01-01

    private static func period(
        _ held: Subscription = Subscription(id: "s", plan: "p", status: .active),
        at instant: String,
        cycle: BillingCycle? = nil,
        zone: Zone = .utc,
        changed: PeriodSchedule.ZoneChange? = nil
    ) throws -> [Instant?]? {
        held.period(
            at: try at(instant),
            cycle: cycle,
            zone: zone,
            changed: changed,
            createdAt: made
        )
        .map { [$0.start, $0.end] }
    }

    @Test func `is the announced one while that lasts, and no other afterwards`() throws {
        var held = Subscription(id: "s", plan: "p", status: .active)
        held.periodStart = try Self.at("2026-03-01T00:00:00")
        held.periodEnd = try Self.at("2026-04-01T00:00:00")
        let period = [held.periodStart, held.periodEnd]
        #expect(try Self.period(held, at: "2026-03-31T23:59:59") == period)
        #expect(try Self.period(held, at: "2026-04-01T00:00:00") == nil)
        #expect(try Self.period(held, at: "2026-02-28T23:59:59") == nil)
        held.periodStart = nil
        #expect(try Self.period(held, at: "2026-03-31T00:00:00") == [nil, held.periodEnd])
    }

    @Test func `is computed from the anchor, for any instant`() throws {
        let cycle = BillingCycle(interval: .month, anchor: try Self.at("2026-01-31T10:00:00"))
        let february = try Self.period(at: "2026-02-28T09:59:59", cycle: cycle)
        #expect(
            february == [try Self.at("2026-01-31T10:00:00"), try Self.at("2026-02-28T10:00:00")]
        )
        let exact = try Self.period(at: "2026-04-30T10:00:00", cycle: cycle)
        #expect(exact == [try Self.at("2026-04-30T10:00:00"), try Self.at("2026-05-31T10:00:00")])
    }

    @Test func `counts from a trial's end, and the trial is one by itself`() throws {
        var held = Subscription(id: "s", plan: "p", status: .trialing)
        held.trialStart = try Self.at("2026-03-01T00:00:00")
        held.trialEnd = try Self.at("2026-04-20T00:00:00")
        let cycle = BillingCycle(interval: .month, anchor: nil)
        let trial = try Self.period(held, at: "2026-03-10T00:00:00", cycle: cycle)
        #expect(trial == [held.trialStart, held.trialEnd])
        let paid = try Self.period(held, at: "2026-04-20T00:00:00", cycle: cycle)
        #expect(paid == [held.trialEnd, try Self.at("2026-05-20T00:00:00")])
    }

    @Test func `counts from its making where nothing else is said`() throws {
        let cycle = BillingCycle(interval: .month, anchor: nil)
        let period = try Self.period(at: "2026-02-10T00:00:00", cycle: cycle)
        #expect(period == [try Self.at("2026-02-01T00:00:00"), try Self.at("2026-03-01T00:00:00")])
    }

    @Test func `keeps its announced end when the zone changes`() throws {
        let tokyo = try #require(Zone(named: "Asia/Tokyo"))
        let cycle = BillingCycle(interval: .month, anchor: try Self.at("2026-01-15T00:00:00"))
        let change = PeriodSchedule.ZoneChange(
            from: .utc,
            at: try Self.at("2026-02-01T00:00:00")
        )
        let running = try Self.period(
            at: "2026-02-10T00:00:00",
            cycle: cycle,
            zone: tokyo,
            changed: change
        )
        #expect(running?.last == (try Self.at("2026-02-15T00:00:00")))
        let next = try Self.period(
            at: "2026-02-20T00:00:00",
            cycle: cycle,
            zone: tokyo,
            changed: change
        )
        #expect(next == [try Self.at("2026-02-15T00:00:00"), try Self.at("2026-03-14T15:00:00")])
    }

    @Test func `is none where its end cannot be written`() throws {
        let cycle = BillingCycle(
            interval: try #require(PeriodInterval(.year, count: 1_000)),
            anchor: try Self.at("9500-01-01T00:00:00")
        )
        #expect(try Self.period(at: "9999-01-01T00:00:00", cycle: cycle) == nil)
    }
}
