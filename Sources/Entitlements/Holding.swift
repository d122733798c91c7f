/// One subscription, with what its plan, the plan that waits to take its place, and the plan after
/// its trial say of the feature.
struct Holding {
    /// A plan at the version that is held, with what that gives of the feature for one piece.
    struct Tier {
        let version: PlanVersion
        let kind: Plan.Kind
        let offer: Offer?
    }

    let subscription: Subscription
    let term: Term
    private let current: Tier?
    private let next: Tier?
    private let fallback: Tier?
    private let changeAt: Instant

    /// Nil where the catalog does not have the plan or the version, now or later.
    init?(_ subscription: Subscription, _ configuration: Configuration, _ feature: Feature) {
        let current = configuration.tier(subscription.plan, subscription.version, feature)
        let next = subscription.planChange
            .flatMap { configuration.tier($0.plan, $0.version, feature) }
        guard current != nil || next != nil else { return nil }
        let fallback = current.flatMap { tier in
            subscription.fallback(from: tier.version)
                .flatMap { configuration.tier($0, nil, feature) }
                .flatMap { $0.kind == .plan ? $0 : nil }
        }
        let changeAt = subscription.planChange?.at ?? .never
        self.subscription = subscription
        self.current = current
        self.next = next
        self.fallback = fallback
        self.changeAt = changeAt
        term = Term(subscription, hasFallback: fallback != nil) { instant in
            let held = changeAt <= instant ? next : current
            return held?.version.grace ?? PlanVersion.standardGrace
        }
    }

    var hasOffer: Bool { current?.offer != nil || next?.offer != nil || fallback?.offer != nil }
    var mayBePlan: Bool { current?.kind == .plan || next?.kind == .plan || fallback != nil }

    /// What is held at an instant, by name alone: nil where the catalog has no such plan.
    func tier(_ access: Term.Access?, at instant: Instant) -> Tier? {
        if access == .fallback { return fallback }
        return changeAt <= instant ? next : current
    }

    func kind(_ access: Term.Access, at instant: Instant) -> Plan.Kind? {
        tier(access, at: instant)?.kind
    }

    func offer(_ access: Term.Access, at instant: Instant) -> Offer? {
        tier(access, at: instant)?.offer?.times(quantity(at: instant))
    }

    /// What its own plan gives, open or not.
    func ownOffer(at instant: Instant) -> Offer? {
        tier(nil, at: instant)?.offer?.times(quantity(at: instant))
    }

    /// The next instant after one at which it gives something else.
    func boundary(after instant: Instant) -> Instant {
        var next = term.boundary(after: instant)
        if changeAt > instant { next = min(next, changeAt) }
        if let change = subscription.quantityChange, change.at > instant {
            next = min(next, change.at)
        }
        return next
    }

    private func quantity(at instant: Instant) -> Int64 {
        guard let change = subscription.quantityChange, change.at <= instant else {
            return subscription.quantity
        }
        return change.quantity
    }
}

extension Configuration {
    /// A plan at a version of it, or at the one that subscriptions follow.
    fileprivate func tier(_ id: String, _ version: Int?, _ feature: Feature) -> Holding.Tier? {
        guard let plan = plans[id], let version = plan.versions[version ?? plan.currentVersion]
        else { return nil }
        return Holding.Tier(
            version: version,
            kind: plan.kind,
            offer: Offer(version: version, kind: plan.kind, feature: feature)
        )
    }
}

extension Subscription {
    /// The plan that follows its trial; nil where the trial simply ends.
    fileprivate func fallback(from version: PlanVersion) -> String? {
        guard status == .trialing, trialEnd != nil, let then = version.trialThen else { return nil }
        let ending = trialAtEnd ?? version.trialAtEnd ?? .fallback
        return ending == .fallback ? then : nil
    }
}
