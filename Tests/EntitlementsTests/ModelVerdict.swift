@testable import Entitlements

/// A plan or a grant that entitles at the instant, and for what reason.
struct ModelSource {
    static let unlimited = 1_000_000

    let kind: Decision.Source.Kind
    let id: String
    let version: Int?
    let reason: Decision.Reason
    private let amount: Int?

    init(_ plan: Plan, _ reason: Decision.Reason, quantity: Int64, of feature: Feature) {
        kind = plan.kind == .plan ? .plan : .addon
        id = plan.id
        version = 1
        self.reason = reason
        let entitlement = plan.versions[1]?.entitlements[feature.id]
        let isMultiplied = plan.kind == .addon || feature.kind == .seats
        amount = Self.amount(
            entitlement?.value,
            entitlement?.limit,
            times: isMultiplied ? quantity : 1
        )
    }

    init(_ grant: Grant) {
        kind = .grant
        id = grant.id
        version = nil
        reason = .grant
        amount = Self.amount(grant.value, grant.limit, times: 1)
    }

    /// How much, on one scale: false is 0, true is 1, unlimited is larger than all.
    func says(_ feature: Feature) -> Int? { amount }

    private static func amount(_ value: JSON?, _ limit: Quantity?, times quantity: Int64) -> Int? {
        switch (value, limit) {
        case (.bool(let isOpen)?, _): isOpen ? 1 : 0
        case (.integer(let value)?, _): Int(value)
        case (_, .unlimited?): unlimited
        case (_, .units(let units)?): Int(units * quantity)
        default: nil
        }
    }
}

struct ModelVerdict {
    typealias Denial = (reason: Decision.Reason, since: Int64?, weight: Int)

    var sources: [ModelSource] = []
    var denials: [Denial] = []
}

extension RandomState {
    /// The grants in force, the narrowest and newest first.
    func grantsInForce(at: Int64) -> [Grant] {
        let all = (session?.grants ?? []) + (account?.grants ?? [])
        func breadth(_ grant: Grant) -> Int {
            grant.session != nil ? 0 : grant.user != nil ? 1 : 2
        }
        return
            all.filter { grant in
                grant.feature == feature.id && grant.from.microseconds <= at
                    && (grant.effect == .deny || mayAllow(grant))
                    && at < grant.until?.microseconds ?? .max
            }
            .sorted { one, other in
                (breadth(one), -one.createdAt.microseconds, one.id)
                    < (breadth(other), -other.createdAt.microseconds, other.id)
            }
    }

    /// Levels and seats are the account's: they are not allowed to one user or session.
    ///
    /// Nor does what is allowed to one of them join the pool of what is consumed.
    private func mayAllow(_ grant: Grant) -> Bool {
        let isForAll = grant.user == nil && grant.session == nil
        switch feature.kind {
        case .level, .seats: return isForAll
        case .metered, .rate, .concurrency: return isForAll || grant.mode == .replace
        case .boolean, .config: return true
        }
    }

    func endedGrants(at: Int64) -> [ModelVerdict.Denial] {
        ((session?.grants ?? []) + (account?.grants ?? []))
            .compactMap { grant in
                guard grant.feature == feature.id, grant.effect == .allow, mayAllow(grant),
                    let until = grant.until?.microseconds, until <= at,
                    grant.from.microseconds < until,
                    let amount = ModelSource(grant).says(feature),
                    amount > 0 || feature.kind == .config
                else { return nil }
                return (.grantEnded, until, 4)
            }
    }

    /// What one subscription has to say at an instant, status by status.
    func verdict(on subscription: Subscription, at: Int64) -> ModelVerdict {
        let subscription = subscription.substituted(at: at)
        let plan = configuration.plans[subscription.plan]
        var begins = [subscription.startsAt]
        if subscription.status == .trialing { begins.append(subscription.trialStart) }
        if begins.contains(where: { $0.map { at < $0.microseconds } ?? false }) {
            return ModelVerdict()
        }
        var spoken = unpaused(subscription, plan, at: at)
        let isPaused =
            subscription.status == .paused
            || subscription.pause.map {
                $0.from.microseconds <= at && at < $0.until?.microseconds ?? .max
            } ?? false
        if isPaused, spoken.isOwn {
            let from = subscription.pause?.from.microseconds
            return over(subscription, plan, .subscriptionPaused, from, at: at).verdict
        }
        if isPaused, !spoken.verdict.sources.isEmpty {
            // Of the plan that a trial fell to.
            if spoken.verdict.sources.contains(where: { opens($0) }) {
                let from = subscription.pause?.from.microseconds
                spoken.verdict.denials.append((.subscriptionPaused, from, 2))
            }
            spoken.verdict.sources = []
        }
        return spoken.verdict
    }

    private typealias Spoken = (verdict: ModelVerdict, isOwn: Bool)

