import Testing

@testable import Entitlements

@Suite struct `A denial` {
    static let T = Fixture.T
    static let monthAgo = T - .seconds(30 * 86_400)
    static let yesterday = T - .seconds(86_400)

    static func trialEnded(_ end: Instant?) -> Subscription {
        Fixture.subscription("pro", .trialing, trialEnd: end)
    }

    static func ended(_ end: Instant?) -> Subscription {
        Fixture.subscription("solo", .canceled, ended: end)
    }

    static func failed(_ since: Instant?) -> Subscription {
        Fixture.subscription("team", .unpaid, pastDue: since)
    }

    @Test(
        arguments: [
            ([trialEnded(monthAgo), ended(yesterday)], .subscriptionEnded),
            ([trialEnded(yesterday), ended(monthAgo)], .trialEnded),
            ([failed(monthAgo), trialEnded(yesterday)], .trialEnded),
            ([failed(yesterday), trialEnded(monthAgo)], .paymentFailed),
            // At one and the same instant: payment, then trial, then the rest.
            ([ended(yesterday), trialEnded(yesterday), failed(yesterday)], .paymentFailed),
            ([ended(yesterday), trialEnded(yesterday)], .trialEnded),
            // An end that nobody knows is older than one that somebody does.
            ([failed(nil), ended(monthAgo)], .subscriptionEnded),
            ([ended(nil), failed(nil)], .paymentFailed),
            // Grace counts to its end: 25 days ago minus 7 is later than a month ago.
            (
                [
                    ended(T - .seconds(25 * 86_400)),
                    Fixture.subscription("pro", .active, periodEnd: monthAgo),
                ], .paymentFailed
            ),
        ] as [([Subscription], Decision.Reason)]
    )
    func `tells what ended last`(subscriptions: [Subscription], reason: Decision.Reason) {
        for order in [subscriptions, subscriptions.reversed()] {
            let decision = decide(
                account: Account(id: "acme", revision: 1, subscriptions: order),
                configuration: Fixture.configuration(),
                feature: Fixture.sso,
                at: Self.T
            )
            #expect(!decision.allowed && decision.reason == reason)
        }
    }

    @Test func `speaks only of plans that have the feature`() {
        let basic = Fixture.subscription("basic", .unpaid)
        #expect(Fixture.decision(basic).reason == .notInPlan)
        let off = Fixture.plan("off", ["sso": Entitlement(value: false)])
        let decision = Fixture.decision(plans: [off], Fixture.subscription("off", .unpaid))
        #expect(decision.reason == .notInPlan)
    }

    @Test func `speaks of the trial although the plan after it is in force`() {
        let decision = Fixture.decision(
            Fixture.subscription("team", .trialing, trialEnd: Self.yesterday)
        )
        #expect(!decision.allowed && decision.reason == .trialEnded)
    }

    @Test func `says when it will open`() {
        let scheduled = Fixture.subscription("pro", .scheduled, starts: Self.T)
        #expect(Fixture.decision(at: Fixture.before, scheduled).validUntil == Self.T)
    }
}
