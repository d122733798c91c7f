import Testing

@testable import Entitlements

@Suite struct `A sliding window` {
    typealias Fixture = MeterFixture
    static let window: Int64 = 100_000_000

    static func terms(_ limit: Int64?, overage: MeterTerms.Overage = .deny) -> MeterTerms {
        MeterTerms(
            counting: .sliding(window: window),
            allowances: [MeterFixture.base(limit, .never)],
            overage: overage
        )
    }

    @Test(arguments: [(1_210, 45), (1_310, 0)] as [(Int64, Int64)])
    func `counts a hold in the window that it is of, if that is in reach`(
        settledAt: Int64,
        used: Int64
    ) {
        var quota = Metered(Self.terms(100), at: Fixture.seconds(1_110))
        _ = quota.hold(50, "h", until: Fixture.seconds(2_000))
        quota.go(to: Fixture.seconds(settledAt))
        #expect(quota.settle("h", 50) == .settled(.init(units: 50, change: 0)))
        #expect(quota.reading.used == used)
    }

    @Test func `counts the window before by the part of it that is in reach`() {
        var quota = Metered(Self.terms(100), at: Fixture.seconds(1_010))
        #expect(quota.take(100) != nil)
        #expect(quota.take(1) == nil)
        #expect(quota.reading.resetsAt == Fixture.seconds(1_100))
        quota.go(to: Fixture.seconds(1_125))
        #expect(quota.reading.used == 75)
        #expect(quota.take(26) == nil)
        #expect(quota.take(25) != nil)
        quota.go(to: Fixture.seconds(1_150))
        #expect(quota.reading.used == 75)
        quota.go(to: Fixture.seconds(1_200))
        #expect(quota.reading.used == 25)
        quota.go(to: Fixture.seconds(1_300))
        #expect(quota.reading.used == 0)
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func `opens at exactly the instant it says`(seed: UInt64) throws {
        var random = Seeded(seed: seed)
        let limit = Int64.random(in: 1...50, using: &random)
        var quota = Metered(Self.terms(limit), at: Fixture.seconds(1_000))
        var now: Int64 = 1_000_000_000
        for _ in 0..<60 {
            now += Int64.random(in: 0...40_000_000, using: &random)
            quota.go(to: Instant(microseconds: now))
            let units = Int64.random(in: 1...limit, using: &random)
            guard quota.take(units) == nil else { continue }
            let retry = try #require(quota.meter.retryAt(units, under: quota.terms))
            #expect(retry > quota.meter.at)
            var early = quota
            early.go(to: Instant(microseconds: retry.microseconds - 1))
            #expect(!early.reading.room.fits(units))
            early.go(to: retry)
            #expect(early.reading.room.fits(units))
        }
        #expect(quota.meter.retryAt(limit + 1, under: quota.terms) == nil)
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `never lets its limit through in any stretch as the estimate has it`(seed: UInt64) {
        var random = Seeded(seed: seed)
        var quota = Metered(Self.terms(30), at: Fixture.seconds(1_000))
        var now: Int64 = 1_000_000_000
        for _ in 0..<200 {
            now += Int64.random(in: 0...30_000_000, using: &random)
            quota.go(to: Instant(microseconds: now))
            quota.take(Int64.random(in: 1...9, using: &random))
            #expect(quota.reading.used <= 30)
            #expect(quota.reading.used + quota.remaining == 30)
        }
    }

    @Test func `takes late events in the window before, holds, and gives back`() {
        var quota = Metered(Self.terms(100), at: Fixture.seconds(1_150))
        quota.record(40, at: Fixture.seconds(1_050))
        #expect(quota.reading.used == 20)
        #expect(quota.hold(30, "h", until: Fixture.seconds(1_190)) != nil)
        #expect(quota.reading.held == 30)
        #expect(quota.take(51) == nil)
        #expect(quota.settle("h", 10) == .settled(.init(units: 10, change: 10)))
        #expect(quota.reading.used == 30)
        #expect(quota.meter.giveBack(31, under: quota.terms) == nil)
        #expect(quota.meter.giveBack(15, under: quota.terms) != nil)
        #expect(quota.reading.used == 15)
        quota.meter.adjust(to: 60, under: quota.terms)
        #expect(quota.reading.used == 60)
        quota.meter.adjust(to: 3, under: quota.terms)
        #expect(quota.reading.used == 3)
    }
}

@Suite struct `Leases` {
    typealias Fixture = MeterFixture
    static let terms = MeterTerms(
        counting: .concurrency,
        allowances: [MeterFixture.base(3, .never)]
    )

    @Test func `are so many at once, and lapse at their instant`() {
        var jobs = Metered(Self.terms, at: Fixture.seconds(100))
        #expect(jobs.hold(2, "a", until: Fixture.seconds(160)) != nil)
        #expect(jobs.hold(1, "b", until: Fixture.seconds(130)) != nil)
        #expect(jobs.hold(1, "c", until: Fixture.seconds(130)) == nil)
        #expect(jobs.reading.used == 3)
        #expect(jobs.reading.boundary == Fixture.seconds(130))
        #expect(jobs.meter.retryAt(2, under: jobs.terms) == Fixture.seconds(160))
        #expect(jobs.meter.renew("b", until: Fixture.seconds(150)) == true)
        jobs.go(to: Instant(microseconds: 149_999_999))
        #expect(jobs.reading.used == 3)
        jobs.go(to: Fixture.seconds(150))
        #expect(jobs.lapsed.map(\.id) == ["b"])
        #expect(jobs.meter.renew("b", until: Fixture.seconds(500)) == false)
        #expect(jobs.hold(1, "c", until: Fixture.seconds(155)) != nil)
        #expect(jobs.meter.release("a", under: jobs.terms) == true)
        #expect(jobs.meter.release("a", under: jobs.terms) == false)
        #expect(jobs.reading.used == 1)
        jobs.go(to: Fixture.seconds(155))
        #expect(jobs.meter.detail == nil)
    }

    @Test func `are no more than a meter may carry`() {
        let terms = MeterTerms(counting: .concurrency, allowances: [Fixture.base(nil, .never)])
        var jobs = Metered(terms, at: Fixture.seconds(100))
        for number in 0..<MeterBounds.holds {
            #expect(jobs.hold(1, "\(number)", until: Fixture.seconds(160)) != nil)
        }
        #expect(jobs.hold(1, "more", until: Fixture.seconds(160)) == nil)
    }
}
