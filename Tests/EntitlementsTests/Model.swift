@testable import Entitlements

/// The rules of DESIGN.md §5 a second time, one sentence after the other, over whole microseconds
/// and with lists of everything. Slow on purpose: it shares nothing with `decide`.
extension RandomState {
    func model(at: Int64) -> Decision {
        guard let session else { return closed(.sessionUnknown) }
        if let revoked = session.revokedAt?.microseconds, revoked <= at {
            return closed(.sessionRevoked)
        }
        if session.expiresAt.microseconds <= at { return closed(.sessionExpired) }
        guard let account, account.id == session.account else { return closed(.sessionUnknown) }
        if let blocked = account.blockedSince?.microseconds, blocked <= at {
            return closed(.accountBlocked)
        }
        if let disabled = feature.disabledSince?.microseconds, disabled <= at {
            return closed(.featureDisabled)
        }
        let verdicts = account.subscriptions.compactMap { verdict(on: $0, at: at) }
        var sources = verdicts.flatMap(\.sources)
        if !sources.contains(where: { $0.plan.kind == .plan }), let id = configuration.defaultPlan,
            let plan = configuration.plans[id]
        {
            sources.insert(ModelSource(plan: plan, reason: .defaultPlan, quantity: 1), at: 0)
        }
        let ranked =
            sources.filter { $0.plan.kind == .plan } + sources.filter { $0.plan.kind == .addon }
        if let open = combined(ranked.filter { $0.says(feature) != nil }) { return open }
        let denials = verdicts.compactMap(\.denial)
            .sorted { left, right in
                if left.since != right.since { return (left.since ?? -1) > (right.since ?? -1) }
                return left.weight < right.weight
            }
        return closed(denials.first?.reason ?? .notInPlan)
    }

    private func closed(_ reason: Decision.Reason) -> Decision {
        Decision(feature: feature.id, kind: feature.kind, allowed: false, reason: reason)
    }

    private func combined(_ sources: [ModelSource]) -> Decision? {
        let amounts = sources.compactMap { $0.says(feature) }
        guard let first = amounts.first else { return nil }
        var total = first
        var winner = 0
        switch feature.combine {
        case .first: break
        case .any, .max: total = amounts.max() ?? first
        case .min: total = amounts.min() ?? first
        case .sum where feature.kind == .boolean: total = amounts.max() ?? first
        case .sum:
            total =
                amounts.contains(ModelSource.unlimited)
                ? ModelSource.unlimited : amounts.reduce(0, +)
            winner = amounts.firstIndex { feature.kind == .config || $0 > 0 } ?? 0
        }
        if feature.combine != .sum || feature.kind == .boolean {
            winner = amounts.firstIndex(of: total) ?? 0
        }
        guard feature.kind == .config || total > 0 else { return nil }
        return opened(total, by: sources[winner])
    }

    private func opened(_ amount: Int, by source: ModelSource) -> Decision {
        let isUnlimited = amount == ModelSource.unlimited
        let value: JSON? =
            switch feature.kind {
            case .boolean: true
            case .config: .integer(Int64(amount))
            default: nil
            }
        return Decision(
            feature: feature.id,
            kind: feature.kind,
            allowed: true,
            reason: source.reason,
            source: Decision.Source(kind: source.plan.kind, id: source.plan.id, version: 1),
            value: value,
            limit: feature.kind.isCounted ? (isUnlimited ? .unlimited : .units(Int64(amount))) : nil
        )
    }
}

/// A plan that entitles at the instant, and for what reason.
private struct ModelSource {
    static let unlimited = 1_000_000

    let plan: Plan
    let reason: Decision.Reason
    let quantity: Int64

    /// How much, on one scale: false is 0, true is 1, unlimited is larger than all.
    func says(_ feature: Feature) -> Int? {
        guard let entitlement = plan.versions[1]?.entitlements[feature.id] else { return nil }
        switch (entitlement.value, entitlement.limit) {
        case (.bool(let isOpen)?, _): return isOpen ? 1 : 0
        case (.integer(let value)?, _): return Int(value)
        case (_, .unlimited?): return Self.unlimited
        case (_, .units(let units)?):
            let isMultiplied = plan.kind == .addon || feature.kind == .seats
            return Int(isMultiplied ? units * quantity : units)
        default: return nil
        }
    }
}

