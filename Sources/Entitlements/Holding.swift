/// One subscription, with what its plan, the plan that waits to take its place, and the plan after
/// its trial say of the feature.
struct Holding {
    let subscription: Subscription
    private let before: Life
    /// From the plan change on, which makes it the subscription that it would be if it had always
    /// had that plan: so it makes no difference when the row is tidied.
    private let after: Life?
    private let changeAt: Instant

    /// A plan at the version that is held, with what that gives of the feature for one piece.
    struct Tier {
        let version: PlanVersion
        let kind: Plan.Kind
        let offer: Offer?
    }

    /// The subscription under one plan: what it gives when.
    struct Life {
        /// Nil where the catalog does not have the plan or the version.
        let tier: Tier?
        let fallback: Tier?
        let term: Term

        func tier(_ access: Term.Access) -> Tier? { access == .fallback ? fallback : tier }
    }

    /// Nil where the catalog does not have the plan or the version, now or later.
    init?(_ subscription: Subscription, _ configuration: Configuration, _ feature: Feature) {
        let before = Life(
            subscription,
            configuration.tier(subscription.plan, subscription.version, feature),
            configuration,
            feature
        )
        var after: Life?
        // What is over does not change any more.
        if let change = subscription.planChange, change.at < subscription.close {
            after = Life(
                subscription,
                configuration.tier(change.plan, change.version, feature),
                configuration,
                feature
            )
        }
        guard before.tier != nil || after?.tier != nil else { return nil }
        self.subscription = subscription
        self.before = before
        self.after = after
        changeAt = after == nil ? .never : subscription.planChange?.at ?? .never
    }

    var hasOffer: Bool {
        [before, after].contains { $0?.tier?.offer != nil || $0?.fallback?.offer != nil }
    }

    var mayBePlan: Bool {
        [before, after].contains { $0?.tier?.kind == .plan || $0?.fallback != nil }
    }

    func life(at instant: Instant) -> Life {
        guard let after, changeAt <= instant else { return before }
        return after
    }

    func access(at instant: Instant) -> Term.Access? {
        life(at: instant).term.access(at: instant)
    }

    /// What is held for an access; nil where the catalog has no such plan.
    func tier(_ access: Term.Access, at instant: Instant) -> Tier? {
        life(at: instant).tier(access)
    }

    func offer(_ access: Term.Access, at instant: Instant) -> Offer? {
        tier(access, at: instant)?.offer?.times(quantity(at: instant))
    }

    /// The next instant after one at which it may give something else.
    func boundary(after instant: Instant) -> Instant {
        var next = before.term.boundary(after: instant)
        if let after { next = min(next, after.term.boundary(after: instant)) }
        if changeAt > instant { next = min(next, changeAt) }
        if let change = subscription.quantityChange, change.at > instant {
            next = min(next, change.at)
        }
        return next
    }

    func quantity(at instant: Instant) -> Int64 {
        guard let change = subscription.quantityChange, change.at <= instant else {
            return subscription.quantity
        }
        return change.quantity
    }
}

extension Holding.Life {
    fileprivate init(
        _ subscription: Subscription,
        _ tier: Holding.Tier?,
        _ configuration: Configuration,
        _ feature: Feature
    ) {
        let next = tier.flatMap { subscription.fallback(from: $0.version) }
            .flatMap { configuration.tier($0, nil, feature) }
        fallback = next?.kind == .plan ? next : nil
        self.tier = tier
        term = Term(
            subscription,
            hasFallback: fallback != nil,
            grace: tier?.version.grace ?? PlanVersion.standardGrace
        )
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
