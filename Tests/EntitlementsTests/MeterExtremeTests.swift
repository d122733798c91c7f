import Testing

@testable import Entitlements

/// Numbers from the ends of their range, everywhere at once: a trap would end the service.
@Suite struct `The largest and smallest numbers` {
    private struct Extremes {
        var random: Seeded
        static let all: [Int64] = [.min, -1, 0, 1, 1_000_000_000_000_000, .max - 1, .max]

        mutating func next() -> Int64 { Self.all.randomElement(using: &random) ?? 0 }

        mutating func terms(at now: Instant) -> MeterTerms {
            let rollover = MeterTerms.Rollover(max: next(), percent: next(), months: 1)
            let base = MeterFixture.base(next(), .anchored(now, .day), rollover: rollover)
            let credit = MeterFixture.credit(
                "a",
                next(),
                from: now,
                every: .day,
                min: next(),
                max: next()
            )
            let overages: [MeterTerms.Overage] = [
                .deny, .allow, .units(next()), .percent(next()),
            ]
            return MeterTerms(
                allowances: [base],
                credits: [credit],
                overage: overages.randomElement(using: &random) ?? .deny,
                carriesOverage: Bool.random(using: &random),
                alerts: [.percent(next()), .units(next())]
            )
        }

        mutating func act(on quota: inout Metered, _ step: Int) {
            let before = quota.reading
            quota.take(next())
            quota.record(next(), at: Instant(microseconds: next()))
            _ = quota.hold(next(), "\(step)", until: quota.meter.at + .seconds(7_200))
            _ = quota.settle("\(step - 1)", next())
            let parts = [Meter.Part("a", next()), Meter.Part("base", next())]
            _ = quota.meter.giveBack(next(), parts: parts, under: quota.terms)
            _ = quota.meter.giveBack(next(), under: quota.terms)
            quota.meter.adjust(to: next(), under: quota.terms)
            _ = quota.meter.crossings(since: before, under: quota.terms)
            _ = quota.meter.retryAt(next(), under: quota.terms)
        }
    }

    @Test(arguments: 0..<60 as Range<UInt64>)
    func `trap nowhere`(seed: UInt64) {
        var extremes = Extremes(random: Seeded(seed: seed))
        let terms = extremes.terms(at: MeterStory.start)
        var quota = Metered(terms, at: MeterStory.start)
        for step in 0..<20 {
            extremes.act(on: &quota, step)
            quota.go(to: quota.meter.at + .seconds(3_600 * 7))
        }
        quota.go(to: quota.meter.at + .seconds(400 * 86_400))
        quota.go(to: .always)
    }
}
