import Entitlements

/// A catalog and an account of an ordinary size.
enum Sample {
    static let day: Int64 = 86_400_000_000

    /// Every kind of feature in turn.
    static func feature(_ number: Int) -> Feature {
        let kinds = Feature.Kind.allCases
        let kind = kinds[number % kinds.count]
        return Feature(
            id: "feature_\(number)",
            kind: kind,
            valueType: kind == .config ? .integer : nil
        )
    }

    /// A default plan with every fourth feature, a plan with all, an add-on with every second one.
    static func configuration(_ features: [Feature]) -> Configuration {
        let plans = [
            plan("free", .plan, features.enumerated().filter { $0.offset % 4 == 0 }.map(\.element)),
            plan("pro", .plan, features),
            plan(
                "extra",
                .addon,
                features.enumerated().filter { $0.offset % 2 == 0 }.map(\.element)
            ),
        ]
        return Configuration(
            revision: 1,
            features: Dictionary(uniqueKeysWithValues: features.map { ($0.id, $0) }),
            plans: Dictionary(uniqueKeysWithValues: plans.map { ($0.id, $0) }),
            defaultPlan: "free"
        )
    }

    static func account(at start: Instant) -> Account {
        Account(
            id: "acme",
            revision: 17,
            subscriptions: [
                subscription("sub_1", "pro", .active, start),
                subscription("sub_2", "extra", .active, start),
                subscription("sub_3", "extra", .pastDue, start),
            ],
            grants: (0..<6).map { grant($0, start) }
        )
    }

    /// Grants of every effect and mode, some ended, for features all over the catalog.
    private static func grant(_ number: Int, _ start: Instant, user: String? = nil) -> Grant {
        let counted = [2, 9, 16, 23][number % 4]  // of the seven kinds, the metered
        let isDeny = number % 5 == 4
        return Grant(
            id: "grt_\(number)",
            feature: "feature_\(isDeny ? counted + 1 : counted)",
            effect: isDeny ? .deny : .allow,
            mode: number % 2 == 0 ? .stack : .replace,
            limit: isDeny ? nil : .units(500),
            user: user,
            from: Instant(microseconds: start.microseconds - 10 * day),
            until: Instant(microseconds: start.microseconds + Int64(number - 2) * day),
            createdAt: Instant(microseconds: start.microseconds - Int64(number) * day)
        )
    }

    static func session(at start: Instant) -> Session {
        Session(
            id: "ses_06g2k8v4tq9xw7r3n5m1z0yabc_acme",
            account: "acme",
            user: "kim",
            createdAt: start,
            expiresAt: Instant(microseconds: start.microseconds + 30 * day),
            grants: (6..<10).map { grant($0, start, user: "kim") },
            seats: ["feature_4"]
        )
    }

    private static func plan(_ id: String, _ kind: Plan.Kind, _ features: [Feature]) -> Plan {
        let entitlements = features.map { ($0.id, entitlement(of: $0.kind)) }
        let version = PlanVersion(
            plan: id,
            version: 1,
            entitlements: Dictionary(uniqueKeysWithValues: entitlements)
        )
        return Plan(id: id, kind: kind, currentVersion: 1, versions: [1: version])
    }

    private static func entitlement(of kind: Feature.Kind) -> Entitlement {
        switch kind {
        case .boolean: Entitlement(value: .bool(true))
        case .config: Entitlement(value: .integer(90))
        case .metered, .level, .seats, .rate, .concurrency: Entitlement(limit: .units(1_000))
        }
    }

    private static func subscription(
        _ id: String,
        _ plan: String,
        _ status: Subscription.Status,
        _ start: Instant
    ) -> Subscription {
        Subscription(
            id: id,
            plan: plan,
            status: status,
            periodStart: start,
            periodEnd: Instant(microseconds: start.microseconds + 30 * day),
            pastDueSince: status == .pastDue ? start : nil
        )
    }
}
