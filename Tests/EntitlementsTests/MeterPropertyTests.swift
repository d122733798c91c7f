import Testing

@testable import Entitlements

/// Random histories; the seed is the argument, so a red row names itself.
@Suite struct `For any history, a meter` {
    @Test(arguments: 0..<150 as Range<UInt64>)
    func `is what a model of single units makes of it`(seed: UInt64) {
        var story = MeterStory(seed: seed)
        for _ in 0..<80 { story.step() }
    }

    @Test(arguments: 0..<80 as Range<UInt64>)
    func `comes to the same in steps as at once`(seed: UInt64) {
        var random = Seeded(seed: seed)
        var story = MeterStory(seed: seed)
        for _ in 0..<40 { story.step() }
        let quota = story.quota
        let end = Int64.random(in: 1...400, using: &random) * 1_800
        var once = quota
        once.go(to: quota.meter.at + .seconds(end))
        var steps = quota
        for second in (0..<6).map({ _ in Int64.random(in: 0...end, using: &random) }).sorted() {
            steps.go(to: quota.meter.at + .seconds(second))
        }
        steps.go(to: quota.meter.at + .seconds(end))
        #expect(steps.left == once.left)
        #expect(steps.reading == once.reading)
        #expect(steps.lapsed.map(\.id) == once.lapsed.map(\.id))
    }

    @Test(arguments: 0..<60 as Range<UInt64>)
    func `rolls the same in steps as at once, over months without use`(seed: UInt64) {
        var random = Seeded(seed: seed)
        let intervals: [PeriodInterval] = [.hour, .day, .week, .month]
        let base = MeterFixture.base(
            Int64.random(in: 0...20, using: &random),
            .anchored(MeterStory.start, intervals.randomElement(using: &random) ?? .day),
            rollover: .init(
                max: random.maybe([10, 300, 100_000]),
                percent: random.maybe([50, 250]),
                months: random.maybe([1, 2])
            )
        )
        var once = Metered([base], at: MeterStory.start)
        var steps = once
        for _ in 0..<4 {
            let units = Int64.random(in: 0...40, using: &random)
            #expect(once.take(units, cap: true) == steps.take(units, cap: true))
            let ahead = Int64.random(in: 1...100 * 86_400, using: &random)
            let end = once.meter.at + .seconds(ahead)
            for second in (0..<5).map({ _ in Int64.random(in: 0...ahead, using: &random) }).sorted()
            {
                steps.go(to: once.meter.at + .seconds(second))
            }
            once.go(to: end)
            steps.go(to: end)
            #expect(steps.left == once.left)
            #expect(steps.reading == once.reading)
        }
    }

    @Test(arguments: 0..<80 as Range<UInt64>)
    func `shows the same until the boundary that it tells`(seed: UInt64) {
        var story = MeterStory(seed: seed)
        for _ in 0..<30 { story.step() }
        for _ in 0..<20 {
            let reading = story.quota.reading
            guard reading.boundary != .never else { return }
            #expect(reading.boundary > story.quota.meter.at)
            var later = story.quota
            later.go(to: Instant(microseconds: reading.boundary.microseconds - 1))
            #expect(later.reading == reading)
            story.quota.go(to: reading.boundary)
        }
    }

    @Test(arguments: 0..<80 as Range<UInt64>)
    func `never gives more than its hard limit`(seed: UInt64) {
        var story = MeterStory(seed: seed)
        for _ in 0..<40 { story.step() }
        var quota = story.quota
        quota.change(
            MeterTerms(
                allowances: quota.terms.allowances,
                credits: quota.terms.credits,
                carriesOverage: quota.terms.carriesOverage
            )
        )
        let remaining = quota.remaining
        #expect(quota.take(remaining + 1) == nil)
        #expect(quota.take(remaining + 1, cap: true)?.units ?? 0 == remaining)
        #expect(quota.take(1) == nil)
    }

    @Test(arguments: 0..<60 as Range<UInt64>)
    func `is the same by sums alone as by balances`(seed: UInt64) {
        var random = Seeded(seed: seed)
        let base = MeterFixture.base(20, .anchored(MeterStory.start, .day))
        let over: MeterTerms.Overage = Bool.random(using: &random) ? .deny : .units(5)
        let ended = MeterFixture.credit("x", 1, from: .always, until: .always)
        let sums = MeterTerms(allowances: [base], overage: over)
        let balances = MeterTerms(allowances: [base], credits: [ended], overage: over)
        #expect(sums.isPlain && !balances.isPlain)
        var plain = Metered(sums, at: MeterStory.start)
        var full = Metered(balances, at: MeterStory.start)
        for _ in 0..<60 {
            let units = Int64.random(in: 0...12, using: &random)
            let ahead = Int64.random(in: 0...40_000, using: &random)
            switch Int.random(in: 0..<5, using: &random) {
            case 0, 1: #expect(plain.take(units) == full.take(units))
            case 2: #expect(plain.record(units) == full.record(units))
            case 3:
                let one = plain.meter.giveBack(units, under: sums)
                #expect(one == full.meter.giveBack(units, under: balances))
            default:
                plain.go(to: plain.meter.at + .seconds(ahead))
                full.go(to: full.meter.at + .seconds(ahead))
                #expect(plain.reset == full.reset)
            }
            #expect(plain.reading == full.reading)
            #expect(plain.meter.used == full.meter.used)
        }
    }
}
