@testable import Entitlements

/// A session, an account and a catalog, all made up.
struct RandomState {
    let session: Session?
    let account: Account?
    let configuration: Configuration
    let feature: Feature

    init(using random: inout some RandomNumberGenerator) {
        feature = RandomState.feature(using: &random)
        var plans: [String: Plan] = [:]
        for id in ["free", "basic", "pro", "extra", "more"] {
            plans[id] = RandomState.plan(id, feature, using: &random)
        }
        configuration = Configuration(
            revision: 1,
            features: [feature.id: feature],
            plans: plans,
            defaultPlan: Int.random(in: 0..<5, using: &random) == 0 ? nil : "free"
        )
        let isLong = Int.random(in: 0..<4, using: &random) > 0
        session = Session(
            id: "s",
            account: "a",
            user: "u",
            createdAt: Instant(microseconds: 0),
            expiresAt: Instant(microseconds: isLong ? 30 : .random(in: 1...30, using: &random)),
            revokedAt: random.rarely { RandomState.instant(using: &$0) },
            grants: RandomState.grants(feature, ["u", "s"], using: &random),
            seats: Bool.random(using: &random) ? ["f"] : []
        )
        var subscriptions: [Subscription] = []
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            subscriptions.append(RandomState.subscription(subscriptions.count, using: &random))
        }
        account = Account(
            id: random.rarely { _ in "other" } ?? "a",
            revision: 1,
            blockedSince: random.rarely { RandomState.instant(using: &$0) },
            blockedUntil: random.maybe([3, 9, 15].map { Instant(microseconds: $0) }),
            subscriptions: subscriptions,
            grants: RandomState.grants(feature, ["a"], using: &random),
            levels: ["f": .random(in: 0...4, using: &random)],
            seats: ["f": .random(in: 5...9, using: &random)]
        )
    }

    func decide(at: Int64) -> Decision {
        Entitlements.decide(
            session: session,
            account: account,
            configuration: configuration,
            feature: feature,
            at: Instant(microseconds: at)
        )
    }

    func explain(at: Int64) -> Explanation {
        Entitlements.explain(
            session: session,
            account: account,
            configuration: configuration,
            feature: feature,
            at: Instant(microseconds: at)
        )
    }

    private static func instant(using random: inout some RandomNumberGenerator) -> Instant {
        Instant(microseconds: .random(in: 0...20, using: &random))
    }

    /// A few grants of the feature, now and then one that does not fit it.
    private static func grants(
        _ feature: Feature,
        _ scopes: [String],
        using random: inout some RandomNumberGenerator
    ) -> [Grant] {
        var grants: [Grant] = []
        while grants.count < 3, Int.random(in: 0..<3, using: &random) == 0 {
            let scope = scopes.randomElement(using: &random) ?? "a"
            let amount = entitlement(feature, using: &random)
            let isBare = Int.random(in: 0..<8, using: &random) == 0 && feature.kind != .boolean
            let isDeny = Int.random(in: 0..<4, using: &random) == 0
            grants.append(
                Grant(
                    id: "g\(scope)\(grants.count)",
                    feature: Int.random(in: 0..<6, using: &random) == 0 ? "other" : feature.id,
                    effect: isDeny ? .deny : .allow,
                    mode: Bool.random(using: &random) ? .replace : .stack,
                    value: isBare ? nil : amount.value,
                    limit: isBare ? nil : amount.limit,
                    user: scope == "u" ? "u" : nil,
                    session: scope == "s" ? "s" : nil,
                    from: instant(using: &random),
                    until: random.maybe((2...24).map { Instant(microseconds: $0) }),
                    createdAt: Instant(microseconds: .random(in: 0...2, using: &random))
                )
            )
        }
        return grants
    }

    private static func feature(using random: inout some RandomNumberGenerator) -> Feature {
        let kind = Feature.Kind.allCases.randomElement(using: &random) ?? .boolean
        return Feature(
            id: "f",
            kind: kind,
            valueType: kind == .config ? .integer : nil,
            combine: random.maybe(Feature.Combine.allCases),
            disabledSince: random.rarely { RandomState.instant(using: &$0) }
        )
    }

    private static func entitlement(
        _ feature: Feature,
        using random: inout some RandomNumberGenerator
    ) -> Entitlement {
        switch feature.kind {
        case .boolean: Entitlement(value: .bool(.random(using: &random)))
        case .config: Entitlement(value: .integer(.random(in: 0...3, using: &random)))
        default:
            Entitlement(
                limit: random.rarely { _ in Quantity.unlimited }
                    ?? .units(.random(in: 0...3, using: &random))
            )
        }
    }

    private static func plan(
        _ id: String,
        _ feature: Feature,
        using random: inout some RandomNumberGenerator
    ) -> Plan {
        let entitlement = entitlement(feature, using: &random)
        let version = PlanVersion(
            plan: id,
            version: 1,
            entitlements: Bool.random(using: &random) ? [feature.id: entitlement] : [:],
            trialThen: random.maybe(["free", "basic", "pro", "extra", "gone"]),
            trialAtEnd: random.rarely { TrialEnding.allCases.randomElement(using: &$0) ?? .cancel },
            grace: .microseconds(Int64.random(in: 0...6, using: &random))
        )
        let kind: Plan.Kind = id == "extra" || id == "more" ? .addon : .plan
        return Plan(id: id, kind: kind, currentVersion: 1, versions: [1: version])
    }

    private static func subscription(
        _ number: Int,
        using random: inout some RandomNumberGenerator
    ) -> Subscription {
        func date() -> Instant? { Bool.random(using: &random) ? instant(using: &random) : nil }
        return Subscription(
            id: "sub\(number)",
            plan: ["free", "basic", "pro", "extra", "more", "gone"].randomElement(using: &random)
                ?? "pro",
            status: Subscription.Status.allCases.randomElement(using: &random) ?? .active,
            quantity: .random(in: 0...2, using: &random),
            startsAt: random.rarely { instant(using: &$0) },
            trialStart: random.rarely { instant(using: &$0) },
            trialEnd: date(),
            trialAtEnd: random.rarely { TrialEnding.allCases.randomElement(using: &$0) ?? .cancel },
            hasPaymentMethod: random.rarely { _ in true } ?? false,
            periodEnd: date(),
            pastDueSince: date(),
            cancelAt: random.rarely { instant(using: &$0) },
            endedAt: random.rarely { instant(using: &$0) },
            pause: random.rarely { random in
                Subscription.Pause(
                    from: instant(using: &random),
                    until: random.maybe([6, 12, 18].map { Instant(microseconds: $0) })
                )
            },
            planChange: random.rarely { random in
                Subscription.PlanChange(
                    plan: ["basic", "pro", "extra", "gone"].randomElement(using: &random) ?? "pro",
                    at: instant(using: &random)
                )
            },
            quantityChange: random.rarely { random in
                Subscription.QuantityChange(
                    quantity: .random(in: 0...3, using: &random),
                    at: instant(using: &random)
                )
            }
        )
    }
}
