import Testing

@testable import Entitlements

/// What a subscription comes to, against the decisions about it.
@Suite struct `The state of a subscription` {
    /// Everything is open on every plan, so that access alone decides.
    private static func open(_ configuration: Configuration) -> Configuration {
        let plans = configuration.plans.mapValues { plan in
            Plan(
                id: plan.id,
                kind: plan.kind,
                currentVersion: plan.currentVersion,
                versions: plan.versions.mapValues { version in
                    PlanVersion(
                        plan: version.plan,
                        version: version.version,
                        entitlements: ["f": Entitlement(value: true)],
                        trialThen: version.trialThen,
                        trialAtEnd: version.trialAtEnd,
                        grace: version.grace
                    )
                }
            )
        }
        return Configuration(revision: 1, features: [:], plans: plans, defaultPlan: nil)
    }

    @Test(arguments: 0..<20 as Range<UInt64>)
    func `is what decisions say`(seed: UInt64) {
        var random = Seeded(seed: seed)
        for _ in 0..<100 {
            let made = RandomState(using: &random)
            guard let held = made.account?.subscriptions.first else { continue }
            let configuration = Self.open(made.configuration)
            for at in (0...32 as ClosedRange<Int64>).map(Instant.init(microseconds:)) {
                let state = held.state(in: configuration, at: at)
                let decision = decide(
                    account: Account(id: "a", revision: 1, subscriptions: [held]),
                    configuration: configuration,
                    feature: Feature(id: "f", kind: .boolean),
                    at: at
                )
                let reasons: Set<Decision.Reason> =
                    switch state.access {
                    case .trial: [.trial]
                    case .paid: [.plan, .addon]
                    case .grace: [.pastDueGrace]
                    case .fallback: [.plan]
                    case .none: []
                    }
                #expect(decision.allowed == (state.access != .none), "SEED=\(seed) \(held) \(at)")
                guard decision.allowed else { continue }
                #expect(reasons.contains(decision.reason), "SEED=\(seed) \(held) \(at)")
                #expect(decision.source?.id == state.plan, "SEED=\(seed) \(held) \(at)")
            }
        }
    }

    @Test func `names the version that counts, and none where the catalog has none`() {
        let configuration = Fixture.configuration()
        let followed = Fixture.subscription("pro").state(in: configuration, at: Fixture.T)
        #expect(followed == .init(plan: "pro", version: 1, quantity: 1, access: .paid))
        var gone = Fixture.subscription("gone")
        #expect(gone.state(in: configuration, at: Fixture.T).version == nil)
        #expect(gone.state(in: configuration, at: Fixture.T).access == .none)
        gone.plan = "pro"
        gone.version = 7
        #expect(gone.state(in: configuration, at: Fixture.T).access == .none)
    }

    @Test func `is the fallback's where the trial fell to one`() {
        let lapsed = Fixture.subscription("team", .trialing, quantity: 3, trialEnd: Fixture.T)
        let state = lapsed.state(in: Fixture.configuration(), at: Fixture.T)
        #expect(state == .init(plan: "basic", version: 1, quantity: 3, access: .fallback))
    }

    @Test func `takes changes in at their instants`() {
        var held = Fixture.subscription("pro", quantity: 2)
        held.planChange = .init(plan: "team", at: Fixture.T)
        held.quantityChange = .init(quantity: 5, at: Fixture.T)
        let configuration = Fixture.configuration()
        let before = held.state(in: configuration, at: Fixture.before)
        #expect(before == .init(plan: "pro", version: 1, quantity: 2, access: .paid))
        let after = held.state(in: configuration, at: Fixture.T)
        #expect(after == .init(plan: "team", version: 1, quantity: 5, access: .paid))
    }
}
