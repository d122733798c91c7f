/// All that bears on one feature for one account, and one of its sessions, with the catalog looked
/// up once: deciding at another instant is then arithmetic, which is what makes an exact
/// `valid_until` affordable.
struct Holdings {
    let feature: Feature
    /// Deny grants in the order of their rank, from when their stop counts.
    private(set) var denies: [Stop] = []
    let disabledSince: Instant
    /// Allow grants that are the answer by themselves, in the order of their rank.
    private(set) var replacing: [Granted] = []
    private(set) var held: [Holding] = []
    /// Allow grants that join what subscriptions give.
    private(set) var stacking: [Granted] = []
    /// What was bought beside it, of a metered feature.
    private(set) var credits: [MeterTerms.Credit] = []
    let standard: Offer?
    let defaultPlan: String?
    private let used: Int64?
    private let lacksSeat: Bool

    /// A deny grant, over a window that a test clock cannot hold off.
    struct Stop {
        let grant: Grant
        let from: Instant

        func isInForce(at instant: Instant) -> Bool {
            from <= instant && instant < grant.until ?? .never
        }
    }

    /// An allow grant, with what it gives of the feature.
    struct Granted {
        let grant: Grant
        let offer: Offer
    }

    init(
        _ account: Account,
        _ session: Session?,
        _ configuration: Configuration,
        _ feature: Feature,
        stops: Stops
    ) {
        self.feature = feature
        disabledSince = stops.beginning(feature.disabledSince)
        defaultPlan = configuration.defaultPlan
        standard = configuration.defaultPlan.flatMap { configuration.plans[$0] }
            .flatMap { plan in
                plan.current.flatMap { Offer(version: $0, kind: plan.kind, feature: feature) }
            }
        used = account.used(of: feature)
        lacksSeat = feature.kind == .seats && session?.seats.contains(feature.id) == false
        for index in account.subscriptions.indices {
            guard let holding = Holding(account.subscriptions[index], configuration, feature)
            else { continue }
            // Without an offer it can only matter by standing in the default plan's place.
            let mayReplaceDefault = standard != nil && holding.mayBePlan
            if holding.hasOffer || mayReplaceDefault { held.append(holding) }
        }
        if let session { take(session.grants, stops) }
        take(account.grants, stops)
        if feature.kind == .metered, !account.credits.isEmpty {
            credits = account.credits.filter { $0.feature == feature.id }
        }
        if stacking.count > 1 { stacking.sort { $0.grant.isOlder(than: $1.grant) } }
    }

    /// Called with narrower grants first, each list in its own rank.
    private mutating func take(_ grants: [Grant], _ stops: Stops) {
        // By index: a loop over the grants would copy those of all other features. One that ends
        // before it begins never is in force, also where a test clock stands before both and a deny
        // would count from earlier.
        for index in grants.indices
        where grants[index].feature == feature.id && grants[index].hasSpan {
            let grant = grants[index]
            // What is counted for the whole account is given to the whole of it.
            if grant.effect == .allow, !grant.isForAll, !feature.takesOwn(grant.mode) { continue }
            if grant.effect == .deny {
                denies.append(Stop(grant: grant, from: stops.beginning(grant.from)))
                continue
            }
            guard let offer = Offer(grant: grant, feature: feature) else { continue }
            let granted = Granted(grant: grant, offer: offer)
            switch grant.mode {
            case .replace: replacing.append(granted)
            case .stack: stacking.append(granted)
            }
        }
    }

    /// What a decision rests on: the id of a grant, of a subscription, or of the default plan.
    enum Basis: Equatable {
        case deny(String), disabled, gate, replacing(String), combined(String), credit(String)
        case ended(String), nothing
    }

    /// The answer at an instant, for a session in good standing of an account that is not blocked.
    func outcome(at instant: Instant) -> Decision { verdict(at: instant).decision }

    /// The answer with what it rests on: `explain` speaks of the very same step that decided.
    func verdict(at instant: Instant) -> (decision: Decision, basis: Basis) {
        if let grant = denies.first(where: { $0.isInForce(at: instant) })?.grant {
            let decision = denied(.deniedByGrant, by: grant.source)
            return (decision, .deny(grant.id))
        }
        if disabledSince <= instant {
            return (denied(.featureDisabled), .disabled)
        }
        if feature.gating?.isOpen == false {
            return (denied(.gateOff), .gate)
        }
        return entitlement(at: instant)
    }

    /// The steps that give rather than stop: grants that replace, else all that combines.
    func entitlement(at instant: Instant) -> (decision: Decision, basis: Basis) {
        if let granted = replacing.first(where: { $0.grant.isInForce(at: instant) }) {
            let basis = Basis.replacing(granted.grant.id)
            guard granted.offer.opens else {
                return (denied(.deniedByGrant, by: granted.offer.source), basis)
            }
            let amount = granted.offer.amount
            return (answer(amount, isSoft: false, .grant, granted.offer.source), basis)
        }
        let combined = combination(at: instant)
        guard let winner = combined.winner, let amount = combined.amount, amount.opens else {
            if let credit = credits.first(where: { $0.isLive(at: instant) }) {
                return (Decision(feature, openBy: credit), .credit(credit.id))
            }
            let denial = denial(at: instant)
            let basis = denial.map { Basis.ended($0.holder) } ?? .nothing
            return (denied(denial?.reason ?? .notInPlan), basis)
        }
        let decision = answer(
            amount,
            isSoft: combined.isSoft,
            combined.reason,
            winner.source
        )
        return (decision, .combined(combined.holder))
    }