private struct ModelVerdict {
    var sources: [ModelSource] = []
    var denial: (reason: Decision.Reason, since: Int64?, weight: Int)?
}

extension RandomState {
    /// What one subscription has to say at an instant, status by status.
    private func verdict(on subscription: Subscription, at: Int64) -> ModelVerdict? {
        guard let plan = configuration.plans[subscription.plan], let version = plan.versions[1]
        else { return nil }
        if let starts = subscription.startsAt?.microseconds, at < starts { return ModelVerdict() }
        let closes = [subscription.cancelAt, subscription.endedAt].compactMap { $0?.microseconds }
            .min()
        let isClosed = closes.map { $0 <= at } ?? false
        switch subscription.status {
        case .incomplete: return ModelVerdict()
        case .scheduled where subscription.startsAt == nil: return ModelVerdict()
        case .unpaid:
            return over(subscription, .paymentFailed, subscription.pastDueSince?.microseconds)
        case .paused, .incompleteExpired:
            return over(subscription, .subscriptionEnded, subscription.endedAt?.microseconds)
        case .canceled:
            let ended = subscription.endedAt?.microseconds
            if let ended, at < ended { return gives(plan, subscription) }
            return over(subscription, .subscriptionEnded, ended)
        case .trialing: return trial(subscription, plan, closes: closes, at: at)
        case .active, .scheduled, .pastDue:
            let isOverdue = subscription.status == .pastDue
            let due =
                isOverdue
                ? subscription.pastDueSince ?? subscription.periodEnd : subscription.periodEnd
            let graceEnd = due.map { ($0 + version.grace).microseconds } ?? (isOverdue ? -1 : nil)
            let failedFirst = graceEnd.map { $0 < closes ?? .max } ?? false
            if failedFirst, let graceEnd, at >= graceEnd {
                return over(subscription, .paymentFailed, graceEnd < 0 ? nil : graceEnd)
            }
            if isClosed { return over(subscription, .subscriptionEnded, closes) }
            let isLate = isOverdue || (due.map { $0.microseconds <= at } ?? false)
            return gives(plan, subscription, isLate ? .pastDueGrace : nil)
        }
    }

    private func trial(
        _ subscription: Subscription,
        _ plan: Plan,
        closes: Int64?,
        at: Int64
    ) -> ModelVerdict {
        let isClosed = closes.map { $0 <= at } ?? false
        let end = subscription.trialEnd?.microseconds
        if let end, end <= at, end <= closes ?? .max {
            var verdict = over(subscription, .trialEnded, end)
            if !isClosed, let then = plan.versions[1]?.trialThen,
                let next = configuration.plans[then], next.kind == .plan
            {
                let isDefault = configuration.defaultPlan == then
                verdict.sources =
                    gives(next, subscription, isDefault ? .defaultPlan : .plan).sources
            }
            return verdict
        }
        return isClosed
            ? over(subscription, .subscriptionEnded, closes) : gives(plan, subscription, .trial)
    }

    private func gives(
        _ plan: Plan,
        _ subscription: Subscription,
        _ reason: Decision.Reason? = nil
    ) -> ModelVerdict {
        let standard: Decision.Reason = plan.kind == .addon ? .addon : .plan
        let source = ModelSource(
            plan: plan,
            reason: reason ?? standard,
            quantity: subscription.quantity
        )
        return ModelVerdict(sources: [source])
    }

    /// It would have opened the feature, had it not ended.
    private func over(
        _ subscription: Subscription,
        _ reason: Decision.Reason,
        _ since: Int64?
    ) -> ModelVerdict {
        guard let plan = configuration.plans[subscription.plan],
            let amount = ModelSource(plan: plan, reason: .plan, quantity: subscription.quantity)
                .says(feature),
            amount > 0 || feature.kind == .config
        else { return ModelVerdict() }
        let weights: [Decision.Reason] = [.paymentFailed, .trialEnded, .subscriptionEnded]
        return ModelVerdict(denial: (reason, since, weights.firstIndex(of: reason) ?? 3))
    }
}
