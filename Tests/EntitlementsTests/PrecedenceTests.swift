import Testing

@testable import Entitlements

/// One thing that can be the matter, each a step of the precedence.
enum Matter: CaseIterable {
    case noSession, revoked, expired, noAccount, otherAccount, blocked, disabled, notInPlan

    var reason: Decision.Reason {
        switch self {
        case .noSession, .noAccount, .otherAccount: .sessionUnknown
        case .revoked: .sessionRevoked
        case .expired: .sessionExpired
        case .blocked: .accountBlocked
        case .disabled: .featureDisabled
        case .notInPlan: .notInPlan
        }
    }
}

@Suite struct `A decision` {
    static let T = Fixture.T

    /// A paying account with `sso`, but for what is the matter since `T`.
    static func decision(_ matters: Set<Matter>, at: Instant = T) -> Decision {
        let session = Fixture.session(
            account: matters.contains(.otherAccount) ? "other" : "acme",
            expiresAt: matters.contains(.expired) ? T : Fixture.far,
            revokedAt: matters.contains(.revoked) ? T : nil
        )
        let account = Fixture.account(
            blockedSince: matters.contains(.blocked) ? T : nil,
            Fixture.subscription(matters.contains(.notInPlan) ? "basic" : "pro")
        )
        let feature = Feature(
            id: "sso",
            kind: .boolean,
            disabledSince: matters.contains(.disabled) ? T : nil
        )
        return decide(
            session: matters.contains(.noSession) ? nil : session,
            account: matters.contains(.noAccount) ? nil : account,
            configuration: Fixture.configuration(),
            feature: feature,
            at: at
        )
    }

    @Test func `is open when nothing is the matter`() {
        let expected = Decision(
            feature: "sso",
            kind: .boolean,
            allowed: true,
            reason: .plan,
            source: Decision.Source(kind: .plan, id: "pro", version: 1),
            value: true,
            validUntil: Fixture.far
        )
        #expect(Self.decision([]) == expected)
    }

    @Test(arguments: Matter.allCases)
    func `is closed by each matter alone`(matter: Matter) {
        let decision = Self.decision([matter])
        #expect(!decision.allowed)
        #expect(decision.reason == matter.reason)
        #expect(decision.source == nil && decision.value == nil && decision.limit == nil)
    }

    @Test(arguments: Matter.allCases, Matter.allCases)
    func `names the first of two matters`(one: Matter, other: Matter) throws {
        let first = try #require(Matter.allCases.first { $0 == one || $0 == other })
        #expect(Self.decision([one, other]).reason == first.reason)
    }

    @Test(arguments: [Matter.revoked, .expired, .blocked, .disabled])
    func `turns at the very instant, and said so before`(matter: Matter) {
        let before = Self.decision([matter], at: Fixture.before)
        #expect(before.allowed)
        #expect(before.validUntil == Self.T)
        #expect(Self.decision([matter], at: Self.T).reason == matter.reason)
    }

    @Test func `of an unknown or revoked session holds for good`() {
        #expect(Self.decision([.noSession]).validUntil == nil)
        #expect(Self.decision([.revoked]).validUntil == nil)
        #expect(Self.decision([.expired]).validUntil == nil)
    }

    @Test func `of an expired session may still become revoked`() {
        let session = Fixture.session(expiresAt: Self.T, revokedAt: Fixture.far)
        let decision = decide(
            session: session,
            account: nil,
            configuration: Fixture.configuration(),
            feature: Fixture.sso,
            at: Self.T
        )
        #expect(decision.reason == .sessionExpired)
        #expect(decision.validUntil == Fixture.far)
    }

    @Test func `of an account is the session's, without the session`() {
        let account = Fixture.account(Fixture.subscription("pro", periodEnd: Self.T))
        let decision = decide(
            account: account,
            configuration: Fixture.configuration(),
            feature: Fixture.sso,
            at: Fixture.before
        )
        #expect(decision == Fixture.decision(at: Fixture.before, account.subscriptions[0]))
    }

    @Test func `is made for every feature of the catalog, in the order of ids`() {
        let configuration = Configuration(
            revision: 1,
            features: ["sso": Fixture.sso, "api_calls": Fixture.calls, "seats": Fixture.seats],
            plans: Fixture.configuration().plans,
            defaultPlan: "free"
        )
        let decisions = decideAll(
            session: Fixture.session(),
            account: Fixture.account(),
            configuration: configuration,
            at: Self.T
        )
        #expect(decisions.map(\.feature) == ["api_calls", "seats", "sso"])
        #expect(decisions.map(\.reason) == [.defaultPlan, .notInPlan, .notInPlan])
    }
}
