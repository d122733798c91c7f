import Testing

@testable import Entitlements

@Suite struct `A threshold` {
    typealias Fixture = MeterFixture
    let start: Instant
    let next: Instant
    static let alerts: [MeterTerms.Alert] = [.percent(100), .units(50), .percent(80)]

    init() throws {
        start = try PeriodFixture.utc("2026-03-10")
        next = try PeriodFixture.utc("2026-04-01")
    }

    static func terms(
        _ amount: Int64?,
        overage: MeterTerms.Overage = .allow,
        source: String = ""
    ) -> MeterTerms {
        MeterTerms(
            allowances: [MeterFixture.base(amount)],
            overage: overage,
            source: source,
            alerts: alerts
        )
    }

    private func expect(
        _ told: [Meter.Crossing],
        of quota: inout Metered,
        _ location: SourceLocation = #_sourceLocation,
        after act: (inout Metered) -> Void
    ) {
        let before = quota.reading
        act(&quota)
        let crossings = quota.meter.crossings(since: before, under: quota.terms)
        #expect(crossings == told, sourceLocation: location)
    }

    private func at(_ alert: MeterTerms.Alert, _ limit: Int64 = 100) -> Meter.Crossing {
        .threshold(alert, limit: .units(limit))
    }

    @Test func `is told once, when it is reached, and the lower ones first`() {
        var quota = Metered(Self.terms(100), at: start)
        expect([], of: &quota) { $0.take(49) }
        expect([at(.units(50))], of: &quota) { $0.take(1) }
        expect([], of: &quota) { $0.take(29) }
        expect([at(.percent(80)), at(.percent(100))], of: &quota) { $0.take(30) }
        expect([], of: &quota) { $0.take(30) }
    }

    @Test func `is armed again below it, and in a new period`() {
        var quota = Metered(Self.terms(100), at: start)
        quota.take(85)
        expect([], of: &quota) { _ = $0.meter.giveBack(10, under: $0.terms) }
        expect([at(.percent(80))], of: &quota) { $0.take(5) }
        quota.go(to: next)
        expect([at(.units(50)), at(.percent(80))], of: &quota) { $0.take(80) }
    }

    @Test func `is of the present limit, and told for one that was lowered`() {
        var quota = Metered(Self.terms(100), at: start)
        quota.take(45)
        quota.change(Self.terms(50, source: "x"))
        expect([at(.percent(80), 50)], of: &quota) { $0.take(1) }
        quota.change(Self.terms(1_000, source: "y"))
        expect([], of: &quota) { $0.take(1) }
        quota.change(Self.terms(58, source: "z"))
        expect([at(.percent(80), 58)], of: &quota) { $0.take(0) }
    }

    @Test func `is never reached where there is no limit`() {
        var quota = Metered(Self.terms(nil), at: start)
        expect([], of: &quota) { $0.take(1_000_000) }
        quota.change(Self.terms(2_000_000, source: "x"))
        expect([at(.percent(80), 2_000_000)], of: &quota) { $0.take(600_000) }
    }

    @Test func `of nothing left is told under a limit that holds`() {
        var quota = Metered(MeterTerms(allowances: [Fixture.base(10)]), at: start)
        expect([], of: &quota) { $0.take(9) }
        expect([.exhausted], of: &quota) { $0.take(1) }
        expect([], of: &quota) { $0.take(1) }
        var soft = Metered(MeterTerms(allowances: [Fixture.base(10)], overage: .allow), at: start)
        expect([], of: &soft) { $0.take(10) }
    }
}
