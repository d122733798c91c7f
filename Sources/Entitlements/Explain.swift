/// Answers as `decide` does, and tells what was considered, in the order of precedence, and what
/// would have to change.
///
/// It reads the same `Holdings` at the same instant, so it cannot speak of other sources than those
/// that decided. The parameters are those of `decide`.
package func explain(
    session: Session?,
    account: Account?,
    configuration: Configuration,
    feature: Feature,
    at: Instant,
    clock: Instant? = nil,
    meters: [MeterKey: Meter] = [:]
) -> Explanation {
    let decision = decide(
        session: session,
        account: account,
        configuration: configuration,
        feature: feature,
        at: at,
        clock: clock,
        meters: meters
    )
    let standing = Explanation.Considered(session, decision.reason)
    guard standing.counts, let session, let account else {
        return Explanation(decision: decision, considered: [standing], wouldAllow: [.signIn])
    }
    let stops = Stops(at: at, clock: clock ?? at)
    let inquiry = Inquiry(
        account: account,
        session: session,
        configuration: configuration,
        holdings: Holdings(account, session, configuration, feature, stops: stops),
        stops: stops,
        decision: decision
    )
    return Explanation(
        decision: decision,
        considered: [standing] + inquiry.considered,
        wouldAllow: decision.allowed ? [] : inquiry.remedies
    )
}

/// All that is known of one question, and which step of the precedence answered it.
struct Inquiry {
    typealias Considered = Explanation.Considered

    let account: Account
    let session: Session
    let configuration: Configuration
    let holdings: Holdings
    let stops: Stops
    let decision: Decision

    var at: Instant { stops.at }
    var feature: Feature { holdings.feature }
    var isBlocked: Bool { account.block(stops).contains(at) }

    var considered: [Considered] {
        var items: [Considered] = []
        if account.blockedSince != nil { items.append(block) }
        items += holdings.denies.map(deny)
        if feature.disabledSince != nil { items.append(featureSwitch) }
        if let gate { items.append(gate) }
        items += allows(.replace)
        items += holds
        if let defaultPlan { items.append(defaultPlan) }
        items += allows(.stack)
        items += holdings.credits.map(credit)
        if let count { items.append(count) }
        return items
    }

    /// A block that was never set is not worth a word.
    private var block: Considered {
        let span = account.block(stops)
        var item = Considered(.block, .account, account.id, why: .ended)
        item.from = account.blockedSince
        item.until = account.blockedUntil
        if isBlocked { item.decide(by: .blocked) }
        if at < span.lowerBound, !span.isEmpty { item.why = .notBegun }
        return item
    }

    private func deny(_ stop: Holdings.Stop) -> Considered {
        var item = Considered(.denyGrant, stop.grant, at: at)
        guard stop.isInForce(at: at) else { return item }
        item.judge(isBasis: isBasis(.deny(stop.grant.id)), why: .inForce)
        return item
    }

    private var featureSwitch: Considered {
        var item = Considered(.switch, .feature, feature.id, why: .notBegun)
        item.from = feature.disabledSince
        if holdings.disabledSince <= at { item.judge(isBasis: isBasis(.disabled), why: .disabled) }
        return item
    }

    private var gate: Considered? {
        guard let flag = feature.gate, let gating = feature.gating else { return nil }
        var item = Considered(.gate, .flag, flag, why: .open)
        if !gating.isOpen { item.judge(isBasis: isBasis(.gate), why: .off) }
        return item
    }

    private func allows(_ mode: Grant.Mode) -> [Considered] {
        let fitting = mode == .replace ? holdings.replacing : holdings.stacking
        return (session.grants + account.grants)
            .filter { $0.feature == feature.id && $0.effect == .allow && $0.mode == mode }
            .map { grant in
                var item = Considered(.grant, grant, at: at)
                guard let offer = fitting.first(where: { $0.grant.id == grant.id })?.offer else {
                    item.why = .doesNotFit
                    return item
                }
                item.give(offer.amount)
                switch (item.why, mode) {
                case (.inForce, .replace):
                    item.judge(isBasis: isBasis(.replacing(grant.id)), why: .inForce)
                    if isClosedByCount { item.decides = false }
                case (.inForce, .stack): join(&item, offer, of: grant.id, why: .inForce)
                default: if isBasis(.ended(grant.id)) { item.decide(by: item.why) }
                }
                return item
            }
    }

