/// What the holdings of a feature let its meters give, at one instant.
extension Holdings {
    /// Whose meter a limit counts on.
    enum Scope: Hashable {
        case account
        case user(String)
        case session(String)

        var subject: String {
            switch self {
            case .account: ""
            case .user(let id): MeterKey.subject(user: id)
            case .session(let id): MeterKey.subject(session: id)
            }
        }
    }

    /// The terms of each meter that must have room, the one that is told first.
    ///
    /// A grant for a user or a session, which stands in the plan's place, is counted on that one's
    /// own meter; else the account's pool is, and beside it whatever the plan limits by user and
    /// by session.
    func terms(
        at instant: Instant,
        account: Account,
        asker: Asker
    ) -> [(scope: Scope, terms: MeterTerms)] {
        let combined = combination(at: instant, withAddons: !countsAddonsApart)
        let base = Base(combined, account)
        if let granted = replacing.first(where: { $0.grant.isInForce(at: instant) }) {
            let terms = meterTerms(
                granted.offer.amount,
                base.replaced(by: granted.grant),
                account
            )
            return [(granted.grant.scope, terms)]
        }
        let pool = meterTerms(
            combined.amount,
            base,
            account,
            allowances: addonAllowances(at: instant, account),
            credits: credits
        )
        var all = [(Scope.account, pool)]
        if let limit = base.rule?.userLimit, let user = asker.user {
            all.append((.user(user), meterTerms(.units(limit), base.limiting, account)))
        }
        if let limit = base.rule?.sessionLimit, let session = asker.session {
            all.append((.session(session.id), meterTerms(.units(limit), base.limiting, account)))
        }
        return all
    }

    /// Where a limit comes from, and how it counts.
    private struct Base {
        var rule: CountingRule?
        var anchor: Instant
        let heldSince: Instant?
        /// Changes of it are what `on_change` speaks of.
        var source: String
        /// Whether it bounds a part of the whole, which has neither alerts nor an overage.
        var isPart = false

        init(_ combined: Combination, _ account: Account) {
            let base = combined.base
            rule = base?.offer.rule
            source = base?.offer.source.id ?? ""
            if base?.reason == .trial { source += "*" }
            (anchor, heldSince) = account.quotaStart(of: base?.holder ?? "")
        }

        func replaced(by grant: Grant) -> Base {
            var base = self
            base.source = grant.id
            base.isPart = true
            return base
        }

        var limiting: Base {
            var base = self
            base.isPart = true
            return base
        }
    }

    private func meterTerms(
        _ amount: Offer.Amount?,
        _ base: Base,
        _ account: Account,
        allowances: [MeterTerms.Allowance] = [],
        credits: [MeterTerms.Credit] = []
    ) -> MeterTerms {
        let rule = base.rule
        let quantity: Quantity? =
            switch amount {
            case .units(let units): .units(units)
            case .unlimited: .unlimited
            case .flag, .value, nil: nil
            }
        let own = quantity.map { quantity in
            MeterTerms.Allowance(
                slot: Meter.baseSlot,
                amount: quantity,
                cycle: MeterTerms.Cycle(rule, anchor: base.anchor),
                priority: rule?.priority ?? CountingRule.standardPriority,
                rollover: base.isPart ? nil : rule?.rollover,
                since: base.anchor,
                heldSince: base.heldSince
            )
        }
        return MeterTerms(
            counting: MeterTerms.Counting(
                feature.kind,
                rule,
                limit: quantity,
                isPart: base.isPart
            ),
            allowances: (own.map { [$0] } ?? []) + allowances,
            credits: credits,
            overage: base.isPart ? .deny : rule?.overage ?? .deny,
            carriesOverage: !base.isPart && rule?.carriesOverage == true,
            resetsOnChange: rule?.resetsOnChange == true,
            source: base.source,
            alerts: base.isPart ? [] : rule?.alerts ?? [],
            zone: account.calendar.zone,
            zoneChange: account.calendar.change
        )
    }

    private var countsAddonsApart: Bool { feature.kind == .metered && feature.combine == .sum }

    /// Of each add-on an allowance with periods of its own: the renewal of one gives nothing back of
    /// another.
    private func addonAllowances(
        at instant: Instant,
        _ account: Account
    ) -> [MeterTerms.Allowance] {
        guard countsAddonsApart else { return [] }
        return held.compactMap { holding in
            guard let access = holding.access(at: instant),
                holding.kind(access, at: instant) == .addon,
                let offer = holding.offer(access, at: instant)
            else { return nil }
            let (anchor, heldSince) = account.quotaStart(of: holding.id)
            let amount: Quantity
            switch offer.amount {
            case .units(let units): amount = .units(units)
            case .unlimited: amount = .unlimited
            case .flag, .value: return nil
            }
            return MeterTerms.Allowance(
                slot: "sub:" + holding.id,
                amount: amount,
                cycle: MeterTerms.Cycle(offer.rule, anchor: anchor),
                priority: offer.rule?.priority ?? CountingRule.standardPriority,
                rollover: offer.rule?.rollover,
                since: anchor,
                heldSince: heldSince
            )
        }
    }
}

extension Account {
    /// From where the quotas of a subscription count their periods, and since when it is held where
    /// that is known; for whatever else gives a limit, the making of the account.
    func quotaStart(of holder: String) -> (anchor: Instant, heldSince: Instant?) {
        guard let index = subscriptions.firstIndex(where: { $0.id == holder }) else {
            return (calendar.createdAt, calendar.createdAt)
        }
        let subscription = subscriptions[index]
        return (subscription.quotaAnchor ?? calendar.createdAt, subscription.heldSince)
    }
}

extension Grant {
    fileprivate var scope: Holdings.Scope {
        if let session { return .session(session) }
        return user.map(Holdings.Scope.user) ?? .account
    }
}

extension MeterTerms.Credit {
    /// The next instant after one at which it begins or ends.
    func boundary(after instant: Instant) -> Instant {
        let end = until.flatMap { $0 > instant ? $0 : nil } ?? .never
        return from > instant ? min(from, end) : end
    }
}

extension MeterTerms.Cycle {
    fileprivate init(_ rule: CountingRule?, anchor: Instant) {
        guard let rule, let every = rule.every else {
            self = .never
            return
        }
        switch rule.reset {
        case .calendar: self = .calendar(every)
        case .billing: self = .anchored(anchor, every)
        case .never, .sliding: self = .never
        }
    }
}

extension MeterTerms.Counting {
    fileprivate init(_ kind: Feature.Kind, _ rule: CountingRule?, limit: Quantity?, isPart: Bool) {
        let window = (rule?.window).map { $0 * 1_000_000 }
        switch kind {
        case .rate:
            var units: Int64 = 1
            if case .units(let limit)? = limit { units = limit }
            let burst = isPart ? units : rule?.burst ?? units
            self = .rate(window: window ?? 1_000_000, burst: burst)
        case .concurrency: self = .concurrency
        case .metered where rule?.reset == .sliding: self = .sliding(window: window ?? 1_000_000)
        case .boolean, .config, .metered, .level, .seats: self = .quota
        }
    }
}
