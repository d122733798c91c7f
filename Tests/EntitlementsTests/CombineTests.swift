import Testing

@testable import Entitlements

@Suite struct `Entitlements of several sources` {
    static func feature(
        _ kind: Feature.Kind,
        _ combine: Feature.Combine,
        _ type: Feature.ValueType? = nil
    ) -> Feature {
        Feature(id: "f", kind: kind, valueType: type, combine: combine)
    }

    static func units(_ limit: Int64, per: String? = nil) -> Entitlement {
        Entitlement(limit: .units(limit), settings: per.map { ["per": .string($0)] } ?? [:])
    }

    static func value(_ value: JSON) -> Entitlement { Entitlement(value: value) }

    static let unlimited = Entitlement(limit: .unlimited)

    /// Active holds on plans `p0`, `p1`, … of one entitlement each, in this order.
    static func decision(
        _ feature: Feature,
        _ entitlements: [Entitlement],
        addons: [Entitlement] = [],
        quantity: Int64 = 1,
        standard: Entitlement? = nil
    ) -> Decision {
        let plans = entitlements.enumerated().map { Fixture.plan("p\($0)", ["f": $1]) }
        let more = addons.enumerated().map { Fixture.plan("a\($0)", ["f": $1], kind: .addon) }
        let free = Fixture.plan("free", standard.map { ["f": $0] } ?? [:])
        // Add-ons first: the rank must not come from the order alone.
        let subscriptions = (more + plans)
            .map {
                Fixture.subscription($0.id, quantity: quantity)
            }
        return decide(
            account: Account(id: "acme", revision: 1, subscriptions: subscriptions),
            configuration: Fixture.configuration(plans + more + [free]),
            feature: feature,
            at: Fixture.T
        )
    }