    private func unpaused(_ subscription: Subscription, _ plan: Plan?, at: Int64) -> Spoken {
        let closes = subscription.closes
        let isClosed = closes.map { $0 <= at } ?? false
        func over(_ reason: Decision.Reason, _ since: Int64?) -> Spoken {
            self.over(subscription, plan, reason, since, at: at)
        }
        func gives(_ reason: Decision.Reason? = nil) -> Spoken {
            (self.gives(plan, subscription, reason, at: at), true)
        }
        switch subscription.status {
        case .incomplete: return (ModelVerdict(), false)
        case .scheduled where subscription.startsAt == nil: return (ModelVerdict(), false)
        case .unpaid: return over(.paymentFailed, subscription.pastDueSince?.microseconds)
        case .paused: return isClosed ? over(.subscriptionEnded, closes) : gives()
        case .incompleteExpired:
            return over(.subscriptionEnded, subscription.endedAt?.microseconds)
        case .canceled:
            let ended = subscription.endedAt?.microseconds
            if let ended, at < ended { return gives() }
            return over(.subscriptionEnded, ended)
        case .trialing:
            guard let end = subscription.trialEnd?.microseconds else {
                return over(.trialEnded, nil)
            }
            guard end <= at, end <= closes ?? .max else {
                return isClosed ? over(.subscriptionEnded, closes) : gives(.trial)
            }
            guard subscription.hasPaymentMethod else {
                var spoken = over(.trialEnded, end)
                let next = afterTrial(subscription, at: at)
                if !isClosed {
                    spoken.verdict.sources = next
                } else if end < closes ?? .max, next.contains(where: { opens($0) }) {
                    spoken.verdict.denials.append((.subscriptionEnded, closes, 3))
                }
                return spoken
            }
            fallthrough
        case .active, .scheduled, .pastDue:
            let isOverdue = subscription.status == .pastDue
            let due: Instant? =
                switch subscription.status {
                case .trialing: subscription.trialEnd
                case .pastDue: subscription.pastDueSince ?? subscription.periodEnd
                default: subscription.periodEnd
                }
            let graceEnd =
                due.map {
                    ($0 + (plan?.versions[1]?.grace ?? PlanVersion.standardGrace)).microseconds
                }
                ?? (isOverdue ? -1 : nil)
            if let graceEnd, graceEnd < closes ?? .max, at >= graceEnd {
                return over(.paymentFailed, graceEnd < 0 ? nil : graceEnd)
            }
            if isClosed { return over(.subscriptionEnded, closes) }
            let isLate = isOverdue || (due.map { $0.microseconds <= at } ?? false)
            return gives(isLate ? .pastDueGrace : nil)
        }
    }

    private func afterTrial(_ subscription: Subscription, at: Int64) -> [ModelSource] {
        guard let version = configuration.plans[subscription.plan]?.versions[1],
            let then = version.trialThen, let next = configuration.plans[then], next.kind == .plan,
            subscription.trialAtEnd ?? version.trialAtEnd ?? .fallback == .fallback
        else { return [] }
        let reason: Decision.Reason = configuration.defaultPlan == then ? .defaultPlan : .plan
        return gives(next, subscription, reason, at: at).sources
    }

    private func quantity(_ subscription: Subscription, at: Int64) -> Int64 {
        guard let change = subscription.quantityChange, change.at.microseconds <= at else {
            return subscription.quantity
        }
        return change.quantity
    }

    private func gives(
        _ plan: Plan?,
        _ subscription: Subscription,
        _ reason: Decision.Reason?,
        at: Int64
    ) -> ModelVerdict {
        guard let plan else { return ModelVerdict() }
        let source = ModelSource(
            plan,
            reason ?? (plan.kind == .addon ? .addon : .plan),
            quantity: quantity(subscription, at: at),
            of: feature
        )
        return ModelVerdict(sources: [source])
    }

    /// It would have opened the feature, had it not ended.
    private func over(
        _ subscription: Subscription,
        _ plan: Plan?,
        _ reason: Decision.Reason,
        _ since: Int64?,
        at: Int64
    ) -> Spoken {
        guard let source = gives(plan, subscription, nil, at: at).sources.first, opens(source)
        else { return (ModelVerdict(), false) }
        let weights: [Decision.Reason] = [
            .paymentFailed, .trialEnded, .subscriptionPaused, .subscriptionEnded,
        ]
        let weight = weights.firstIndex(of: reason) ?? 4
        return (ModelVerdict(denials: [(reason, since, weight)]), false)
    }

    private func opens(_ source: ModelSource) -> Bool {
        source.says(feature).map { $0 > 0 || feature.kind == .config } ?? false
    }
}

extension Subscription {
    fileprivate var closes: Int64? {
        [cancelAt, endedAt].compactMap { $0?.microseconds }.min()
    }

    /// From a plan change on it is as if it had always had that plan; what is over does not change.
    fileprivate func substituted(at: Int64) -> Subscription {
        guard let change = planChange, change.at.microseconds <= at,
            change.at.microseconds < closes ?? .max
        else { return self }
        var subscription = self
        subscription.plan = change.plan
        subscription.version = change.version
        return subscription
    }
}
