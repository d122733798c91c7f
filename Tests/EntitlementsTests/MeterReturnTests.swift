import Testing

@testable import Entitlements

@Suite struct `Corrections` {
    typealias Fixture = MeterFixture
    let start: Instant
    let next: Instant

    init() throws {
        start = try PeriodFixture.utc("2026-03-10")
        next = try PeriodFixture.utc("2026-04-01")
    }

    @Test func `give back no more than was used`() {
        var quota = Metered([Fixture.base(10)], at: start)
        quota.take(5)
        #expect(quota.meter.giveBack(6, under: quota.terms) == nil)
        #expect(quota.meter.giveBack(5, under: quota.terms) == .init(units: 5, change: -5))
        #expect(quota.remaining == 10)
    }

    @Test func `give back what was burnt last, what is owed first`() {
        let credit = Fixture.credit("a", 10, from: start)
        var quota = Metered([Fixture.base(10)], credits: [credit], at: start)
        quota.record(25)
        let expected = Fixture.parts([("over", 5), ("a", 10), ("base", 2)])
        #expect(quota.meter.giveBack(17, under: quota.terms)?.parts == expected)
        #expect(quota.left == ["base": 2, "a": 10])
        #expect(quota.reading.used == 8)
    }

    @Test func `give back to the very balances that a consumption took from`() {
        let gift = Fixture.credit("gift", 10, from: start, priority: 1)
        let paid = Fixture.credit("paid", 10, from: start, priority: 2)
        var quota = Metered([], credits: [gift, paid], at: start)
        let first = quota.take(12)
        quota.take(5)
        let back = quota.meter.giveBack(3, parts: first?.parts, under: quota.terms)
        #expect(back?.parts == Fixture.parts([("paid", 2), ("gift", 1)]))
        #expect(quota.left == ["gift": 1, "paid": 5])
    }

    @Test func `lose what came from a balance that is gone`() {
        let credit = Fixture.credit("a", 10, from: start, until: start + .seconds(60))
        var quota = Metered([Fixture.base(10)], credits: [credit], at: start)
        let taken = quota.take(15)
        let takenAt = quota.meter.at
        quota.go(to: start + .seconds(60))
        _ = quota.meter.giveBack(15, parts: taken?.parts, takenAt: takenAt, under: quota.terms)
        #expect(quota.reading.used == 0)
        #expect(quota.remaining == 10)
        #expect(quota.reading.limit == .units(10))
    }

    @Test func `of an earlier period change nothing of the present one but what outlives both`() {
        let credit = Fixture.credit("a", 10, from: start)
        var quota = Metered([Fixture.base(10)], credits: [credit], at: start)
        let taken = quota.take(15)
        quota.go(to: next)
        quota.take(3)
        let back = quota.meter.giveBack(15, parts: taken?.parts, takenAt: start, under: quota.terms)
        #expect(back?.change == 0)
        #expect(quota.left == ["base": 7, "a": 10])
        #expect(quota.reading.used == 3)
    }

    @Test func `set used to a number`() {
        var quota = Metered([Fixture.base(10)], at: start)
        quota.meter.adjust(to: 14, under: quota.terms)
        #expect(quota.reading.used == 14)
        #expect(quota.reading.over == 4)
        quota.meter.adjust(to: 3, under: quota.terms)
        #expect(quota.reading.used == 3)
        #expect(quota.reading.over == 0)
        #expect(quota.remaining == 7)
    }

    @Test(arguments: 0..<60 as Range<UInt64>)
    func `of what was just taken restore the meter`(seed: UInt64) {
        var random = Seeded(seed: seed)
        var story = MeterStory(seed: seed)
        for _ in 0..<30 { story.step() }
        let before = story.quota
        let units = Int64.random(in: 1...20, using: &random)
        guard let taking = story.quota.take(units) else { return }
        #expect(taking.parts.isEmpty || taking.parts.reduce(0) { $0 + $1.units } == units)
        let back = story.quota.meter.giveBack(
            units,
            parts: taking.parts,
            takenAt: story.quota.meter.at,
            under: story.quota.terms
        )
        #expect(back?.change == -units)
        #expect(story.quota.left == before.left)
        #expect(story.quota.reading.used == before.reading.used)
        #expect(story.quota.reading.over == before.reading.over)
        #expect(story.quota.reading.limit == before.reading.limit)
    }
}
