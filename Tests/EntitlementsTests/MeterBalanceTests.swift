import Testing

@testable import Entitlements

/// Burn order, rollover, recurrence and add-ons; B1 to B5 of the reference are named.
@Suite struct `Balances` {
    typealias Fixture = MeterFixture
    let start: Instant
    let next: Instant

    init() throws {
        start = try PeriodFixture.utc("2026-03-01")
        next = try PeriodFixture.utc("2026-04-01")
    }

    @Test func `burn by priority (B1)`() {
        let credits = [
            Fixture.credit("b", 100, from: start, priority: 2),
            Fixture.credit("a", 100, from: start, priority: 1),
        ]
        var quota = Metered([], credits: credits, at: start)
        #expect(quota.take(120)?.parts == Fixture.parts([("a", 100), ("b", 20)]))
        #expect(quota.left == ["a": 0, "b": 80])
    }

    @Test func `pay what is owed when they recur (B2)`() {
        var quota = Metered(
            [],
            credits: [Fixture.credit("a", 100, from: start, every: .day)],
            overage: .allow,
            at: start
        )
        quota.take(120)
        #expect(quota.reading.over == 20)
        quota.go(to: start + .seconds(25 * 3_600))
        #expect(quota.remaining == 80)
        #expect(quota.reading.over == 0)
    }

    @Test func `keep at most so much at a reset (B3)`() {
        var quota = Metered(
            [Fixture.base(0)],
            credits: [Fixture.credit("a", 100, from: start, max: 50)],
            at: start
        )
        quota.take(10)
        quota.go(to: next)
        #expect(quota.remaining == 50)
        #expect(quota.reading.used == 0)
    }

    @Test func `pay carried overage from what is left after the reset (B4)`() {
        var quota = Metered(
            [Fixture.base(0)],
            credits: [Fixture.credit("a", 100, from: start, min: 50, max: 50)],
            carries: true,
            at: start
        )
        quota.record(110)
        #expect(quota.reading.over == 10)
        quota.go(to: next)
        #expect(quota.remaining == 40)
        #expect(quota.reading.over == 0)
        #expect(quota.reading.used == 0)
    }

    @Test func `roll a share of the allowance, as a ceiling on the whole (B5)`() {
        let base = Fixture.base(200, rollover: .init(percent: 50))
        var quota = Metered([base], at: start)
        quota.take(50)
        quota.go(to: next)
        #expect(quota.left == ["base": 200, "base/rolled": 100])
        #expect(quota.remaining == 300)
        #expect(quota.reading.limit == .units(300))
    }

    @Test func `roll the smaller of a number and a share, for so many months`() throws {
        let rollover = MeterTerms.Rollover(max: 60, percent: 50, months: 1)
        var quota = Metered([Fixture.base(200, rollover: rollover)], at: start)
        quota.take(150)
        quota.go(to: next)
        let expiry = try PeriodFixture.utc("2026-05-01")
        #expect(quota.remaining == 250)
        #expect(quota.reading.boundary == expiry)
        #expect(quota.take(30)?.parts.first?.units == 30, "the rolled part goes first")
        quota.go(to: expiry)
        // 20 of the old expired at this very instant; of 200 left, 60 roll.
        #expect(quota.remaining == 260)
    }

    @Test func `trim what is oldest when more would roll than may`() throws {
        let rollover = MeterTerms.Rollover(max: 100, months: 3)
        var quota = Metered([Fixture.base(100, rollover: rollover)], at: start)
        quota.take(40)
        quota.go(to: next)
        quota.take(130)
        let may = try PeriodFixture.utc("2026-05-01")
        quota.go(to: may)
        let july = try PeriodFixture.utc("2026-08-01")
        #expect(quota.left == ["base": 100, "base/rolled/\(july.microseconds)": 30])
        quota.go(to: try PeriodFixture.utc("2026-06-01"))
        let august = try PeriodFixture.utc("2026-09-01")
        #expect(quota.left == ["base": 100, "base/rolled/\(august.microseconds)": 100])
    }