    /// Subscriptions in the order in which they combine: plans, then add-ons.
    private var holds: [Considered] {
        let items = account.subscriptions.map(hold)
        return items.filter { $0.kind == .plan } + items.filter { $0.kind == .addon }
    }

    private func hold(_ subscription: Subscription) -> Considered {
        guard let holding = Holding(subscription, configuration, feature) else {
            var item = Considered(.subscription, .plan, subscription.plan, why: .unknownPlan)
            item.subscription = subscription.id
            return item
        }
        var item = Considered(holding, of: subscription, at: at)
        guard let access = holding.access(at: at) else {
            if isBasis(.ended(subscription.id)) { item.decide(by: item.why) }
            return item
        }
        guard let offer = holding.offer(access, at: at) else {
            // A trial that fell to a plan without the feature still names the denial, as its own.
            if isBasis(.ended(subscription.id)) {
                let own = holding.life(at: at).tier
                (item.id, item.version) = (own?.plan, own?.version)
                item.decide(by: .trialEnded)
            }
            return item
        }
        item.give(offer.amount)
        join(&item, offer, of: subscription.id, why: item.why)
        return item
    }

    private var defaultPlan: Considered? {
        guard let id = configuration.defaultPlan, let plan = configuration.plans[id] else {
            return nil
        }
        var item = Considered(.defaultPlan, .plan, id, why: .notInPlan)
        item.version = plan.currentVersion
        guard let offer = holdings.standard else { return item }
        item.give(offer.amount)
        if holdings.holdsPlan(at: at) {
            item.why = .planHeld
        } else {
            join(&item, offer, of: id, why: .standsIn)
        }
        return item
    }

    /// A credit counts beside what a plan gives, and opens the feature where nothing else does.
    private func credit(_ credit: MeterTerms.Credit) -> Considered {
        var item = Considered(credit, at: at)
        guard credit.isLive(at: at) else { return item }
        switch holdings.verdict(at: at).basis {
        case _ where isBlocked: item.why = .outranked
        case .credit(let id):
            item.counts = true
            item.decides = id == credit.id && !isClosedByCount
        case .combined: item.counts = true
        default: item.why = .outranked
        }
        return item
    }

    /// The seat of the session's user, or what of the limit is in use, where there is one.
    private var count: Considered? {
        guard let limit = decision.limit else { return nil }
        var item: Considered
        switch feature.kind {
        case .boolean, .config: return nil
        case .metered, .rate, .concurrency:
            // Below its limit the decision says so itself, by what remains.
            guard let step = Explanation.Considered.Step(decision.reason) else { return nil }
            item = Considered(step, .feature, feature.id, why: .reached)
            item.decide(by: .reached)
        case .seats:
            item = Considered(.seat, .seat, session.user, why: .assigned)
            if decision.reason == .noSeat { item.decide(by: .noSeat) }
        case .level:
            let isSoft = decision.remaining == .units(0)
            item = Considered(.level, .level, feature.id, why: isSoft ? .overage : .below)
            if decision.reason == .levelReached { item.decide(by: .reached) }
        }
        item.limit = limit
        item.counts = true
        return item
    }

    /// Then the count decides, and what gives the limit counts.
    private var isClosedByCount: Bool { decision.reason.isOfCount }

    /// Whether this is what decided, unless a block or a count did.
    private func isBasis(_ basis: Holdings.Basis) -> Bool {
        !isBlocked && holdings.verdict(at: at).basis == basis
    }

    /// How something that joins others fared among them.
    private func join(
        _ item: inout Considered,
        _ offer: Offer,
        of holder: String,
        why: Explanation.Why
    ) {
        item.why = offer.opens ? why : .givesNothing
        guard case .combined(let winner) = holdings.verdict(at: at).basis, !isBlocked else {
            // Nothing of what combines opens, or an earlier step has decided.
            if offer.opens { item.why = .outranked }
            return
        }
        if winner == holder {
            item.counts = true
            item.decides = !isClosedByCount
        } else if offer.opens {
            item.counts = feature.combine == .sum
            if !item.counts { item.why = .superseded }
        }
    }
}

extension Explanation.Considered.Step {
    /// The count that a denial is of, where the feature is one that is consumed or leased.
    fileprivate init?(_ reason: Decision.Reason) {
        switch reason {
        case .quotaExhausted: self = .quota
        case .rateLimited: self = .rate
        case .concurrencyReached: self = .concurrency
        default: return nil
        }
    }
}
