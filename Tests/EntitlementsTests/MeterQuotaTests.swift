import Testing

@testable import Entitlements

@Suite struct `A quota` {
    typealias Fixture = MeterFixture
    let start: Instant
    let next: Instant

    init() throws {
        start = try PeriodFixture.utc("2026-03-10 12:00")
        next = try PeriodFixture.utc("2026-04-01")
    }

    @Test func `gives its limit and not one unit more`() {
        var quota = Metered([Fixture.base(100)], at: start)
        #expect(quota.take(99) == Meter.Taking(units: 99, change: 99))
        let before = quota.meter
        #expect(quota.take(2) == nil)
        #expect(quota.meter == before)
        #expect(quota.take(1) != nil)
        #expect(quota.take(1) == nil)
        #expect(quota.take(0) != nil)
        #expect(quota.reading.limit == .units(100))
        #expect(quota.reading.used == 100)
        #expect(quota.remaining == 0)
        #expect(!quota.reading.isOpen)
        #expect(quota.meter.detail == nil)
    }

    @Test func `gives what is left when capped`() {
        var quota = Metered([Fixture.base(100)], at: start)
        quota.take(70)
        #expect(quota.take(50, cap: true)?.units == 30)
        #expect(quota.take(1, cap: true) == nil)
    }

    @Test func `is full again at exactly the end of its period`() {
        var quota = Metered([Fixture.base(100)], at: start)
        quota.take(100)
        #expect(quota.reading.resetsAt == next)
        #expect(quota.reading.boundary == next)
        #expect(quota.meter.retryAt(100, under: quota.terms) == next)
        #expect(quota.meter.retryAt(101, under: quota.terms) == nil)
        quota.go(to: Instant(microseconds: next.microseconds - 1))
        #expect(quota.take(1) == nil)
        quota.go(to: next)
        #expect(quota.take(100) != nil)
        #expect(quota.reset?.used == 100)
        #expect(quota.reset?.period.end == next)
    }

    @Test func `never comes back where it never resets`() {
        var quota = Metered([Fixture.base(10, .never)], at: start)
        quota.take(10)
        quota.go(to: start + .seconds(10 * 365 * 86_400))
        #expect(quota.take(1) == nil)
        #expect(quota.reading.resetsAt == nil)
        #expect(quota.reading.boundary == .never)
    }

    @Test func `has no end where it is unlimited`() {
        var quota = Metered([Fixture.base(nil)], at: start)
        #expect(quota.take(.max) != nil)
        #expect(quota.take(.max) != nil)
        #expect(quota.reading.used == .max)
        #expect(quota.reading.remaining == .unlimited)
        #expect(quota.reading.over == 0)
    }

    @Test(arguments: [
        (MeterTerms.Overage.deny, Int64(0)), (.units(20), 20), (.percent(50), 50),
    ])
    func `goes so far beyond its limit`(overage: MeterTerms.Overage, beyond: Int64) {
        var quota = Metered([Fixture.base(100)], overage: overage, at: start)
        quota.take(90)
        #expect(quota.take(11 + beyond) == nil)
        let taking = quota.take(10 + beyond)
        #expect(taking?.parts.units(of: Meter.overSlot) == beyond)
        #expect(quota.take(1) == nil)
        #expect(quota.reading.over == beyond)
        #expect(quota.reading.limit == .units(100))
        #expect(quota.reading.used == 100 + beyond)
        #expect(quota.remaining == 0)
        quota.go(to: next)
        #expect(quota.reading.over == 0)
        #expect(quota.remaining == 100)
    }

    @Test func `takes all where overage is allowed`() {
        var quota = Metered([Fixture.base(100)], overage: .allow, at: start)
        #expect(quota.take(1_000)?.parts == Fixture.parts([("base", 100), ("over", 900)]))
        #expect(quota.reading.room == .unlimited)
        #expect(quota.reading.over == 900)
    }

