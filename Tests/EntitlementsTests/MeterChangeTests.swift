import Testing

@testable import Entitlements

@Suite struct `When what a meter counts by changes, it` {
    typealias Fixture = MeterFixture
    let start = MeterStory.start

    @Test func `begins anew as a rate, and as a quota again`() {
        var meter = Metered([Fixture.base(10)], at: start)
        let quota = meter.terms
        meter.take(7)
        meter.change(
            MeterTerms(
                counting: .rate(window: 1_000_000, burst: 4),
                allowances: [Fixture.base(4, .never)]
            )
        )
        #expect(meter.remaining == 4)
        meter.take(4)
        meter.change(quota)
        #expect(meter.reading.used == 0)
        #expect(meter.remaining == 10)
    }

    @Test func `carries what was used to a sliding window and back`() {
        var meter = Metered([Fixture.base(10)], at: start)
        let quota = meter.terms
        meter.take(7)
        meter.change(
            MeterTerms(
                counting: .sliding(window: 86_400_000_000),
                allowances: [Fixture.base(10, .never)]
            )
        )
        #expect(meter.remaining == 3)
        meter.take(1)
        meter.change(quota)
        #expect(meter.remaining == 2)
        #expect(meter.reading.resetsAt != nil)
    }

    @Test func `fills the base alone where a plan says so`() {
        let credit = Fixture.credit("a", 10, from: start)
        var meter = Metered([Fixture.base(10)], credits: [credit], at: start)
        meter.take(15)
        meter.change(
            MeterTerms(
                allowances: [Fixture.base(20)],
                credits: [credit],
                resetsOnChange: true,
                source: "pro"
            )
        )
        #expect(meter.left == ["base": 20, "a": 5])
        #expect(meter.reading.used == 5)
        #expect(meter.reading.limit == .units(30))
    }

    @Test func `has nothing while no plan gives any, and is not filled by coming back`() {
        var meter = Metered([Fixture.base(10)], at: start)
        let with = meter.terms
        meter.take(7)
        let credit = Fixture.credit("a", 5, from: start)
        meter.change(MeterTerms(allowances: [], credits: [credit], source: "none"))
        #expect(meter.remaining == 5)
        meter.take(2)
        meter.change(
            MeterTerms(allowances: with.allowances, credits: [credit], source: "again")
        )
        #expect(meter.left == ["base": 3, "a": 3])
        #expect(meter.reading.used == 9)
    }
}
