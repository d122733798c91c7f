import Testing

@testable import Entitlements

/// A meter and the model of it, which live through the same random history.
struct MeterStory {
    static let start = MeterFixture.seconds(1_772_323_200)  // 2026-03-01

    var random: Seeded
    var quota: Metered
    var model: MeterModel
    private var base: MeterTerms.Allowance?
    private var addon: MeterTerms.Allowance?
    private var credits: [MeterTerms.Credit] = []
    private let overage: MeterTerms.Overage
    private let carries: Bool
    private var names = 0

    init(seed: UInt64) {
        random = Seeded(seed: seed)
        quota = Metered([], at: Self.start)
        model = MeterModel([])
        (overage, carries) = Self.drawOverage(&random)
        drawAllowances()
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            addCredit(from: Int.random(in: 0...12, using: &random))
        }
        // Only now does the meter begin, with all of it.
        let slots = model.slots
        let rollsAtMost = model.rollsAtMost
        model = MeterModel(slots)
        model.rollsAtMost = rollsAtMost
        model.overage =
            switch overage {
            case .allow: nil
            case .units(let units): Int(units)
            case .deny, .percent: 0
            }
        model.carries = carries
        quota = Metered(terms, at: Self.start)
    }

    var terms: MeterTerms {
        MeterTerms(
            allowances: [base, addon].compactMap(\.self),
            credits: names.isMultiple(of: 2) ? credits : credits.reversed(),
            overage: overage,
            carriesOverage: carries
        )
    }

    static func instant(_ tick: Int) -> Instant {
        start + .seconds(Int64(tick) * 3_600)
    }

    /// Does one thing to both, and compares all that shows.
    mutating func step(_ location: SourceLocation = #_sourceLocation) {
        let units = Int.random(in: 0...9, using: &random)
        switch Int.random(in: 0..<20, using: &random) {
        case 0..<5: advance(by: Int.random(in: 1...4, using: &random))
        case 5: advance(by: Int.random(in: 5...60, using: &random))
        case 6..<10:
            let before = quota.meter
            let taking = quota.take(Int64(units))
            if taking == nil { #expect(quota.meter == before, sourceLocation: location) }
            #expect((taking != nil) == model.take(units), sourceLocation: location)
            if let taking { expectSum(taking, location) }
        case 10:
            expectSum(quota.record(Int64(units)), location)
            model.record(units)
        case 11, 12: hold(units, location)
        case 13, 14: settle(units, location)
        case 15:
            let id = quota.meter.holds.randomElement(using: &random)?.id ?? "none"
            #expect(
                quota.meter.release(id, under: quota.terms) == model.settle(id, 0),
                sourceLocation: location
            )
        case 16:
            let before = quota.meter
            let back = quota.meter.giveBack(Int64(units), under: quota.terms)
            if back == nil { #expect(quota.meter == before, sourceLocation: location) }
            #expect((back != nil) == model.giveBack(units), sourceLocation: location)
        case 17: addCredit(from: model.now + (Bool.random(using: &random) ? 0 : units))
        case 18: void()
        default: changePlan(units)
        }
        compare(location)
    }

    private func compare(_ location: SourceLocation) {
        let reading = quota.reading
        var left = quota.left
        if left["base/rolled"] == 0 { left["base/rolled"] = nil }
        var expected = model.left
        if expected["base/rolled"] == 0 { expected["base/rolled"] = nil }
        #expect(left == expected, sourceLocation: location)
        #expect(reading.used == Int64(model.used), sourceLocation: location)
        #expect(reading.over == Int64(model.debts.count), sourceLocation: location)
        #expect(reading.remaining == .units(Int64(model.remaining)), sourceLocation: location)
        let held = model.units.count { $0.state == .held } + model.heldOver
        #expect(reading.held == Int64(held), sourceLocation: location)
        let names = quota.meter.slots(under: quota.terms).map(\.slot)
        let order = model.order.map { model.slots[$0].name }
        #expect(names.filter { left[$0] != nil } == order.filter { left[$0] != nil })
    }

    private func expectSum(_ taking: Meter.Taking, _ location: SourceLocation) {
        let sum = taking.spelledParts.reduce(0) { $0 + $1.units }
        #expect(sum == taking.units, sourceLocation: location)
    }
}

extension MeterStory {
    private mutating func advance(by ticks: Int) {
        model.advance(to: model.now + ticks)
        quota.go(to: Self.instant(model.now))
    }

