@testable import Entitlements

extension `An action on a subscription`.Row {
    static let changes =
        [
            Self("changes the plan now", held(), change("long")) { $0.plan = "long" },
            Self("pins the new plan's version", held(), change("long", version: 1)) {
                $0.plan = "long"
                $0.version = 1
            },
            Self("changes the version alone", held { $0.version = 1 }, change("short", version: 2))
            {
                $0.version = 2
            },
            Self("changes the plan later, and follows it", held(), change("long", .periodEnd)) {
                $0.planChange = .init(plan: "long", at: soon)
            },
            Self(
                "takes the place of what waits, and of a cancellation",
                held {
                    $0.cancelAt = later
                    $0.quantityChange = .init(quantity: 2, at: later)
                },
                change("long", .at(soon))
            ) {
                $0.cancelAt = nil
                $0.planChange = .init(plan: "long", at: soon)
            },
            Self(
                "never queues",
                held { $0.planChange = .init(plan: "bare", at: later) },
                change("long", .periodEnd)
            ) { $0.planChange = .init(plan: "long", at: soon) },
            Self(
                "now drops what waits, and keeps a cancellation",
                held { $0.cancelAt = later },
                change("long")
            ) { $0.plan = "long" },
            Self(
                "to the present plan drops what waits",
                held { $0.planChange = .init(plan: "bare", at: later) },
                change("short", .periodEnd)
            ) { $0.planChange = nil },
            Self("needs a plan that exists", held(), change("nope"), refused: .unknownPlan("nope")),
            Self(
                "needs a version that exists",
                held(),
                change("long", version: 3),
                refused: .unknownVersion(plan: "long", version: 3)
            ),
            Self(
                "makes no add-on of a plan",
                held(),
                change("pack"),
                refused: .otherKind(plan: "pack", .addon)
            ),
            Self(
                "comes before the end",
                held("short", .canceled) { $0.endedAt = soon },
                change("long", .at(later)),
                refused: .afterEnd(soon)
            ),
            Self(
                "does not restart a grace",
                held("short", .pastDue) { $0.pastDueSince = before },
                change("long")
            ) { $0.plan = "long" },
            Self("changes the quantity now", held(), quantity(3)) { $0.quantity = 3 },
            Self(
                "changes the quantity later, and leaves the plan that waits",
                held { $0.planChange = .init(plan: "long", at: later) },
                quantity(3, .periodEnd)
            ) { $0.quantityChange = .init(quantity: 3, at: soon) },
            Self(
                "of the quantity now drops the one that waits",
                held { $0.quantityChange = .init(quantity: 9, at: later) },
                quantity(3)
            ) {
                $0.quantity = 3
                $0.quantityChange = nil
            },
        ] + inTrials

    private static let inTrials = [
        Self("in a trial gives the new plan's, from the same start", tried, change("long")) {
            $0.plan = "long"
            $0.trialEnd = T + .seconds(28 * 86_400)
        },
        Self(
            "in a trial that would have elapsed ends it",
            changing(tried) {
                $0.plan = "long"
                $0.trialStart = T - .seconds(9 * 86_400)
            },
            change("short")
        ) {
            $0.plan = "short"
            $0.trialEnd = T
        },
        Self("in a trial to a plan without one ends it", tried, change("bare")) {
            $0.plan = "bare"
            $0.trialEnd = T
        },
        Self(
            "in a trial gives no second one",
            tried,
            change("kin"),
            used: ["long"],
            refused: .trialAlreadyUsed(family: "long")
        ),
        Self(
            "does not wait inside a trial",
            tried,
            change("long", .at(soon)),
            refused: .insideTrial(until: trialEnd)
        ),
        Self("waits for the end of a trial", tried, change("long", .periodEnd), periodEnd: nil) {
            $0.planChange = .init(plan: "long", at: trialEnd)
        },
        Self("of quantity may wait inside a trial", tried, quantity(4, .at(soon))) {
            $0.quantityChange = .init(quantity: 4, at: soon)
        },
    ]

    private static func change(
        _ plan: String,
        version: Int? = nil,
        _ time: Subscription.EffectTime = .now
    ) -> Subscription.Action {
        .change(.init(plan: plan, version: version), quantity: nil, time)
    }

    private static func quantity(
        _ quantity: Int64,
        _ time: Subscription.EffectTime = .now
    ) -> Subscription.Action {
        .change(nil, quantity: quantity, time)
    }
}
