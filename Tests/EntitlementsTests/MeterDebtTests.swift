import Testing

@testable import Entitlements

@Suite struct `Debt of an allowance by the hour` {
    typealias Fixture = MeterFixture
    private let start = Fixture.seconds(1_772_323_200)

    private func owing(_ units: Int64, of amount: Int64, later: Bool = false) throws -> Metered {
        let hour = try #require(PeriodInterval(.hour, count: 1))
        let credit = Fixture.credit("c", 50, from: start + .seconds(20 * 3_600))
        var quota = Metered(
            [Fixture.base(amount, .calendar(hour))],
            credits: later ? [credit] : [],
            overage: .allow,
            carries: true,
            at: start
        )
        quota.record(units)
        return quota
    }

    @Test(
        .timeLimit(.minutes(1)),
        arguments: [0, 10] as [Int64]
    )
    func `is paid over a century in a moment`(amount: Int64) throws {
        var quota = try owing(1_000_000_000_000, of: amount)
        let hours: Int64 = 876_000
        for _ in 0..<20 {
            quota = try owing(1_000_000_000_000, of: amount)
            quota.go(to: start + .seconds(hours * 3_600))
        }
        let owed = 1_000_000_000_000 - amount * (hours + 1)
        #expect(quota.reading.over == owed)
        #expect(quota.reading.used == 0)
    }

    @Test(arguments: [0, 1, 95, 100, 105] as [Int64], [false, true])
    func `comes to the same hour by hour as at once`(units: Int64, later: Bool) throws {
        var steps = try owing(units, of: 10, later: later)
        let debt = steps
        for hour in 1...40 as ClosedRange<Int64> {
            steps.go(to: start + .seconds(hour * 3_600))
            var once = debt
            once.go(to: start + .seconds(hour * 3_600))
            #expect(once.reading == steps.reading && once.left == steps.left)
        }
    }
}