    @Test func `roll what idle periods left, since the plan was had`() throws {
        let since = try PeriodFixture.utc("2026-01-15")
        let base = Fixture.base(10, rollover: .init(max: 1_000), heldSince: since)
        let quota = Metered([base], at: start)
        #expect(quota.left == ["base": 10, "base/rolled": 20])
        let fresh = Fixture.base(10, rollover: .init(max: 1_000), heldSince: start)
        #expect(Metered([fresh], at: start).left == ["base": 10])
    }

    @Test func `burn in an order that does not depend on how they are listed`() throws {
        let later = start + .seconds(10 * 86_400)
        let base = Fixture.base(10, rollover: .init(max: 5))
        let credits = [
            Fixture.credit("none", 10, from: start),
            Fixture.credit("ends late", 10, from: start, until: later + .seconds(60)),
            Fixture.credit("ends soon", 10, from: start, until: later),
            Fixture.credit("gift", 10, from: start, promotional: true),
            Fixture.credit("first", 10, from: start + .seconds(1), priority: 1),
            Fixture.credit("older", 10, from: start - .seconds(1)),
            Fixture.credit("a twin", 10, from: start),
        ]
        let expected = [
            "first", "ends soon", "ends late", "base/rolled", "gift", "base", "older", "a twin",
            "none",
        ]
        var random = Seeded(seed: 1)
        for _ in 0..<50 {
            var quota = Metered([base], credits: [], at: start - .seconds(86_400))
            quota.terms = MeterTerms(
                allowances: [base],
                credits: credits.shuffled(using: &random)
            )
            quota.go(to: start + .seconds(60))
            #expect(quota.meter.slots(under: quota.terms).map(\.slot) == expected)
        }
    }

    @Test func `begin and end at exactly their instants`() {
        let until = start + .seconds(3_600)
        let credit = Fixture.credit("a", 10, from: start + .seconds(60), until: until)
        var quota = Metered([], credits: [credit], at: start)
        #expect(quota.reading.boundary == start + .seconds(60))
        #expect(quota.meter.retryAt(10, under: quota.terms) == start + .seconds(60))
        quota.go(to: Instant(microseconds: credit.from.microseconds - 1))
        #expect(quota.remaining == 0)
        quota.go(to: credit.from)
        #expect(quota.take(4) != nil)
        quota.go(to: Instant(microseconds: until.microseconds - 1))
        #expect(quota.remaining == 6)
        quota.go(to: until)
        #expect(quota.remaining == 0)
        #expect(quota.reading.used == 4)
        #expect(quota.reading.limit == .units(4))
    }

    @Test func `survive a plan change and another product's reset`() {
        let credit = Fixture.credit("a", 50, from: start)
        var quota = Metered([Fixture.base(10)], credits: [credit], at: start)
        quota.take(30)
        quota.change(MeterTerms(allowances: [Fixture.base(5)], credits: [credit], source: "x"))
        #expect(quota.left == ["base": -5, "a": 30])
        #expect(quota.remaining == 30)
        quota.go(to: next)
        #expect(quota.left == ["base": 5, "a": 30])
    }

    @Test func `that recur at a reset are full once, and lose what was left without recurring`() {
        let monthly = Fixture.credit("m", 10, from: start, every: .month)
        let weekly = Fixture.credit("w", 10, from: start, every: .week)
        var quota = Metered([Fixture.base(0)], credits: [monthly, weekly], at: start)
        quota.take(5)
        quota.go(to: next)
        // The month's own recurrence falls on the reset; the week's is on 5 April.
        #expect(quota.left == ["base": 0, "m": 10, "w": 0])
        quota.go(to: start + .seconds(35 * 86_400))
        #expect(quota.left == ["base": 0, "m": 10, "w": 10])
    }

    @Test func `that start at a reset are left alone by it`() {
        let credit = Fixture.credit("a", 100, from: next, max: 10)
        var quota = Metered([Fixture.base(0)], credits: [credit], at: start)
        quota.go(to: next)
        #expect(quota.remaining == 100)
    }

