/// One subscription, with what its plan, the plan that waits to take its place, and the plan after
/// its trial say of the feature.
struct Holding {
    let id: String
    private let quantity: Int64
    private let quantityChange: Subscription.QuantityChange?
    private let before: Life
    /// What it is from the plan change on: as if it had always had that plan.
    ///
    /// So it makes no difference when the row is tidied. Mostly there is none, and a list of none
    /// takes no room, where this is copied for each feature of each check.
    private let after: [Life]
    private let changeAt: Instant

    /// A plan at the version that is held, with what that gives of the feature for one piece.
    struct Tier {
        let plan: String
        let version: Int
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

        func kind(_ access: Term.Access) -> Plan.Kind? {
            access == .fallback ? fallback?.kind : tier?.kind
        }

        func offer(_ access: Term.Access) -> Offer? {
            access == .fallback ? fallback?.offer : tier?.offer
        }

        var hasOffer: Bool { tier?.offer != nil || fallback?.offer != nil }
        var mayBePlan: Bool { tier?.kind == .plan || fallback != nil }
    }

    /// Nil where the catalog does not have the plan or the version, now or later.
    init?(_ subscription: Subscription, _ configuration: Configuration, _ feature: Feature) {
        let held = configuration.holding(subscription.plan, subscription.version)
        let before = Life(subscription, held, configuration, feature)
        let change = subscription.comingChange
        let after = change.map { change in
            let held = configuration.holding(change.plan, change.version)
            return Life(subscription, held, configuration, feature)
        }
        guard before.tier != nil || after?.tier != nil else { return nil }
        id = subscription.id
        quantity = subscription.quantity
        quantityChange = subscription.quantityChange
        self.before = before
        self.after = after.map { [$0] } ?? []
        changeAt = change?.at ?? .never
    }

    var hasOffer: Bool { before.hasOffer || after.contains(where: \.hasOffer) }
    var mayBePlan: Bool { before.mayBePlan || after.contains(where: \.mayBePlan) }

    func life(at instant: Instant) -> Life { isChanged(at: instant) ? after[0] : before }

    // Asked for each subscription on each check, so without a copy of the whole life.

    func access(at instant: Instant) -> Term.Access? {
        isChanged(at: instant)
            ? after[0].term.access(at: instant) : before.term.access(at: instant)
    }

    /// Of what is held for an access; nil where the catalog has no such plan.
    func kind(_ access: Term.Access, at instant: Instant) -> Plan.Kind? {
        isChanged(at: instant) ? after[0].kind(access) : before.kind(access)
    }

    func offer(_ access: Term.Access, at instant: Instant) -> Offer? {
        let offer = isChanged(at: instant) ? after[0].offer(access) : before.offer(access)
        return offer?.times(quantity(at: instant))
    }

    private func isChanged(at instant: Instant) -> Bool { changeAt <= instant }

    /// The next instant after one at which it may give something else.
    func boundary(after instant: Instant) -> Instant {
        var next = before.term.boundary(after: instant)
        for life in after { next = min(next, life.term.boundary(after: instant)) }
        if changeAt > instant { next = min(next, changeAt) }
        if let quantityChange, quantityChange.at > instant { next = min(next, quantityChange.at) }
        return next
    }

    func quantity(at instant: Instant) -> Int64 {
        guard let quantityChange, quantityChange.at <= instant else { return quantity }
        return quantityChange.quantity
    }
}

extension Holding.Life {
    fileprivate init(
        _ subscription: Subscription,
        _ held: Configuration.HeldVersion?,
        _ configuration: Configuration,
        _ feature: Feature
    ) {
        let (term, fallback) = subscription.term(under: held, in: configuration)
        self.term = term
        self.fallback = fallback.map { Holding.Tier($0, feature) }
        tier = held.map { Holding.Tier($0, feature) }
    }
}

extension Holding.Tier {
    fileprivate init(_ held: Configuration.HeldVersion, _ feature: Feature) {
        plan = held.version.plan
        version = held.version.version
        kind = held.kind
        offer = Offer(version: held.version, kind: held.kind, feature: feature)
    }
}
