@testable import Entitlements

/// A small catalog and one account, with everything at readable distances from `T`.
enum Fixture {
    /// The instant that the rows are about.
    static let T = Instant(microseconds: 1_795_446_245_000_000)
    static let before = Instant(microseconds: T.microseconds - 1)
    static let far = T + .seconds(1_000 * 86_400)
    static let past = T - .seconds(1_000 * 86_400)
    static let grace = PlanVersion.standardGrace

    static let sso = Feature(id: "sso", kind: .boolean)
    static let calls = Feature(id: "api_calls", kind: .metered)
    static let seats = Feature(id: "seats", kind: .seats)

    static func open(_ limit: Int64) -> [String: Entitlement] {
        ["sso": Entitlement(value: true), "api_calls": Entitlement(limit: .units(limit))]
    }

    static func plan(
        _ id: String,
        _ entitlements: [String: Entitlement],
        kind: Plan.Kind = .plan,
        trialThen: String? = nil
    ) -> Plan {
        let version = PlanVersion(
            plan: id,
            version: 1,
            entitlements: entitlements,
            trialThen: trialThen
        )
        return Plan(id: id, kind: kind, currentVersion: 1, versions: [1: version])
    }

    /// `free` has 10 calls and no `sso`; the plans above it have both.
    static let plans = [
        plan("free", ["api_calls": Entitlement(limit: .units(10))]),
        plan("pro", open(1_000), trialThen: "free"),
        plan("team", open(2_000), trialThen: "basic"),
        plan("solo", open(3_000)),
        plan("basic", ["api_calls": Entitlement(limit: .units(100))]),
        plan("extra", open(5_000), kind: .addon),
    ]

    static func configuration(
        _ plans: [Plan] = plans,
        defaultPlan: String? = "free"
    ) -> Configuration {
        Configuration(
            revision: 1,
            features: [:],
            plans: Dictionary(uniqueKeysWithValues: plans.map { ($0.id, $0) }),
            defaultPlan: defaultPlan
        )
    }

    static func session(
        account: String = "acme",
        expiresAt: Instant = far,
        revokedAt: Instant? = nil
    ) -> Session {
        Session(
            id: "ses_x",
            account: account,
            user: "ann",
            createdAt: past,
            expiresAt: expiresAt,
            revokedAt: revokedAt
        )
    }

    static func account(
        blockedSince: Instant? = nil,
        _ subscriptions: Subscription...
    ) -> Account {
        Account(id: "acme", revision: 1, blockedSince: blockedSince, subscriptions: subscriptions)
    }

    static func subscription(
        _ plan: String = "pro",
        _ status: Subscription.Status = .active,
        quantity: Int64 = 1,
        starts: Instant? = nil,
        trialEnd: Instant? = nil,
        periodEnd: Instant? = nil,
        pastDue: Instant? = nil,
        cancelAt: Instant? = nil,
        ended: Instant? = nil
    ) -> Subscription {
        Subscription(
            id: "sub_\(plan)",
            plan: plan,
            status: status,
            quantity: quantity,
            startsAt: starts,
            trialEnd: trialEnd,
            periodEnd: periodEnd,
            pastDueSince: pastDue,
            cancelAt: cancelAt,
            endedAt: ended
        )
    }

    /// The decision of an account in good standing, with a session that outlives the question.
    static func decision(
        of feature: Feature = sso,
        at: Instant = T,
        plans: [Plan] = plans,
        defaultPlan: String? = "free",
        _ subscriptions: Subscription...
    ) -> Decision {
        decide(
            session: session(),
            account: Account(id: "acme", revision: 1, subscriptions: subscriptions),
            configuration: configuration(plans, defaultPlan: defaultPlan),
            feature: feature,
            at: at
        )
    }
}