    /// What subscriptions, the default plan and stacked grants come to: plans, then add-ons, then
    /// grants, each in the order of their making.
    ///
    /// Without add-ons where each of them counts by itself.
    func combination(at instant: Instant, withAddons: Bool = true) -> Combination {
        var combined = Combination(feature.combine)
        let hasPlan = add(.plan, at: instant, to: &combined)
        if !hasPlan, let standard {
            combined.add(standard, of: standard.source.id, reason: .defaultPlan)
        }
        if withAddons { add(.addon, at: instant, to: &combined) }
        for granted in stacking where granted.grant.isInForce(at: instant) {
            combined.add(granted.offer, of: granted.grant.id, reason: .grant)
        }
        return combined
    }

    /// Whether a subscription gives a plan, with or without the feature: the default stands back.
    func holdsPlan(at instant: Instant) -> Bool {
        held.contains { holding in
            holding.access(at: instant).map { holding.kind($0, at: instant) } == .plan
        }
    }

    /// The next instant after one at which anything here changes.
    func boundary(after instant: Instant) -> Instant {
        var next = disabledSince > instant ? disabledSince : .never
        for index in held.indices { next = min(next, held[index].boundary(after: instant)) }
        for deny in denies { next = min(next, deny.grant.boundary(after: instant)) }
        for granted in replacing { next = min(next, granted.grant.boundary(after: instant)) }
        for granted in stacking { next = min(next, granted.grant.boundary(after: instant)) }
        for credit in credits { next = min(next, credit.boundary(after: instant)) }
        return next
    }

    /// Tells whether any hold of that kind entitles, with or without the feature.
    @discardableResult
    private func add(
        _ kind: Plan.Kind,
        at instant: Instant,
        to combined: inout Combination
    ) -> Bool {
        var isHeld = false
        for index in held.indices {
            guard let access = held[index].access(at: instant),
                held[index].kind(access, at: instant) == kind
            else { continue }
            isHeld = true
            guard let offer = held[index].offer(access, at: instant) else { continue }
            combined.add(
                offer,
                of: held[index].id,
                reason: reason(access, offer.source)
            )
        }
        return isHeld
    }

    func reason(_ access: Term.Access, _ source: Decision.Source) -> Decision.Reason {
        switch access {
        case .trial: .trial
        case .grace: .pastDueGrace
        case .paid: source.kind == .addon ? .addon : .plan
        case .fallback: source.id == defaultPlan ? .defaultPlan : .plan
        }
    }

    private func denied(
        _ reason: Decision.Reason,
        by source: Decision.Source? = nil
    ) -> Decision {
        Decision(denied: feature, reason, source: source, used: used)
    }

    /// What is open, unless its count closes it.
    private func answer(
        _ amount: Offer.Amount,
        isSoft: Bool,
        _ reason: Decision.Reason,
        _ source: Decision.Source?
    ) -> Decision {
        let closes: Decision.Reason? =
            switch (feature.kind, amount) {
            case (.seats, _) where lacksSeat: .noSeat
            case (.level, .units(let limit)) where !isSoft && used ?? 0 >= limit: .levelReached
            default: nil
            }
        return Decision(
            feature,
            isAllowed: closes == nil,
            closes ?? reason,
            amount,
            source,
            used: used
        )
    }

    /// The most telling denial: of what would have opened the feature, that which ended last.
    ///
    /// Ends at the same instant go by weight (a failed payment, a trial, a pause, a subscription, a
    /// grant), and an end of unknown instant counts as the oldest: what is known to have happened
    /// tells more.
    private func denial(at instant: Instant) -> Denial? {
        var best: Denial?
        for holding in held {
            let life = holding.life(at: instant)
            let quantity = holding.quantity(at: instant)
            if let (reason, since) = life.term.denial(at: instant),
                life.tier?.offer?.times(quantity).opens == true
            {
                let denial = Denial(reason, since ?? .always, holding.id)
                if denial.tellsMore(than: best) { best = denial }
            }
            if let (reason, since) = life.term.fallbackDenial(at: instant),
                life.fallback?.offer?.times(quantity).opens == true
            {
                let denial = Denial(reason, since ?? .always, holding.id)
                if denial.tellsMore(than: best) { best = denial }
            }
        }
        for granted in [replacing, stacking].joined() where granted.offer.opens {
            guard let until = granted.grant.until, until <= instant, granted.grant.from < until
            else { continue }
            let denial = Denial(.grantEnded, until, granted.grant.id)
            if denial.tellsMore(than: best) { best = denial }
        }
        return best
    }
}

/// Why something that would have opened the feature does not any more.
private struct Denial {
    let reason: Decision.Reason
    let since: Instant
    let holder: String

    init(_ reason: Decision.Reason, _ since: Instant, _ holder: String) {
        self.reason = reason
        self.since = since
        self.holder = holder
    }

    func tellsMore(than other: Denial?) -> Bool {
        guard let other else { return true }
        return (since, reason.weight) > (other.since, other.reason.weight)
    }
}

extension Decision.Reason {
    fileprivate var weight: Int {
        switch self {
        case .paymentFailed: 4
        case .trialEnded: 3
        case .subscriptionPaused: 2
        case .subscriptionEnded: 1
        default: 0
        }
    }
}