    @Test func `of add-ons have their own periods`() throws {
        let addon = MeterTerms.Allowance(
            slot: "sub:x",
            amount: .units(10),
            cycle: .anchored(try PeriodFixture.utc("2026-02-15"), .month)
        )
        var quota = Metered([Fixture.base(100), addon], at: start)
        #expect(quota.take(105)?.parts == Fixture.parts([("sub:x", 10), ("base", 95)]))
        quota.go(to: try PeriodFixture.utc("2026-03-15"))
        #expect(quota.left == ["base": 5, "sub:x": 10])
        #expect(quota.reading.used == 105)
        #expect(quota.reading.limit == .units(120))
        quota.go(to: next)
        #expect(quota.left == ["base": 100, "sub:x": 10])
        #expect(quota.reading.used == 0)
    }

    @Test func `of an add-on that starts while units are owed pay them first`() throws {
        var quota = Metered([Fixture.base(100)], overage: .allow, at: start)
        quota.take(130)
        #expect(quota.reading.over == 30)
        let bought = start + .seconds(86_400)
        let addon = MeterTerms.Allowance(
            slot: "sub:p",
            amount: .units(50),
            cycle: .anchored(bought, .month),
            since: bought,
            heldSince: bought
        )
        quota.terms = MeterTerms(allowances: [Fixture.base(100), addon], overage: .allow)
        quota.go(to: bought)
        for hours in [0, 1, 24] {
            quota.go(to: bought + .seconds(Int64(hours) * 3_600))
            let reading = quota.reading
            #expect(reading.limit == .units(150) && reading.used == 130, "after \(hours) hours")
            #expect(reading.over == 0 && reading.remaining == .units(20), "after \(hours) hours")
        }
        quota.go(to: next)
        #expect(quota.left == ["base": 100, "sub:p": 20])
    }

    @Test func `of an add-on do not pay what was dropped before it started`() throws {
        for cycle in [MeterTerms.Cycle.anchored(start, .month), .never] {
            var quota = Metered([Fixture.base(100)], overage: .allow, at: start)
            quota.take(130)
            let addon = MeterTerms.Allowance(
                slot: "sub:p",
                amount: .units(50),
                cycle: cycle,
                heldSince: next + .seconds(86_400)
            )
            quota.terms = MeterTerms(allowances: [Fixture.base(100), addon], overage: .allow)
            quota.go(to: next + .seconds(2 * 86_400))
            #expect(quota.left == ["base": 100, "sub:p": 50])
        }
    }

    @Test func `of an add-on that is dropped and had again are not full again`() throws {
        let addon = MeterTerms.Allowance(
            slot: "sub:x",
            amount: .units(10),
            cycle: .anchored(try PeriodFixture.utc("2026-02-15"), .month)
        )
        var quota = Metered([Fixture.base(0), addon], at: start)
        quota.take(7)
        let with = quota.terms
        quota.change(MeterTerms(allowances: [Fixture.base(0)]))
        #expect(quota.remaining == 0)
        #expect(quota.reading.used == 7)
        quota.change(with)
        #expect(quota.remaining == 3)
    }

    @Test func `are enough after five idle years, at once`() throws {
        let hourly = MeterTerms.Allowance(
            slot: Meter.baseSlot,
            amount: .units(10),
            cycle: .anchored(start, .hour),
            rollover: .init(max: 1_000_000, months: 2)
        )
        let credits = [
            Fixture.credit("a", 5, from: start, every: .hour),
            Fixture.credit("b", 5, from: start, max: 3),
        ]
        var quota = Metered([hourly], credits: credits, carries: true, at: start)
        quota.record(1)
        let clock = ContinuousClock()
        let spent = clock.measure { quota.go(to: start + .seconds(5 * 365 * 86_400)) }
        #expect(quota.left["a"] == 5)
        #expect(quota.left["b"] == 3)
        #expect(quota.remaining > 10_000)
        #expect(spent < .seconds(5), "a debug build of a slow machine has this much")
    }
}
