import Testing

@testable import Entitlements

@Suite struct `Held units` {
    typealias Fixture = MeterFixture
    let start: Instant
    let next: Instant

    init() throws {
        start = try PeriodFixture.utc("2026-03-31 23:00")
        next = try PeriodFixture.utc("2026-04-01")
    }

    private func later(_ seconds: Int64) -> Instant { start + .seconds(seconds) }

    @Test func `count against the limit until exactly their end`() {
        var quota = Metered([Fixture.base(100)], at: start)
        quota.take(50)
        #expect(quota.hold(40, "h", until: later(60)) == .init(units: 40, change: 0))
        #expect(quota.reading.held == 40)
        #expect(quota.remaining == 10)
        #expect(quota.reading.limit == .units(100))
        #expect(quota.reading.used == 50)
        #expect(quota.take(11) == nil)
        #expect(quota.hold(11, "i", until: later(60)) == nil)
        #expect(quota.hold(1, "h", until: later(60)) == nil, "the id is taken")
        quota.go(to: Instant(microseconds: later(60).microseconds - 1))
        #expect(quota.remaining == 10)
        quota.go(to: later(60))
        #expect(quota.remaining == 50)
        #expect(quota.lapsed.map(\.id) == ["h"])
        #expect(quota.settle("h", 1) == .absent)
        #expect(quota.meter.detail == nil)
    }

    @Test(arguments: [0, 1, 3_600])
    func `that lapse by a reset are left to what outlives it`(early: Int64) {
        let base = Fixture.base(100, rollover: .init(max: 30))
        var quota = Metered([base], at: start)
        quota.take(80)
        _ = quota.hold(5, "h", until: Instant(microseconds: next.microseconds - early * 1_000))
        quota.go(to: next)
        #expect(quota.left == ["base/rolled": 20, "base": 100])
        quota.take(10)
        #expect(quota.left == ["base/rolled": 10, "base": 100])
        // What lapses later was not left.
        _ = quota.hold(80, "i", until: next + .seconds(40 * 86_400))
        quota.go(to: next + .seconds(35 * 86_400))
        #expect(quota.left == ["base/rolled": 30, "base": 100])
    }

    @Test func `are settled with as much, with less, and with more`() {
        var quota = Metered([Fixture.base(100)], at: start)
        for id in ["equal", "less", "more", "too much"] {
            _ = quota.hold(20, id, until: later(60))
        }
        #expect(quota.settle("equal", 20) == .settled(.init(units: 20, change: 20)))
        #expect(quota.settle("less", 5) == .settled(.init(units: 5, change: 5)))
        #expect(quota.settle("more", 30) == .settled(.init(units: 30, change: 30)))
        #expect(quota.reading.used == 55)
        #expect(quota.reading.held == 20)
        let before = quota.meter
        #expect(quota.settle("too much", 46) == .refused)
        #expect(quota.meter == before)
        #expect(quota.settle("too much", 45) == .settled(.init(units: 45, change: 45)))
        #expect(quota.remaining == 0)
    }

    @Test func `go back where they came from`() {
        let credit = Fixture.credit("a", 10, from: start, priority: 1)
        var quota = Metered([Fixture.base(10)], credits: [credit], at: start)
        let parts = Fixture.parts([("a", 10), ("base", 5)])
        #expect(quota.hold(15, "h", until: later(60))?.parts == parts)
        #expect(quota.left == ["a": 0, "base": 5])
        #expect(quota.reading.limit == .units(20))
        guard case .settled(let taking) = quota.settle("h", 4) else {
            Issue.record("not settled")
            return
        }
        #expect(taking.parts == Fixture.parts([("a", 4)]))
        #expect(quota.left == ["a": 6, "base": 10])
        _ = quota.hold(16, "i", until: later(60))
        #expect(quota.meter.release("i", under: quota.terms) == true)
        #expect(quota.left == ["a": 6, "base": 10])
    }

    @Test func `belong to the period that they were taken in`() {
        let credit = Fixture.credit("a", 10, from: start)
        var quota = Metered([Fixture.base(10)], credits: [credit], at: start)
        _ = quota.hold(15, "settled", until: later(7_200))
        _ = quota.hold(2, "released", until: later(7_200))
        quota.go(to: next)
        #expect(quota.left == ["base": 10, "a": 3])
        #expect(quota.reading.limit == .units(20))
        guard case .settled(let taking) = quota.settle("settled", 13) else {
            Issue.record("not settled")
            return
        }
        #expect(taking.change == 0)
        #expect(taking.parts == Fixture.parts([("base", 10), ("a", 3)]))
        #expect(quota.left == ["base": 10, "a": 5])
        #expect(quota.reading.used == 0)
        #expect(quota.meter.release("released", under: quota.terms) == true)
        #expect(quota.left == ["base": 10, "a": 7])
    }

    @Test func `are lost with a balance that is full again`() {
        let credit = Fixture.credit("a", 10, from: start, every: .hour)
        var quota = Metered([], credits: [credit], at: start)
        _ = quota.hold(8, "h", until: later(7_200))
        quota.go(to: later(3_600))
        #expect(quota.remaining == 10)
        quota.take(9)
        #expect(quota.meter.release("h", under: quota.terms) == true)
        #expect(quota.remaining == 1)
    }

    @Test func `beyond the limit are overage only when they are settled`() {
        var quota = Metered([Fixture.base(10)], overage: .units(10), at: start)
        let parts = Fixture.parts([("base", 10), ("over", 5)])
        #expect(quota.hold(15, "h", until: later(60))?.parts == parts)
        #expect(quota.reading.over == 0)
        #expect(quota.take(6) == nil)
        #expect(quota.take(5) != nil)
        _ = quota.settle("h", 12)
        #expect(quota.reading.used == 17)
        #expect(quota.reading.over == 7)
        #expect(quota.reading.limit == .units(10))
    }
}