    @Test func `counts what happened, whatever the limit`() {
        var quota = Metered([Fixture.base(100)], at: start)
        quota.record(150)
        #expect(quota.reading.used == 150)
        #expect(quota.reading.over == 50)
        #expect(quota.remaining == 0)
        #expect(quota.reading.limit == .units(100))
    }

    @Test func `carries what was used to another plan, and does not clamp`() {
        var quota = Metered([Fixture.base(100)], at: start)
        quota.take(80)
        quota.change(MeterTerms(allowances: [Fixture.base(50)], source: "free"))
        #expect(quota.remaining == 0)
        #expect(quota.reading.over == 0)
        #expect(quota.reading.limit == .units(50))
        quota.change(MeterTerms(allowances: [Fixture.base(1_000)], source: "pro"))
        #expect(quota.remaining == 920)
        #expect(quota.reading.used == 80)
    }

    @Test func `pays what is owed when its limit is raised`() {
        var quota = Metered([Fixture.base(100)], at: start)
        quota.record(120)
        quota.change(MeterTerms(allowances: [Fixture.base(200)], source: "pro"))
        #expect(quota.reading.over == 0)
        #expect(quota.remaining == 80)
        #expect(quota.reading.limit == .units(200))
    }

    @Test func `is full again on another plan that says so, and keeps its period`() {
        var quota = Metered([Fixture.base(100)], at: start)
        quota.record(120)
        let pro = MeterTerms(allowances: [Fixture.base(200)], resetsOnChange: true, source: "pro")
        quota.change(pro)
        #expect(quota.remaining == 200)
        #expect(quota.reading.used == 0)
        #expect(quota.reading.over == 0)
        #expect(quota.reading.resetsAt == next)
        quota.take(10)
        quota.change(pro)
        #expect(quota.remaining == 190)
    }

    @Test func `keeps the end that was announced when the anchor moves`() throws {
        let anchor = try PeriodFixture.utc("2026-03-05")
        var quota = Metered([Fixture.base(100, .anchored(anchor, .month))], at: start)
        quota.take(60)
        let end = try PeriodFixture.utc("2026-04-05")
        let moved = MeterTerms(
            allowances: [Fixture.base(100, .anchored(start + .seconds(86_400), .month))]
        )
        quota.change(moved)
        #expect(quota.reading.resetsAt == end)
        quota.go(to: end)
        #expect(quota.remaining == 100)
        #expect(quota.reading.resetsAt == (try PeriodFixture.utc("2026-04-11 12:00")))
        #expect(quota.meter.periodStart == end)
    }

    @Test func `goes over to another interval at once, with what was used`() throws {
        var quota = Metered([Fixture.base(100)], at: start)
        quota.take(60)
        quota.change(MeterTerms(allowances: [Fixture.base(100, .calendar(.day))]))
        #expect(quota.remaining == 40)
        #expect(quota.reading.resetsAt == (try PeriodFixture.utc("2026-03-11")))
    }

    @Test func `begins anew where a test's clock was lifted, but not for a little skew`() {
        var quota = Metered([Fixture.base(100)], at: next)
        quota.take(60)
        quota.go(to: next - .seconds(60))
        #expect(quota.reading.used == 60)
        #expect(quota.meter.at == next)
        quota.go(to: start)
        #expect(quota.reading.used == 0)
        #expect(quota.reading.resetsAt == next)
    }

    @Test func `tells of a period that ended only where something was used`() {
        var quota = Metered([Fixture.base(100)], at: start)
        quota.go(to: next)
        #expect(quota.reset == nil)
    }

    @Test func `stands for nothing where nothing gives any`() {
        var quota = Metered([], at: start)
        #expect(quota.reading.limit == .units(0))
        #expect(quota.take(1) == nil)
        quota.record(5)
        #expect(quota.reading.over == 5)
        #expect(quota.reading.used == 5)
    }
}
