import Testing

@testable import Entitlements

/// Short ways to write terms, and a meter that goes through a story.
enum MeterFixture {
    static func base(
        _ amount: Int64?,
        _ cycle: MeterTerms.Cycle = .calendar(.month),
        priority: Int = 100,
        rollover: MeterTerms.Rollover? = nil,
        heldSince: Instant? = nil
    ) -> MeterTerms.Allowance {
        MeterTerms.Allowance(
            slot: Meter.baseSlot,
            amount: amount.map(Quantity.units) ?? .unlimited,
            cycle: cycle,
            priority: priority,
            rollover: rollover,
            heldSince: heldSince
        )
    }

    static func credit(
        _ id: String,
        _ amount: Int64,
        from: Instant,
        until: Instant? = nil,
        priority: Int = 100,
        promotional: Bool = false,
        every recurrence: PeriodInterval? = nil,
        min: Int64? = nil,
        max: Int64? = nil
    ) -> MeterTerms.Credit {
        MeterTerms.Credit(
            id: id,
            feature: "api",
            amount: amount,
            priority: priority,
            isPromotional: promotional,
            from: from,
            until: until,
            recurrence: recurrence,
            rolloverMin: min,
            rolloverMax: max
        )
    }

    static func parts(_ parts: [(String, Int64)]) -> [Meter.Part] {
        parts.map { Meter.Part($0.0, $0.1) }
    }

    static func seconds(_ seconds: Int64) -> Instant {
        Instant(microseconds: seconds * 1_000_000)
    }
}

/// A meter with its terms and its clock, so that a test reads as what happens.
struct Metered {
    var terms: MeterTerms
    var meter: Meter
    /// The last period that was told to have ended.
    var reset: Meter.Reset?
    var lapsed: [Meter.Hold] = []

    init(_ terms: MeterTerms, at: Instant) {
        self.terms = terms
        meter = Meter(at: at).advanced(to: at, under: terms).meter
    }

    init(
        _ allowances: [MeterTerms.Allowance],
        credits: [MeterTerms.Credit] = [],
        overage: MeterTerms.Overage = .deny,
        carries: Bool = false,
        at: Instant
    ) {
        let terms = MeterTerms(
            allowances: allowances,
            credits: credits,
            overage: overage,
            carriesOverage: carries
        )
        self.init(terms, at: at)
    }

    var reading: Meter.Reading { meter.reading(under: terms) }
    var remaining: Int64 { reading.remaining.units }

    /// What each live slot has left.
    var left: [String: Int64] {
        var left: [String: Int64] = [:]
        for slot in meter.slots(under: terms) { left[slot.slot] = slot.left.units }
        return left
    }

    mutating func go(to instant: Instant) {
        let advance = meter.advanced(to: instant, under: terms)
        meter = advance.meter
        if let ended = advance.reset { reset = ended }
        lapsed += advance.lapsed
    }

    @discardableResult
    mutating func take(_ units: Int64, cap: Bool = false) -> Meter.Taking? {
        meter.take(units, cap: cap, under: terms)
    }

    @discardableResult
    mutating func record(_ units: Int64, at instant: Instant? = nil) -> Meter.Taking {
        meter.record(units, at: instant ?? meter.at, under: terms)
    }

    mutating func hold(_ units: Int64, _ id: String, until: Instant) -> Meter.Taking? {
        meter.hold(units, id: id, until: until, under: terms)
    }

    mutating func settle(_ id: String, _ units: Int64) -> Meter.Settlement {
        meter.settle(id, units: units, under: terms)
    }

    /// Goes over to other terms at once.
    mutating func change(_ terms: MeterTerms) {
        self.terms = terms
        go(to: meter.at)
    }
}
