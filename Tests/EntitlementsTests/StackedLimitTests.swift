import Testing

@testable import Entitlements

/// Grants that add to what is consumed: the amount is theirs, how it counts stays the plan's.
@Suite struct `A grant that stacks on what is consumed` {
    private static let search = Feature(id: "search", kind: .rate)
    private static let quota = Feature(id: "quota", kind: .metered, combine: .max)

    private static let configuration = Fixture.configuration([
        Fixture.plan(
            "free",
            [
                "search": Entitlement(
                    limit: .units(100),
                    settings: ["per": "minute", "user_limit": 20]
                ),
                "quota": Entitlement(
                    limit: .units(100),
                    settings: ["per": "month", "reset": "calendar", "on_change": "reset"]
                ),
            ]
        )
    ])

    private func grant(_ feature: Feature, _ limit: Int64, user: String? = nil) -> Grant {
        Grant(
            id: "grt",
            feature: feature.id,
            effect: .allow,
            mode: .stack,
            limit: .units(limit),
            user: user,
            from: Fixture.past,
            createdAt: Fixture.past
        )
    }

    private func consumable(
        _ feature: Feature,
        account: [Grant] = [],
        user: [Grant] = []
    ) -> Consumable {
        let session = Session(
            id: "ses",
            account: "acme",
            user: "ada",
            createdAt: Fixture.past,
            expiresAt: Fixture.far,
            grants: user
        )
        return Consumable(
            feature,
            session: session,
            account: Account(id: "acme", revision: 1, grants: account),
            configuration: Self.configuration,
            at: Fixture.T,
            clock: Fixture.T
        )
    }

    @Test func `keeps the plan's window, and what one user may take of it`() {
        let lines = consumable(Self.search, account: [grant(Self.search, 500)]).lines
        #expect(lines.map(\.key.subject) == ["", "user:ada"])
        #expect(lines.allSatisfy { $0.terms.counting.window == 60_000_000 })
        #expect(lines[0].terms.allowances.map(\.amount) == [.units(500)])
        #expect(lines[1].terms.allowances.map(\.amount) == [.units(20)])
    }

    @Test func `of one user changes nothing of the pool that all take from`() {
        let own = consumable(Self.quota, user: [grant(Self.quota, 200, user: "ada")])
        #expect(own.lines.map(\.terms) == consumable(Self.quota).lines.map(\.terms))
    }

    @Test func `keeps the period, and is no change of plan`() {
        let plain = consumable(Self.quota).lines[0].terms
        let stacked = consumable(Self.quota, account: [grant(Self.quota, 200)]).lines[0].terms
        #expect(stacked.source == plain.source)
        #expect(stacked.allowances.map(\.cycle) == plain.allowances.map(\.cycle))
        #expect(stacked.allowances.map(\.amount) == [.units(200)])
    }
}

extension MeterTerms.Counting {
    fileprivate var window: Int64? {
        if case .rate(let window, _) = self { return window }
        return nil
    }
}
