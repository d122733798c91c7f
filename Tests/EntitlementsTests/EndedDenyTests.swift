import Testing

@testable import Entitlements

@Suite struct `A deny that ended before it began` {
    static let T = Fixture.T

    static func reason(from: Instant, until: Instant?, at: Instant) -> Decision.Reason {
        let deny = Grant(
            id: "grt_x",
            feature: "sso",
            effect: .deny,
            from: from,
            until: until,
            createdAt: Fixture.past
        )
        return decide(
            session: Fixture.session(),
            account: Account(
                id: "acme",
                revision: 1,
                testClock: at,
                subscriptions: [Fixture.subscription()],
                grants: [deny]
            ),
            configuration: Fixture.configuration(),
            feature: Fixture.sso,
            at: at,
            clock: T
        )
        .reason
    }

    /// A test clock stands a day before a deny that somebody typed and took back.
    @Test func `closes nothing, also where a test clock stands before both`() {
        let (yesterday, hourAgo) = (Self.T - .seconds(86_400), Self.T - .seconds(3_600))
        #expect(Self.reason(from: hourAgo, until: nil, at: yesterday) == .deniedByGrant)
        #expect(Self.reason(from: hourAgo, until: hourAgo, at: yesterday) == .plan)
    }
}
