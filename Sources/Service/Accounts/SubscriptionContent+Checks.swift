import Entitlements
import Store

extension SubscriptionContent {
    /// With the dates of a trial that nobody gave: it begins now, or when the subscription does,
    /// and is as long as the plan says, in days of the account's calendar.
    ///
    /// A trial that the subscription had already goes on from its start: putting it again is no way
    /// to another one, whatever start is named.
    ///
    /// - Throws: `unknown_plan`, `plan_without_trial`, `invalid_field` for a start after that of the
    ///   trial that it had.
    func withTrial(
        at moment: AccountMoment,
        used: [TrialUse]
    ) throws(Refusal) -> SubscriptionContent {
        var held = subscription
        guard held.status == .trialing else { return self }
        guard let plan = moment.configuration.plans[held.plan] else {
            throw .unknownPlan(held.plan)
        }
        let own = used.first { $0.family == plan.family && $0.subscription == held.id }
        let start = own?.startedAt ?? max(moment.now, held.startsAt ?? moment.now)
        if held.trialStart == nil, held.trialEnd.map({ start < $0 }) ?? true {
            held.trialStart = start
        }
        if held.trialEnd == nil {
            if let own, let named = held.trialStart, named > own.startedAt {
                throw .trialBegan(own)
            }
            guard
                let days = moment.configuration.version(of: held.plan, held.version)?.trialDays
            else { throw .planWithoutTrial(held.plan) }
            held.trialEnd = (held.trialStart ?? start).adding(days: Int64(days), in: moment.zone)
        }
        var content = self
        content.subscription = held
        return content
    }

    /// What makes no sense, told by field before any table refuses it.
    ///
    /// - Throws: The first mistake, with its field and remedy.
    func check(at moment: AccountMoment) throws(Refusal) {
        let held = subscription
        let configuration = moment.configuration
        guard let plan = configuration.plans[held.plan] else { throw .unknownPlan(held.plan) }
        if let version = held.version, plan.versions[version] == nil {
            throw .unknownVersion(version, of: held.plan)
        }
        if held.status == .scheduled, held.startsAt == nil {
            throw Refusal(
                .missingField,
                "a scheduled subscription needs the instant at which it starts",
                field: "starts_at",
                remedy: "give starts_at, or another status"
            )
        }
        try checkOrder()
        if periodCount != nil, periodUnit == nil {
            throw .missing("period_every", beside: "period_count")
        }
        try checkChange(plan, moment)
        guard let change = held.quantityChange else { return }
        try check(change.at, field: "quantity_change.at", moment)
    }

    /// An end of the whole before its start is none of these: it was cancelled before it began.
    private func checkOrder() throws(Refusal) {
        let held = subscription
        let spans: [(Instant?, Instant?, String, String, mayBeEmpty: Bool)] = [
            (held.periodStart, held.periodEnd, "period_start", "period_end", false),
            (held.trialStart, held.trialEnd, "trial_start", "trial_end", true),
            (held.pause?.from, held.pause?.until, "paused_from", "paused_until", false),
            (held.startsAt, held.trialEnd, "starts_at", "trial_end", true),
        ]
        for (start, end, from, until, mayBeEmpty) in spans {
            guard let start, let end, end < start || (end == start && !mayBeEmpty) else {
                continue
            }
            throw Refusal(
                .invalidField,
                "\(until) is \(end), and \(from) is \(start)",
                field: until,
                remedy: "give \(mayBeEmpty ? "no earlier" : "a later") time than \(from)"
            )
        }
    }

    private func checkChange(_ plan: Plan, _ moment: AccountMoment) throws(Refusal) {
        let held = subscription
        guard let change = held.planChange else { return }
        guard held.cancelAt == nil else { throw .cancelledAndChanged }
        guard let next = moment.configuration.plans[change.plan] else {
            throw .unknownPlan(change.plan, field: "change.plan")
        }
        if let version = change.version, next.versions[version] == nil {
            throw .unknownVersion(version, of: change.plan, field: "change.version")
        }
        guard next.kind == plan.kind else {
            throw .otherKind(change.plan, next.kind, field: "change.plan")
        }
        try check(change.at, field: "change.at", moment)
        if let trialEnd = held.trialEnd, change.at < trialEnd {
            throw .insideTrial(until: trialEnd, field: "change.at")
        }
    }

    /// A change that waits comes later than now, and before the subscription has ended.
    private func check(
        _ instant: Instant,
        field: String,
        _ moment: AccountMoment
    ) throws(Refusal) {
        guard instant > moment.now else { throw .notAhead(field, of: moment.now) }
        guard let end = subscription.endedAt, instant >= end else { return }
        throw Refusal(
            .invalidField,
            "\(field) is not before the subscription's end, \(end)",
            field: field,
            remedy: "give an earlier time, or leave the change out"
        )
    }
}

extension Refusal {
    package static func missing(_ field: String, beside other: String) -> Refusal {
        Refusal(
            .missingField,
            "\(other) says nothing without \(field)",
            field: field,
            remedy: "give both, or neither"
        )
    }

    fileprivate static func planWithoutTrial(_ plan: String) -> Refusal {
        Refusal(
            .planWithoutTrial,
            "\(plan) has no trial",
            field: "plan",
            remedy: "give trial_end, another status, or the plan a trial in the catalog"
        )
    }

    fileprivate static func trialBegan(_ own: TrialUse) -> Refusal {
        Refusal(
            .invalidField,
            "the subscription's trial of \(own.family) began at \(own.startedAt)",
            field: "trial_start",
            remedy: "leave it out, or say with trial_end how long the trial is"
        )
    }

    fileprivate static let cancelledAndChanged = Refusal(
        .overlappingChanges,
        "the subscription can wait for its end or for another plan, not for both",
        field: "change",
        remedy: "send cancel_at or change"
    )
}
