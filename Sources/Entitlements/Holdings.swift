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
        switch feature.kind {
        case .boolean, .config: used = nil
        case .metered, .rate: used = 0
        case .level, .seats: used = account.levels[feature.id] ?? 0
        }
        lacksSeat = feature.kind == .seats && session?.seats.contains(feature.id) == false
        for subscription in account.subscriptions {
            guard let holding = Holding(subscription, configuration, feature) else { continue }
            // Without an offer it can only matter by standing in the default plan's place.
            let mayReplaceDefault = standard != nil && holding.mayBePlan
            if holding.hasOffer || mayReplaceDefault { held.append(holding) }
        }
        if let session { take(session.grants, stops) }
        take(account.grants, stops)
    }

    /// Called with narrower grants first, each list in its own rank.
    private mutating func take(_ grants: [Grant], _ stops: Stops) {
        for grant in grants where grant.feature == feature.id {
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

    /// The answer at an instant, for a session in good standing of an account that is not blocked.
    func outcome(at instant: Instant) -> Decision {
        if let deny = denies.first(where: { $0.isInForce(at: instant) }) {
            return Decision(denied: feature, .deniedByGrant, source: deny.grant.source)
        }
        if disabledSince <= instant { return Decision(denied: feature, .featureDisabled) }
        if let granted = replacing.first(where: { $0.grant.isInForce(at: instant) }) {
            guard granted.offer.opens else {
                return Decision(denied: feature, .deniedByGrant, source: granted.grant.source)
            }
            return answer(granted.offer.amount, isSoft: false, .grant, granted.offer.source)
        }
        let combined = combination(at: instant)
        guard let amount = combined.amount, amount.opens else {
            return Decision(denied: feature, denial(at: instant))
        }
        return answer(
            amount,
            isSoft: combined.isSoft,
            combined.reason,
            combined.winner?.source
        )
    }

    /// What subscriptions, the default plan and stacked grants come to: plans, then add-ons, then
    /// grants, each in the order of their making.
    func combination(at instant: Instant) -> Combination {
        var combined = Combination(feature.combine)
        let hasPlan = add(.plan, at: instant, to: &combined)
        if !hasPlan, let standard { combined.add(standard, reason: .defaultPlan) }
        add(.addon, at: instant, to: &combined)
        for granted in stacking where granted.grant.isInForce(at: instant) {
            combined.add(granted.offer, reason: .grant)
        }
        return combined
    }

    /// The next instant after one at which anything here changes.
    func boundary(after instant: Instant) -> Instant {
        var next = disabledSince > instant ? disabledSince : .never
        for holding in held { next = min(next, holding.boundary(after: instant)) }
        for deny in denies { next = min(next, deny.grant.boundary(after: instant)) }
        for granted in replacing { next = min(next, granted.grant.boundary(after: instant)) }
        for granted in stacking { next = min(next, granted.grant.boundary(after: instant)) }
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
        for holding in held {
            guard let access = holding.term.access(at: instant),
                holding.kind(access, at: instant) == kind
            else { continue }
            isHeld = true
            guard let offer = holding.offer(access, at: instant) else { continue }
            combined.add(offer, reason: reason(access, offer.source))
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
    /// Ends at the same instant go by weight (a failed payment, then a trial, then the rest), and
    /// an end of unknown instant counts as the oldest: what is known to have happened tells more.
    private func denial(at instant: Instant) -> Decision.Reason {
        var best: (since: Instant, weight: Int, reason: Decision.Reason)?
        func consider(_ reason: Decision.Reason, since: Instant) {
            if let best, (best.since, best.weight) >= (since, reason.weight) { return }
            best = (since, reason.weight, reason)
        }
        for holding in held where holding.ownOffer(at: instant)?.opens == true {
            guard let denial = holding.term.denial(at: instant) else { continue }
            consider(denial.reason, since: denial.since ?? .always)
        }
        for granted in [replacing, stacking].joined() where granted.offer.opens {
            guard let until = granted.grant.until, until <= instant, granted.grant.from < until
            else { continue }
            consider(.grantEnded, since: until)
        }
        return best?.reason ?? .notInPlan
    }
}

extension Grant {
    var source: Decision.Source { Decision.Source(kind: .grant, id: id, version: nil) }
}

extension Decision.Reason {
    fileprivate var weight: Int {
        switch self {
        case .paymentFailed: 2
        case .trialEnded: 1
        default: 0
        }
    }
}
