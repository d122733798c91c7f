import Testing

@testable import Entitlements

/// Every status against every date it is read with: what holds in the last microsecond before `T`,
/// and what from `T` on.
@Suite struct `A subscription` {
    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let subscription: Subscription
        let before: Decision.Reason
        let since: Decision.Reason

        init(
            _ name: String,
            _ subscription: Subscription,
            before: Decision.Reason,
            since: Decision.Reason
        ) {
            testDescription = name
            self.subscription = subscription
            self.before = before
            self.since = since
        }
    }

    static let T = Fixture.T
    static let far = Fixture.far
    static let past = Fixture.past
    static let graceAgo = T - Fixture.grace
    static let soon = T + .seconds(60)

    static func of(
        _ status: Subscription.Status,
        plan: String = "pro",
        starts: Instant? = nil,
        trialEnd: Instant? = nil,
        periodEnd: Instant? = nil,
        pastDue: Instant? = nil,
        cancelAt: Instant? = nil,
        ended: Instant? = nil
    ) -> Subscription {
        Fixture.subscription(
            plan,
            status,
            starts: starts,
            trialEnd: trialEnd,
            periodEnd: periodEnd,
            pastDue: pastDue,
            cancelAt: cancelAt,
            ended: ended
        )
    }

    static let trials = [
        Row("trial without an end", of(.trialing), before: .trialEnded, since: .trialEnded),
        Row("trial ends", of(.trialing, trialEnd: T), before: .trial, since: .trialEnded),
        Row(
            "trial that starts",
            of(.trialing, starts: T, trialEnd: far),
            before: .notInPlan,
            since: .trial
        ),
        Row(
            "trial to be canceled at its end",
            of(.trialing, trialEnd: T, cancelAt: T),
            before: .trial,
            since: .trialEnded
        ),
        Row(
            "trial canceled before its end",
            of(.trialing, trialEnd: far, cancelAt: T),
            before: .trial,
            since: .subscriptionEnded
        ),
        Row(
            "trial ended by the provider",
            of(.trialing, trialEnd: far, ended: T),
            before: .trial,
            since: .subscriptionEnded
        ),
        Row(
            "trial over long ago, then canceled",
            of(.trialing, trialEnd: past, cancelAt: T),
            before: .trialEnded,
            since: .trialEnded
        ),
    ]

    static let paid = [
        Row("active without a period", of(.active), before: .plan, since: .plan),
        Row("active, period ends", of(.active, periodEnd: T), before: .plan, since: .pastDueGrace),
        Row(
            "active, grace after the period ends",
            of(.active, periodEnd: graceAgo),
            before: .pastDueGrace,
            since: .paymentFailed
        ),
        Row(
            "active, cancels at period end",
            of(.active, periodEnd: T, cancelAt: T),
            before: .plan,
            since: .subscriptionEnded
        ),
        Row(
            "active, cancels in the grace",
            of(.active, periodEnd: T - .seconds(60), cancelAt: T),
            before: .pastDueGrace,
            since: .subscriptionEnded
        ),
        Row(
            "active, cancels as the grace ends",
            of(.active, periodEnd: graceAgo, cancelAt: T),
            before: .pastDueGrace,
            since: .subscriptionEnded
        ),
        Row(
            "active, cancels after the grace ended",
            of(.active, periodEnd: past, cancelAt: T),
            before: .paymentFailed,
            since: .paymentFailed
        ),
        Row("active, ended", of(.active, ended: T), before: .plan, since: .subscriptionEnded),
        Row("active, starts", of(.active, starts: T), before: .notInPlan, since: .plan),
        Row(
            "active, a trial end means nothing",
            of(.active, trialEnd: T),
            before: .plan,
            since: .plan
        ),
        Row("scheduled, starts", of(.scheduled, starts: T), before: .notInPlan, since: .plan),
        Row("scheduled, no start", of(.scheduled), before: .notInPlan, since: .notInPlan),
        Row(
            "scheduled, period ends",
            of(.scheduled, starts: past, periodEnd: T),
            before: .plan,
            since: .pastDueGrace
        ),
        Row(
            "scheduled, cancels",
            of(.scheduled, starts: past, cancelAt: T),
            before: .plan,
            since: .subscriptionEnded
        ),
    ]

    static let overdue = [
        Row(
            "past due, grace ends",
            of(.pastDue, pastDue: graceAgo),
            before: .pastDueGrace,
            since: .paymentFailed
        ),
        Row(
            "past due, grace by the period's end",
            of(.pastDue, periodEnd: graceAgo),
            before: .pastDueGrace,
            since: .paymentFailed
        ),
        Row(
            "past due, the first failure counts",
            of(.pastDue, periodEnd: far, pastDue: graceAgo),
            before: .pastDueGrace,
            since: .paymentFailed
        ),
        Row("past due, no date", of(.pastDue), before: .paymentFailed, since: .paymentFailed),
        Row(
            "past due, cancels in the grace",
            of(.pastDue, pastDue: T, cancelAt: T),
            before: .pastDueGrace,
            since: .subscriptionEnded
        ),
        Row(
            "past due, cancels after the grace",
            of(.pastDue, pastDue: past, cancelAt: T),
            before: .paymentFailed,
            since: .paymentFailed
        ),
        Row("unpaid", of(.unpaid, periodEnd: far), before: .paymentFailed, since: .paymentFailed),
        Row("unpaid, starts", of(.unpaid, starts: T), before: .notInPlan, since: .paymentFailed),
    ]

    static let over = [
        Row("canceled, ends", of(.canceled, ended: T), before: .plan, since: .subscriptionEnded),
        Row(
            "canceled, no end",
            of(.canceled, periodEnd: far),
            before: .subscriptionEnded,
            since: .subscriptionEnded
        ),
        Row(
            "canceled, only its end counts",
            of(.canceled, periodEnd: past, cancelAt: past, ended: T),
            before: .plan,
            since: .subscriptionEnded
        ),
        Row(
            "paused",
            of(.paused, periodEnd: far),
            before: .subscriptionPaused,
            since: .subscriptionPaused
        ),
        Row(
            "incomplete expired",
            of(.incompleteExpired, periodEnd: far),
            before: .subscriptionEnded,
            since: .subscriptionEnded
        ),
        Row("incomplete", of(.incomplete, periodEnd: far), before: .notInPlan, since: .notInPlan),
        Row("incomplete, ended", of(.incomplete, ended: T), before: .notInPlan, since: .notInPlan),
        Row("unknown plan", of(.active, plan: "gone"), before: .notInPlan, since: .notInPlan),
    ]

    @Test(arguments: trials + paid + overdue + over)
    func `opens and closes at the instant`(row: Row) {
        let before = Fixture.decision(at: Fixture.before, row.subscription)
        let since = Fixture.decision(at: Self.T, row.subscription)
        #expect(before.reason == row.before)
        #expect(since.reason == row.since)
        let open: Set<Decision.Reason> = [.plan, .trial, .pastDueGrace]
        #expect(before.allowed == open.contains(row.before))
        #expect(since.allowed == open.contains(row.since))
        if row.before != row.since { #expect(before.validUntil == Self.T) }
    }

    @Test func `of every status is among the rows`() {
        let rows = Self.trials + Self.paid + Self.overdue + Self.over
        #expect(Set(rows.map(\.subscription.status)) == Set(Subscription.Status.allCases))
    }

    @Test(arguments: [
        ("pro", Decision.Reason.defaultPlan, "free", 10),  // then: the default plan
        ("team", .plan, "basic", 100),  // then: another plan
        ("solo", .defaultPlan, "free", 10),  // no then: the default plan steps in
    ])
    func `falls to a plan after its trial`(
        plan: String,
        reason: Decision.Reason,
        source: String,
        limit: Int64
    ) {
        let subscription = Self.of(.trialing, plan: plan, trialEnd: Self.T)
        #expect(
            Fixture.decision(of: Fixture.calls, at: Fixture.before, subscription).reason == .trial
        )
        let decision = Fixture.decision(of: Fixture.calls, subscription)
        #expect(decision.allowed && decision.reason == reason && decision.source?.id == source)
        #expect(decision.limit == .units(limit))
        #expect(decision.validUntil == Self.far)
    }

    @Test func `falls to nothing where the plan after the trial is gone, or no plan`() {
        for then in ["gone", "extra"] {
            let plans =
                [Fixture.plan("pro", Fixture.open(5), trialThen: then)] + Fixture.plans.suffix(1)
            let subscription = Self.of(.trialing, trialEnd: Self.T)
            let decision = Fixture.decision(plans: plans, defaultPlan: nil, subscription)
            #expect(!decision.allowed && decision.reason == .trialEnded)
        }
    }

    @Test func `keeps the plan after its trial until it closes`() {
        let subscription = Self.of(.trialing, plan: "team", trialEnd: Self.past, cancelAt: Self.T)
        let before = Fixture.decision(of: Fixture.calls, at: Fixture.before, subscription)
        #expect(before.source?.id == "basic" && before.validUntil == Self.T)
        #expect(Fixture.decision(of: Fixture.calls, subscription).source?.id == "free")
    }

    @Test func `follows its plan, or stays at the version it was bought at`() {
        let versions = [1: 100, 2: 200].mapValues { Entitlement(limit: .units($0)) }
        let plan = Plan(
            id: "pro",
            kind: .plan,
            currentVersion: 2,
            versions: Dictionary(
                uniqueKeysWithValues: versions.map {
                    ($0, PlanVersion(plan: "pro", version: $0, entitlements: ["api_calls": $1]))
                }
            )
        )
        func limit(_ version: Int?) -> Quantity? {
            let subscription = Subscription(id: "s", plan: "pro", version: version, status: .active)
            return Fixture.decision(of: Fixture.calls, plans: [plan], subscription).limit
        }
        #expect(limit(nil) == .units(200))
        #expect(limit(1) == .units(100))
        #expect(limit(3) == nil)
    }
}
