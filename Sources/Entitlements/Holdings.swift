/// All of an account's holds that bear on one feature, with the catalog looked up once: deciding at
/// another instant is then arithmetic, which is what makes an exact `valid_until` affordable.
struct Holdings {
    private let feature: Feature
    private var held: [Holding] = []
    private let standard: Offer?
    private let defaultPlan: String?

    init(_ account: Account, _ configuration: Configuration, _ feature: Feature) {
        self.feature = feature
        defaultPlan = configuration.defaultPlan
        standard = configuration.defaultPlan.flatMap { configuration.plans[$0] }
            .flatMap { plan in
                plan.current.flatMap {
                    Offer(version: $0, kind: plan.kind, feature: feature, quantity: 1)
                }
            }
        for subscription in account.subscriptions {
            guard let holding = Holding(subscription, configuration, feature) else { continue }
            // Without an offer it can only matter by standing in the default plan's place.
            let mayReplaceDefault = standard != nil && holding.mayBePlan
            if holding.hasOffer || mayReplaceDefault { held.append(holding) }
        }
    }

    /// The answer at an instant, by subscriptions and the default plan alone.
    func outcome(at instant: Instant) -> Decision {
        var combined = Combination(feature.combine)
        var hasPlan = false
        for holding in held {
            guard let access = holding.term.access(at: instant),
                holding.kind(access) == .plan
            else { continue }
            hasPlan = true
            add(holding, access, to: &combined)
        }
        if !hasPlan, let standard { combined.add(standard, reason: .defaultPlan) }
        for holding in held {
            guard let access = holding.term.access(at: instant),
                holding.kind(access) == .addon
            else { continue }
            add(holding, access, to: &combined)
        }
        guard let amount = combined.amount, amount.opens else {
            return Decision(denied: feature, denial(at: instant), until: .never)
        }
        return Decision(allowed: feature, amount, combined.reason, combined.winner?.source)
    }

    /// The next instant after one at which any hold changes.
    func boundary(after instant: Instant) -> Instant {
        var next = Instant.never
        for holding in held { next = min(next, holding.term.boundary(after: instant)) }
        return next
    }

    private func add(_ holding: Holding, _ access: Term.Access, to combined: inout Combination) {
        guard let offer = holding.offer(access) else { return }
        combined.add(offer, reason: reason(access, offer.source))
    }

    private func reason(_ access: Term.Access, _ source: Decision.Source) -> Decision.Reason {
        switch access {
        case .trial: .trial
        case .grace: .pastDueGrace
        case .paid: source.kind == .addon ? .addon : .plan
        case .fallback: source.id == defaultPlan ? .defaultPlan : .plan
        }
    }

    /// The most telling denial: of the holds whose plan has the feature, the one that ended last.
    ///
    /// Ends at the same instant go by weight (a failed payment, then a trial, then the rest), and
    /// an end of unknown instant counts as the oldest: what is known to have happened tells more.
    private func denial(at instant: Instant) -> Decision.Reason {
        var best: (since: Instant, weight: Int, reason: Decision.Reason)?
        for holding in held where holding.offer?.opens == true {
            guard let denial = holding.term.denial(at: instant) else { continue }
            let since = denial.since ?? .always
            let weight = denial.reason.weight
            if let best, (best.since, best.weight) >= (since, weight) { continue }
            best = (since, weight, denial.reason)
        }
        return best?.reason ?? .notInPlan
    }
}

/// One subscription, with what its plan, and the plan after its trial, say of the feature.
struct Holding {
    let term: Term
    let offer: Offer?
    private let kind: Plan.Kind
    private let hasFallback: Bool
    private let fallback: Offer?

    /// Nil where the catalog does not have the plan or the version.
    init?(_ subscription: Subscription, _ configuration: Configuration, _ feature: Feature) {
        guard let plan = configuration.plans[subscription.plan],
            let version = plan.versions[subscription.version ?? plan.currentVersion]
        else { return nil }
        let quantity = subscription.quantity
        let next = Holding.fallback(of: subscription, version, configuration)
        kind = plan.kind
        offer = Offer(version: version, kind: plan.kind, feature: feature, quantity: quantity)
        hasFallback = next != nil
        fallback = next.flatMap {
            Offer(version: $0, kind: .plan, feature: feature, quantity: quantity)
        }
        term = Term(subscription, grace: version.grace, hasFallback: hasFallback)
    }

    var hasOffer: Bool { offer != nil || fallback != nil }
    var mayBePlan: Bool { kind == .plan || hasFallback }

    /// After its trial an add-on, too, may give a plan.
    func kind(_ access: Term.Access) -> Plan.Kind {
        access == .fallback ? .plan : kind
    }

    func offer(_ access: Term.Access) -> Offer? {
        access == .fallback ? fallback : offer
    }

    /// The version that follows the trial; nil where the trial simply ends.
    private static func fallback(
        of subscription: Subscription,
        _ version: PlanVersion,
        _ configuration: Configuration
    ) -> PlanVersion? {
        guard subscription.status == .trialing, subscription.trialEnd != nil,
            let plan = version.trialThen.flatMap({ configuration.plans[$0] }), plan.kind == .plan
        else { return nil }
        return plan.current
    }
}

extension Plan {
    fileprivate var current: PlanVersion? { versions[currentVersion] }
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