    @Test(
        arguments: [
            (.any, [false, true], true, "p1"), (.any, [true, true], true, "p0"),
            (.max, [false, true], true, "p1"), (.sum, [false, true], true, "p1"),
            (.first, [true, false], true, "p0"), (.first, [false, true], false, nil),
            (.min, [true, false], false, nil), (.any, [false, false], false, nil),
        ] as [(Feature.Combine, [JSON], Bool, String?)]
    )
    func `combine booleans`(
        combine: Feature.Combine,
        values: [JSON],
        allowed: Bool,
        source: String?
    ) {
        let decision = Self.decision(Self.feature(.boolean, combine), values.map(Self.value))
        #expect(decision.allowed == allowed)
        #expect(decision.source?.id == source)
        #expect(decision.value == (allowed ? true : nil))
        if !allowed { #expect(decision.reason == .notInPlan) }
    }

    @Test(
        arguments: [
            (.max, [1, 3, 2], 3, "p1"), (.max, [3, 3], 3, "p0"), (.min, [2, 1, 1], 1, "p1"),
            (.sum, [1, 2, 3], 6, "p0"), (.first, [7, 9], 7, "p0"), (.any, [1, 2], 2, "p1"),
            (.max, [1, 2.5], 2.5, "p1"), (.sum, [1, 2.5], 3.5, "p0"),
            (.sum, [.integer(.max), 1], .integer(.max), "p0"),
            (.sum, [.number(1.7e308), .number(1.7e308)], .number(.greatestFiniteMagnitude), "p0"),
            (.first, ["a", "b"], "a", "p0"), (.max, ["a", "b"], "a", "p0"),
            (.sum, ["a", 1], "a", "p0"),
            (.any, [false, true], true, "p1"), (.any, [false, false], false, "p0"),
        ] as [(Feature.Combine, [JSON], JSON, String)]
    )
    func `combine values`(
        combine: Feature.Combine,
        values: [JSON],
        value: JSON,
        source: String
    ) {
        let decision = Self.decision(Self.feature(.config, combine), values.map(Self.value))
        #expect(decision.allowed)
        #expect(decision.value == value)
        #expect(decision.source?.id == source)
        #expect(decision.limit == nil)
    }

    @Test(
        arguments: [
            (.sum, [units(1), units(2)], .units(3), "p0"),
            (.sum, [units(0), units(2)], .units(2), "p1"),  // the first that gave anything
            (.sum, [units(5), unlimited, units(1)], .unlimited, "p0"),
            (.sum, [units(.max), units(.max)], .units(.max), "p0"),
            (.sum, [units(0), units(0)], nil, nil),
            (.sum, [units(-5), units(3)], .units(3), "p1"),
            (.max, [units(1), units(3), units(3)], .units(3), "p1"),
            (.max, [units(1), unlimited], .unlimited, "p1"),
            (.min, [unlimited, units(3), units(2)], .units(2), "p2"),
            (.min, [units(3), units(0)], nil, nil),
            (.first, [units(1), unlimited], .units(1), "p0"),
            (.first, [units(0), units(9)], nil, nil),  // 0 is none, not "ask the next"
        ] as [(Feature.Combine, [Entitlement], Quantity?, String?)]
    )
    func `combine limits`(
        combine: Feature.Combine,
        entitlements: [Entitlement],
        limit: Quantity?,
        source: String?
    ) {
        let decision = Self.decision(Self.feature(.level, combine), entitlements)
        #expect(decision.limit == limit)
        #expect(decision.allowed == (limit != nil))
        #expect(decision.source?.id == source)
        #expect(decision.value == nil)
    }

    @Test(
        arguments: [
            (.max, [units(10, per: "minute"), units(500, per: "hour")], .units(10)),
            (.min, [units(10, per: "minute"), units(500, per: "hour")], .units(500)),
            (.max, [units(1, per: "second"), units(60, per: "minute")], .units(1)),
            (.max, [units(.max, per: "year"), units(.max, per: "second")], .units(.max)),
            (.max, [units(30, per: "day"), units(901, per: "month")], .units(901)),
            (.max, [units(30, per: "day"), units(900, per: "month")], .units(30)),
            (.max, [units(1_000_000), units(1_000, per: "week")], .units(1_000)),
        ] as [(Feature.Combine, [Entitlement], Quantity)]
    )
    func `compare rates over different windows`(
        combine: Feature.Combine,
        entitlements: [Entitlement],
        limit: Quantity
    ) {
        #expect(Self.decision(Self.feature(.rate, combine), entitlements).limit == limit)
        #expect(Self.decision(Self.feature(.metered, combine), entitlements).limit == limit)
    }

    @Test func `rank plans before add-ons, whatever the order`() {
        let first = Self.feature(.config, .first)
        let decision = Self.decision(first, ["plan"].map(Self.value), addons: [Self.value("addon")])
        #expect(decision.value == "plan" && decision.reason == .plan)
        let alone = Self.decision(first, [], addons: [Self.value("addon")])
        #expect(alone.value == "addon" && alone.reason == .addon)
        #expect(alone.source == Decision.Source(kind: .addon, id: "a0", version: 1))
    }

    @Test func `stack add-ons on the default plan where no plan is held`() {
        let sum = Self.feature(.metered, .sum)
        let addon = [Self.units(5)]
        let stacked = Self.decision(sum, [], addons: addon, standard: Self.units(10))
        #expect(stacked.limit == .units(15))
        #expect(stacked.reason == .defaultPlan && stacked.source?.id == "free")
        let held = Self.decision(sum, [Self.units(1)], addons: addon, standard: Self.units(10))
        #expect(held.limit == .units(6))
    }

    @Test func `leave the default plan out as soon as any plan is held`() {
        let plans = [
            Fixture.plan("free", ["f": Self.units(10)]), Fixture.plan("other", [:]),
        ]
        let feature = Self.feature(.metered, .sum)
        let held = Fixture.decision(of: feature, plans: plans, Fixture.subscription("other"))
        #expect(held.reason == .notInPlan)
        let none = Fixture.decision(of: feature, plans: plans)
        #expect(none.reason == .defaultPlan && none.limit == .units(10))
        let lapsing = Fixture.subscription("other", cancelAt: Fixture.T)
        let before = Fixture.decision(of: feature, at: Fixture.before, plans: plans, lapsing)
        #expect(!before.allowed && before.validUntil == Fixture.T)
        #expect(Fixture.decision(of: feature, plans: plans, lapsing).reason == .defaultPlan)
    }

    @Test(
        arguments: [
            (.seats, false, 3, .units(15)),  // seats are sold by the piece
            (.seats, true, 3, .units(15)),
            (.metered, false, 3, .units(5)),  // a tier's quota is the tier's
            (.metered, true, 3, .units(15)),  // an add-on's is a pack's
            (.level, true, 3, .units(15)), (.rate, true, 3, .units(15)),
            (.seats, false, 0, nil), (.seats, false, -1, nil),
            (.seats, false, .max, .units(.max)),
        ] as [(Feature.Kind, Bool, Int64, Quantity?)]
    )
    func `are multiplied by the quantity held`(
        kind: Feature.Kind,
        isAddon: Bool,
        quantity: Int64,
        limit: Quantity?
    ) {
        let feature = Self.feature(kind, .sum)
        let entitlement = [Self.units(5)]
        let decision = Self.decision(
            feature,
            isAddon ? [] : entitlement,
            addons: isAddon ? entitlement : [],
            quantity: quantity
        )
        #expect(decision.limit == limit)
    }

    @Test func `that do not fit the feature's type stay closed`() {
        let limit = [Self.units(5)]
        #expect(!Self.decision(Self.feature(.boolean, .any), limit).allowed)
        #expect(!Self.decision(Self.feature(.config, .first), limit).allowed)
        #expect(!Self.decision(Self.feature(.boolean, .any), [Self.value("true")]).allowed)
        #expect(!Self.decision(Self.feature(.metered, .sum), [Self.value(true)]).allowed)
    }
}
