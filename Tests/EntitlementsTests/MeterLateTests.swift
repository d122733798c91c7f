import Testing

@testable import Entitlements

@Suite struct `An event that is told late` {
    typealias Fixture = MeterFixture
    let start: Instant
    let next: Instant

    init() throws {
        start = try PeriodFixture.utc("2026-03-31 20:00")
        next = try PeriodFixture.utc("2026-04-01")
    }

    @Test func `counts in the period when it is the same`() {
        var quota = Metered([Fixture.base(10)], at: start + .seconds(3_600))
        #expect(quota.record(3, at: start).change == 3)
        #expect(quota.remaining == 7)
    }

    @Test func `of a closed period changes nothing of the present one`() {
        for overage in [MeterTerms.Overage.deny, .allow] {
            var quota = Metered([Fixture.base(10)], overage: overage, at: start)
            quota.take(8)
            quota.go(to: next)
            quota.take(1)
            let before = quota.reading
            let taking = quota.record(50, at: start)
            #expect(taking.units == 50)
            #expect(taking.change == 0)
            #expect(quota.reading == before)
        }
    }

    @Test func `uses up what was rolled and should not have been`() {
        var quota = Metered([Fixture.base(100, rollover: .init(max: 50))], at: start)
        quota.take(30)
        quota.go(to: next)
        #expect(quota.left == ["base": 100, "base/rolled": 50])
        // 20 were trimmed: the first 20 that come late cost nothing.
        quota.record(15, at: start)
        #expect(quota.left == ["base": 100, "base/rolled": 50])
        quota.record(15, at: start)
        #expect(quota.left == ["base": 100, "base/rolled": 40])
        quota.record(100, at: start)
        #expect(quota.left == ["base": 100])
        #expect(quota.reading.over == 0)
        #expect(quota.reading.used == 0)
    }

    @Test func `is owed on where overage is carried`() {
        var quota = Metered([Fixture.base(100)], carries: true, at: start)
        quota.take(90)
        quota.go(to: next)
        let taking = quota.record(15, at: start)
        #expect(taking.parts == Fixture.parts([("base", 10), ("over", 5)]))
        #expect(quota.remaining == 95)
        #expect(quota.reading.used == 0)
        #expect(quota.reading.over == 0)
    }

    @Test func `takes from what was live at its time, also where that has ended`() {
        let ended = Fixture.credit("e", 10, from: start, until: start + .seconds(60), priority: 1)
        let later = Fixture.credit("l", 10, from: start + .seconds(30), priority: 0)
        var quota = Metered([Fixture.base(100)], credits: [ended, later], at: start)
        quota.go(to: start + .seconds(120))
        let expected = Fixture.parts([("e", 10), ("base", 2)])
        #expect(quota.record(12, at: start + .seconds(29)).parts == expected)
        #expect(quota.left == ["base": 98, "l": 10])
    }

    @Test func `takes from a credit what it had before it recurred`() {
        let hourly = Fixture.credit("h", 10, from: start, every: .hour)
        var quota = Metered([Fixture.base(100)], credits: [hourly], at: start)
        quota.take(10)
        _ = quota.meter.giveBack(4, parts: [.init("base", 4)], under: quota.terms)
        quota.go(to: start + .seconds(3_600))
        let before = quota.left
        quota.record(5, at: start + .seconds(10))
        #expect(quota.left["h"] == before["h"])
    }

    @Test func `is forgotten about after the late window`() {
        var quota = Metered([Fixture.base(100, rollover: .init(max: 50))], at: start)
        quota.go(to: next)
        #expect(quota.meter.detail?.json["x"] != nil)
        quota.go(to: next + MeterBounds.lateEvent)
        #expect(quota.meter.detail?.json["x"] == nil)
    }
}
