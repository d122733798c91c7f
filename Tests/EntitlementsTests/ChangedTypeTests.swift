import Testing

@testable import Entitlements

/// A grant that was made when its feature was of another type.
@Suite struct `A grant that no longer fits its feature` {
    static let T = Fixture.T

    static func decision(
        _ feature: Feature,
        value: JSON? = nil,
        limit: Quantity? = nil,
        user: String? = nil
    ) -> Decision {
        let grant = Grant(
            id: "grt_x",
            feature: feature.id,
            effect: .allow,
            value: value,
            limit: limit,
            user: user,
            from: Fixture.past,
            createdAt: Fixture.past
        )
        return decide(
            session: Session(
                id: "ses_x",
                account: "acme",
                user: "ann",
                createdAt: Fixture.past,
                expiresAt: Fixture.far,
                grants: user == nil ? [] : [grant]
            ),
            account: Account(id: "acme", revision: 1, grants: user == nil ? [grant] : []),
            configuration: Fixture.configuration(),
            feature: feature,
            at: T
        )
    }

    static let text = Feature(id: "x", kind: .config, valueType: .string)
    static let level = Feature(id: "x", kind: .level)

    @Test func `opens nothing by an amount of another type`() {
        #expect(Self.decision(Fixture.sso).allowed)
        #expect(!Self.decision(Fixture.sso, limit: .units(0)).allowed)
        #expect(!Self.decision(Fixture.sso, limit: .units(5)).allowed)
        #expect(Self.decision(Self.text, value: "gold").value == "gold")
        #expect(!Self.decision(Self.text, value: 7).allowed)
        #expect(!Self.decision(Self.level).allowed)
    }

    @Test func `gives no user a level that is counted for the account`() {
        #expect(Self.decision(Self.level, limit: .units(5)).allowed)
        #expect(!Self.decision(Self.level, limit: .units(5), user: "ann").allowed)
    }
}

@Suite struct `What is over` {
    static let T = Fixture.T

    static func reason(clock: Instant?) -> Decision.Reason {
        decide(
            session: Session(
                id: "ses_x",
                account: "acme",
                user: "ann",
                createdAt: T + .seconds(100),
                expiresAt: Fixture.far
            ),
            account: Account(
                id: "acme",
                revision: 1,
                testClock: clock,
                subscriptions: [Fixture.subscription()]
            ),
            configuration: Fixture.configuration(),
            feature: Fixture.sso,
            at: clock ?? T,
            clock: T
        )
        .reason
    }

    @Test func `with a rehearsal are the sessions of its days`() {
        #expect(Self.reason(clock: Self.T + .seconds(200)) == .plan)
        #expect(Self.reason(clock: nil) == .sessionExpired)
    }

    @Test func `for whoever buys now are plans that left the catalog`() {
        let plans = ["pro", "old"]
            .map { id in
                Plan(
                    id: id,
                    kind: .plan,
                    isSold: id == "pro",
                    currentVersion: 1,
                    versions: [
                        1: PlanVersion(plan: id, version: 1, entitlements: Fixture.open(1))
                    ]
                )
            }
        let explanation = explain(
            session: Fixture.session(),
            account: Fixture.account(),
            configuration: Fixture.configuration(plans, defaultPlan: nil),
            feature: Fixture.sso,
            at: Self.T
        )
        #expect(explanation.wouldAllow == [.subscribe(plans: ["pro"], addons: [])])
    }
}
