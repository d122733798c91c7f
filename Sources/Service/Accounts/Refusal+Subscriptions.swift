import Entitlements

extension Refusal {
    static func fed(by source: String, _ id: String) -> Refusal {
        Refusal(
            .conflict,
            "subscription \(id) is fed by \(source)",
            field: "subscription",
            remedy: "change it at \(source), or use another id here"
        )
    }

    static func unknownSubscription(_ id: String, of account: String) -> Refusal {
        Refusal(
            .unknownSubscription,
            "account \(account) has no subscription \(id)",
            field: "subscription",
            remedy: "see GET /v1/accounts/\(account)/subscriptions"
        )
    }

    static func unknownPlan(_ plan: String, field: String = "plan") -> Refusal {
        Refusal(
            .unknownPlan,
            "the catalog has no plan or add-on \(plan)",
            field: field,
            remedy: "apply a catalog with it, or see GET /v1/catalog"
        )
    }

    static func unknownVersion(
        _ version: Int,
        of plan: String,
        field: String = "version"
    ) -> Refusal {
        Refusal(
            .invalidField,
            "plan \(plan) has no version \(version)",
            field: field,
            remedy: "leave the version out to follow the plan, or see GET /v1/catalog"
        )
    }

    static func otherKind(_ plan: String, _ kind: Plan.Kind, field: String) -> Refusal {
        let (article, other) = kind == .addon ? ("an add-on", "a plan") : ("a plan", "an add-on")
        return Refusal(
            .invalidField,
            "\(plan) is \(article), and the subscription is to \(other)",
            field: field,
            remedy: "make another subscription to \(plan)"
        )
    }

    static func trialAlreadyUsed(family: String, by other: String, field: String) -> Refusal {
        Refusal(
            .trialAlreadyUsed,
            "the account had its trial of \(family) by subscription \(other)",
            field: field,
            remedy: "extend that one, or subscribe with the status active"
        )
    }

    static func insideTrial(until end: Instant, field: String) -> Refusal {
        Refusal(
            .invalidField,
            "the plan cannot change at a time inside the trial, which ends at \(end)",
            field: field,
            remedy: "let it change now, or from \(end) on"
        )
    }

    static func notAhead(_ field: String, of now: Instant) -> Refusal {
        Refusal(
            .invalidField,
            "\(field) is not later than the account's time, \(now)",
            field: field,
            remedy: "give a time that is to come"
        )
    }
}

extension Refusal {
    /// A refused action in the contract's words.
    ///
    /// - Parameters:
    ///   - refusal: Why the core would not do it.
    ///   - action: What was asked for.
    ///   - now: The account's time.
    init(_ refusal: Subscription.ActionRefusal, _ action: Subscription.Action, now: Instant) {
        self =
            switch refusal {
            case .ended(let end): Self.ended(at: end)
            case .notInTrial: Self.notInTrial
            case .inThePast(let field): Self.notAhead(field, of: now)
            case .notLater(let end): Self.notLater(than: end, action)
            case .endsBeforeStart: Self.endsBeforeStart
            case .isPaused(let since):
                Refusal(
                    .conflict,
                    "the subscription is paused since \(since), so no pause can begin later",
                    field: "at",
                    remedy: "leave at out to give this pause another end, or resume first"
                )
            case .noPeriod:
                Refusal(
                    .noPeriod,
                    "nobody knows when the period of the subscription ends",
                    field: "at",
                    remedy: "send at: \"now\" or a time, or put period_end or period_every first"
                )
            case .unknownPlan(let plan): .unknownPlan(plan)
            case .unknownVersion(let plan, let version): .unknownVersion(version, of: plan)
            case .otherKind(let plan, let kind): .otherKind(plan, kind, field: "plan")
            case .insideTrial(let end): .insideTrial(until: end, field: "at")
            case .afterEnd(let end):
                Refusal(
                    .invalidField,
                    "the subscription ends at \(end), before the change would come",
                    field: "at",
                    remedy: "give an earlier time"
                )
            case .changeWaits(let at): Self.changeWaits(at: at)
            case .trialAlreadyUsed(let family):
                .trialAlreadyUsed(family: family, by: "another id", field: "plan")
            }
    }

    private static let endsBeforeStart = Refusal(
        .invalidField,
        "the pause would end before it begins",
        field: "until",
        remedy: "give an end that is later than the start"
    )

    private static let notInTrial = Refusal(
        .conflict,
        "the subscription is not in a trial",
        field: "status",
        remedy: "see its status, trial_start and trial_end"
    )

    private static func ended(at end: Instant?) -> Refusal {
        Refusal(
            .conflict,
            "the subscription has ended" + (end.map { " at \($0)" } ?? ""),
            field: "status",
            remedy: "replace it by PUT, or make another"
        )
    }

    private static func notLater(than end: Instant, _ action: Subscription.Action) -> Refusal {
        var field = "trial_end"
        if case .extendTrial(.by) = action { field = "days" }
        return Refusal(
            .invalidField,
            "the trial ends at \(end), and can only be extended to a later time",
            field: field,
            remedy: "give a later time, or end the trial with POST …/trial/end"
        )
    }

    private static func changeWaits(at instant: Instant) -> Refusal {
        Refusal(
            .overlappingChanges,
            "a plan change waits for \(instant), which would then be inside the trial",
            field: "trial_end",
            remedy: "drop it first with DELETE …/change"
        )
    }
}
