extension Explanation.Considered {
    init(_ step: Step, _ kind: Kind, _ id: String?, why: Explanation.Why) {
        self.step = step
        self.kind = kind
        self.id = id
        self.why = why
    }

    /// The session, which is asked first.
    init(_ session: Session?, _ reason: Decision.Reason) {
        let why: Explanation.Why =
            switch reason {
            case .sessionUnknown: .unknown
            case .sessionRevoked: .revoked
            case .sessionExpired: .expired
            default: .live
            }
        self.init(.session, .session, session?.id, why: why)
        from = session?.createdAt
        until = session.map { min($0.expiresAt, $0.revokedAt ?? .never) }
        counts = why == .live
        decides = why != .live
    }

    /// A grant, by its window alone.
    init(_ step: Step, _ grant: Grant, at instant: Instant) {
        let why: Explanation.Why =
            switch grant.state(at: instant) {
            case .waiting: .notBegun
            case .inForce: .inForce
            case .ended: .ended
            }
        self.init(step, .grant, grant.id, why: why)
        from = grant.from
        until = grant.until
    }

    /// A credit, by its window alone: what is left of it is its meter's.
    init(_ credit: MeterTerms.Credit, at instant: Instant) {
        let hasEnded = credit.until.map { $0 <= instant } ?? false
        let why: Explanation.Why =
            hasEnded ? .ended : credit.from > instant ? .notBegun : .inForce
        self.init(.credit, .credit, credit.id, why: why)
        limit = .units(credit.amount)
        from = credit.from
        until = credit.until
    }

    /// A subscription, by what it gives at an instant, or why it gives nothing.
    init(_ holding: Holding, of held: Subscription, at instant: Instant) {
        let life = holding.life(at: instant)
        let access = life.term.access(at: instant)
        let tier = access.map(life.tier) ?? life.tier
        let why: Explanation.Why =
            switch access {
            case nil: holding.whyClosed(held.status, at: instant)
            case _? where tier?.offer == nil: .notInPlan
            case .trial: .trial
            case .paid: .paid
            case .grace: .grace
            case .fallback: .fallback
            }
        let isAddon = tier?.kind == .addon
        let plan = tier?.plan ?? held.plan
        self.init(.subscription, isAddon ? .addon : .plan, plan, why: why)
        version = tier?.version
        subscription = held.id
        from = held.startsAt
        let next = holding.boundary(after: instant)
        until = next == .never ? nil : next
    }

    mutating func give(_ amount: Offer.Amount) {
        switch amount {
        case .flag(let isOpen): value = .bool(isOpen)
        case .value(let given): value = given
        case .units(let units): limit = .units(units)
        case .unlimited: limit = .unlimited
        }
    }

    mutating func decide(by why: Explanation.Why) {
        self.why = why
        counts = true
        decides = true
    }

    /// Of several that would decide, one does.
    mutating func judge(isBasis: Bool, why: Explanation.Why) {
        if isBasis { decide(by: why) } else { self.why = .outranked }
    }
}

extension Holding {
    fileprivate func whyClosed(
        _ status: Subscription.Status,
        at instant: Instant
    ) -> Explanation.Why {
        switch life(at: instant).term.denial(at: instant)?.reason {
        case .trialEnded: .trialEnded
        case .subscriptionPaused: .paused
        case .paymentFailed: .paymentFailed
        case .subscriptionEnded: .subscriptionEnded
        default: status == .incomplete ? .incomplete : .notBegun
        }
    }
}
