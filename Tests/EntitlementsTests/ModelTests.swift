import Testing

@testable import Entitlements

/// `decide` against the rules written down a second time, slowly and without any cleverness, on
/// random states whose instants are a few microseconds apart, so that they often coincide.
@Suite struct `For any state, a decision` {
    static let lastInstant: Int64 = 32

    @Test(arguments: 0..<40 as Range<UInt64>)
    func `is what the rules say, until exactly the instant it names`(seed: UInt64) {
        var random = Seeded(seed: seed)
        for _ in 0..<60 {
            let state = RandomState(using: &random)
            let expected = (0...Self.lastInstant).map { state.model(at: $0) }
            for at in 0...Self.lastInstant {
                let answer = state.decide(at: at)
                let model = expected[Int(at)]
                #expect(answer.without == model, "SEED=\(seed) at \(at): \(state)")
                let change = (at...Self.lastInstant).first { expected[Int($0)] != model }
                #expect(
                    answer.validUntil?.microseconds == change,
                    "SEED=\(seed) at \(at): \(state)"
                )
            }
        }
    }
}

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
            revokedAt: random.rarely { RandomState.instant(using: &$0) }
        )
        var subscriptions: [Subscription] = []
        for _ in 0..<Int.random(in: 0...3, using: &random) {
            subscriptions.append(RandomState.subscription(using: &random))
        }
        account = Account(
            id: random.rarely { _ in "other" } ?? "a",
            revision: 1,
            blockedSince: random.rarely { RandomState.instant(using: &$0) },
            subscriptions: subscriptions
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

    private static func instant(using random: inout some RandomNumberGenerator) -> Instant {
        Instant(microseconds: .random(in: 0...20, using: &random))
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

    private static func plan(
        _ id: String,
        _ feature: Feature,
        using random: inout some RandomNumberGenerator
    ) -> Plan {
        let entitlement: Entitlement =
            switch feature.kind {
            case .boolean: Entitlement(value: .bool(.random(using: &random)))
            case .config: Entitlement(value: .integer(.random(in: 0...3, using: &random)))
            default:
                Entitlement(
                    limit: random.rarely { _ in Quantity.unlimited }
                        ?? .units(.random(in: 0...3, using: &random))
                )
            }
        let version = PlanVersion(
            plan: id,
            version: 1,
            entitlements: Bool.random(using: &random) ? [feature.id: entitlement] : [:],
            trialThen: random.maybe(["free", "basic", "pro", "extra", "gone"]),
            grace: .microseconds(Int64.random(in: 0...6, using: &random))
        )
        let kind: Plan.Kind = id == "extra" || id == "more" ? .addon : .plan
        return Plan(id: id, kind: kind, currentVersion: 1, versions: [1: version])
    }

    private static func subscription(
        using random: inout some RandomNumberGenerator
    ) -> Subscription {
        func date() -> Instant? { Bool.random(using: &random) ? instant(using: &random) : nil }
        return Subscription(
            id: "sub",
            plan: ["free", "basic", "pro", "extra", "more", "gone"].randomElement(using: &random)
                ?? "pro",
            status: Subscription.Status.allCases.randomElement(using: &random) ?? .active,
            quantity: .random(in: 0...2, using: &random),
            startsAt: random.rarely { instant(using: &$0) },
            trialEnd: date(),
            periodEnd: date(),
            pastDueSince: date(),
            cancelAt: random.rarely { instant(using: &$0) },
            endedAt: random.rarely { instant(using: &$0) }
        )
    }
}

extension Decision {
    /// The decision but for how long it holds.
    var without: Decision {
        Decision(
            feature: feature,
            kind: kind,
            allowed: allowed,
            reason: reason,
            source: source,
            value: value,
            limit: limit
        )
    }
}

extension RandomNumberGenerator {
    /// One time in six, what the closure makes.
    mutating func rarely<Value>(_ make: (inout Self) -> Value) -> Value? {
        Int.random(in: 0..<6, using: &self) == 0 ? make(&self) : nil
    }
}
