import Testing

@testable import Entitlements

/// Rates against a bucket of tokens that is filled drop by drop, in whole numbers.
@Suite struct `A rate` {
    typealias Fixture = MeterFixture

    static func terms(_ limit: Int64?, per seconds: Int64, burst: Int64? = nil) -> MeterTerms {
        let window = seconds * 1_000_000
        return MeterTerms(
            counting: .rate(window: window, burst: burst ?? limit ?? 1),
            allowances: [MeterFixture.base(limit, .never)]
        )
    }

    @Test func `gives its burst at once, and then one at each interval`() {
        var rate = Metered(Self.terms(10, per: 1, burst: 3), at: Fixture.seconds(1_000))
        #expect(rate.remaining == 3)
        #expect(rate.take(4) == nil)
        #expect(rate.take(3) != nil)
        #expect(rate.reading.used == 3)
        #expect(rate.reading.resetsAt == Instant(microseconds: 1_000_300_000))
        #expect(rate.take(1) == nil)
        let next = Instant(microseconds: 1_000_100_000)
        #expect(rate.reading.boundary == next)
        #expect(rate.meter.retryAt(1, under: rate.terms) == next)
        #expect(rate.meter.retryAt(4, under: rate.terms) == nil)
        rate.go(to: Instant(microseconds: next.microseconds - 1))
        #expect(rate.take(1) == nil)
        rate.go(to: next)
        #expect(rate.take(2, cap: true)?.units == 1)
        rate.go(to: Fixture.seconds(2_000))
        #expect(rate.remaining == 3)
        #expect(rate.reading.resetsAt == nil)
        #expect(rate.reading.used == 0)
    }

    @Test(arguments: [
        (Int64(3), Int64(1), Int64(3)), (7, 60, 2), (1, 1, 1), (3_000_001, 1, 17),
        (999, 3_600, 999),
        (1_000_000_007, 1, 3),
    ])
    func `agrees with a bucket of tokens`(limit: Int64, seconds: Int64, burst: Int64) {
        var random = Seeded(seed: UInt64(limit))
        let window = seconds * 1_000_000
        var rate = Metered(
            Self.terms(limit, per: seconds, burst: burst),
            at: Instant(microseconds: 17)
        )
        // One token is `window` drops, and `limit` drops fall in a microsecond.
        let full = Int128(burst) * Int128(window)
        var drops = full
        var now: Int64 = 17
        for _ in 0..<2_000 {
            let step = Int64.random(in: 0...max(1, 2 * window / limit), using: &random)
            now += step
            drops = min(full, drops + Int128(step) * Int128(limit))
            rate.go(to: Instant(microseconds: now))
            #expect(rate.remaining == Int64(drops / Int128(window)))
            let units = Int64.random(in: 1...max(2, burst / 2), using: &random)
            let fits = drops >= Int128(units) * Int128(window)
            if !fits, units <= burst {
                let missing = Int128(units) * Int128(window) - drops
                let wait = Int64(missing.dividedUp(by: Int128(limit)))
                #expect(
                    rate.meter.retryAt(units, under: rate.terms)
                        == Instant(microseconds: now + wait)
                )
            }
            #expect((rate.take(units) != nil) == fits)
            if fits { drops -= Int128(units) * Int128(window) }
        }
    }

    @Test func `gives back, at most what was used`() {
        var rate = Metered(Self.terms(3, per: 1), at: Fixture.seconds(10))
        rate.take(2)
        #expect(rate.meter.giveBack(3, under: rate.terms) == nil)
        #expect(rate.meter.giveBack(1, under: rate.terms)?.change == -1)
        #expect(rate.remaining == 2)
    }

    @Test func `of nothing gives nothing, and without a limit everything`() {
        var none = Metered(Self.terms(0, per: 1), at: Fixture.seconds(1))
        #expect(none.take(1) == nil)
        #expect(none.meter.retryAt(1, under: none.terms) == nil)
        var all = Metered(Self.terms(nil, per: 1), at: Fixture.seconds(1))
        #expect(all.take(.max) != nil)
        #expect(all.reading.isOpen)
    }

    @Test func `goes on with what was used when its limit changes`() {
        var rate = Metered(Self.terms(3, per: 1), at: Fixture.seconds(10))
        rate.take(3)
        rate.change(Self.terms(7, per: 1))
        #expect(rate.remaining == 0)
        rate.go(to: Fixture.seconds(11))
        #expect(rate.remaining == 7)
    }

    @Test func `traps on nothing`() {
        var rate = Metered(Self.terms(.max, per: 1, burst: .max), at: Fixture.seconds(1))
        rate.take(.max)
        rate.record(.max)
        _ = rate.reading
        _ = rate.meter.retryAt(.max, under: rate.terms)
        rate.go(to: .never)
        rate.record(.max)
        _ = rate.reading
        rate.go(to: .always)
        _ = rate.reading
    }
}