    private mutating func hold(_ units: Int, _ location: SourceLocation) {
        names += 1
        let until = model.now + Int.random(in: 1...12, using: &random)
        let held = quota.hold(Int64(units), "h\(names)", until: Self.instant(until))
        #expect((held != nil) == model.hold(units, "h\(names)", until: until))
        if let held { expectSum(held, location) }
    }

    private mutating func settle(_ units: Int, _ location: SourceLocation) {
        guard let hold = quota.meter.holds.randomElement(using: &random) else { return }
        let settlement = quota.settle(hold.id, Int64(units))
        let isSettled = model.settle(hold.id, units)
        guard case .settled(let taking) = settlement else {
            #expect(settlement == .refused && !isSettled, sourceLocation: location)
            return
        }
        #expect(isSettled, sourceLocation: location)
        expectSum(taking, location)
    }

    private mutating func addCredit(from: Int) {
        names += 1
        let every = random.maybe([2, 5, 9])
        let slot = MeterModel.Slot(
            name: "c\(names)",
            kind: .credit,
            amount: Int.random(in: 1...10, using: &random),
            priority: [50, 100, 100, 150].randomElement(using: &random) ?? 100,
            isPromotional: Bool.random(using: &random),
            from: from,
            until: random.maybe([from + 3, from + 20, from + 70]),
            every: every,
            keepsAtLeast: random.maybe([0, 3]),
            keepsAtMost: random.maybe([0, 4, 10])
        )
        credits.append(MeterTerms.Credit(slot))
        model.add(slot)
        quota.change(terms)
    }

    private mutating func void() {
        guard let index = credits.indices.randomElement(using: &random) else { return }
        model.void(credits[index].id)
        if let slot = model.slots.first(where: { $0.name == credits[index].id }) {
            credits[index] = MeterTerms.Credit(slot)
        }
        quota.change(terms)
    }

    private mutating func changePlan(_ units: Int) {
        guard let old = base else { return }
        base = MeterTerms.Allowance(
            slot: old.slot,
            amount: .units(Int64(units)),
            cycle: old.cycle,
            priority: old.priority,
            rollover: old.rollover,
            since: old.since
        )
        model.setBase(units)
        quota.change(terms)
    }

    private static func drawOverage(_ random: inout Seeded) -> (MeterTerms.Overage, Bool) {
        let overages: [MeterTerms.Overage] = [.deny, .deny, .allow, .units(5)]
        return (
            overages.randomElement(using: &random) ?? .deny, Bool.random(using: &random)
        )
    }

    private mutating func drawAllowances() {
        if Int.random(in: 0..<5, using: &random) > 0 {
            var slot = MeterModel.Slot(name: Meter.baseSlot, kind: .base, amount: 0)
            slot.amount = Int.random(in: 0...12, using: &random)
            slot.every = random.maybe([3, 7, 24, 50])
            slot.offset = Int.random(in: -3...3, using: &random)
            model.slots.append(slot)
            var rollover: MeterTerms.Rollover?
            if slot.every != nil, let most = random.maybe([0, 3, 8, 30]) {
                rollover = .init(max: Int64(most))
                model.rollsAtMost = most
                let name = "base/rolled"
                model.slots.append(MeterModel.Slot(name: name, kind: .rolled, amount: 0))
            }
            base = MeterTerms.Allowance(slot, rollover: rollover)
        }
        if Bool.random(using: &random) {
            var slot = MeterModel.Slot(name: "sub:x", kind: .sub, amount: 6)
            slot.every = 11
            slot.offset = Int.random(in: -3...3, using: &random)
            model.slots.append(slot)
            addon = MeterTerms.Allowance(slot)
        }
    }
}

extension MeterTerms.Allowance {
    fileprivate init(_ slot: MeterModel.Slot, rollover: MeterTerms.Rollover? = nil) {
        let interval = slot.every.flatMap { PeriodInterval(.hour, count: Int64($0)) }
        self.init(
            slot: slot.name,
            amount: .units(Int64(slot.amount)),
            cycle: interval.map { .anchored(MeterStory.instant(slot.offset), $0) } ?? .never,
            rollover: rollover,
            since: .always
        )
    }
}

extension MeterTerms.Credit {
    fileprivate init(_ slot: MeterModel.Slot) {
        self.init(
            id: slot.name,
            feature: "api",
            amount: Int64(slot.amount),
            priority: slot.priority,
            isPromotional: slot.isPromotional,
            from: MeterStory.instant(slot.from),
            until: slot.until.map(MeterStory.instant),
            recurrence: slot.every.flatMap { PeriodInterval(.hour, count: Int64($0)) },
            rolloverMin: slot.keepsAtLeast.map(Int64.init),
            rolloverMax: slot.keepsAtMost.map(Int64.init)
        )
    }
}
