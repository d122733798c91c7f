@testable import Entitlements

/// The rules of DESIGN.md §5 a second time, one sentence after the other, over whole microseconds
/// and with lists of everything. Slow on purpose: it shares nothing with `decide`.
extension RandomState {
    func model(at: Int64) -> Decision {
        guard let session else { return closed(.sessionUnknown) }
        if let revoked = session.revokedAt?.microseconds, revoked <= at {
            return closed(.sessionRevoked)
        }
        if session.expiresAt.microseconds <= at { return closed(.sessionExpired) }
        guard let account, account.id == session.account else { return closed(.sessionUnknown) }
        if let blocked = account.blockedSince?.microseconds, blocked <= at,
            at < account.blockedUntil?.microseconds ?? .max
        {
            return closed(.accountBlocked)
        }
        let grants = grantsInForce(at: at)
        if let deny = grants.first(where: { $0.effect == .deny }) {
            return closed(.deniedByGrant, by: deny)
        }
        if let disabled = feature.disabledSince?.microseconds, disabled <= at {
            return closed(.featureDisabled)
        }
        if let grant = grants.first(where: {
            $0.mode == .replace && ModelSource($0).says(feature) != nil
        }) {
            return combined([ModelSource(grant)]) ?? closed(.deniedByGrant, by: grant)
        }
        let verdicts = account.subscriptions.map { verdict(on: $0, at: at) }
        var sources = verdicts.flatMap(\.sources)
        if !sources.contains(where: { $0.kind == .plan }), let id = configuration.defaultPlan,
            let plan = configuration.plans[id]
        {
            sources.insert(ModelSource(plan, .defaultPlan, quantity: 1, of: feature), at: 0)
        }
        let ranked =
            sources.filter { $0.kind == .plan } + sources.filter { $0.kind == .addon }
            + grants.filter { $0.effect == .allow && $0.mode == .stack }
            .sorted { ($0.createdAt, $0.id) < ($1.createdAt, $1.id) }.map(ModelSource.init)
        if let open = combined(ranked.filter { $0.says(feature) != nil }) { return open }
        let denials = (verdicts.flatMap(\.denials) + endedGrants(at: at))
            .sorted { left, right in
                if left.since != right.since { return (left.since ?? -1) > (right.since ?? -1) }
                return left.weight < right.weight
            }
        return closed(denials.first?.reason ?? .notInPlan)
    }

    private func closed(_ reason: Decision.Reason, by grant: Grant? = nil) -> Decision {
        Decision(
            feature: feature.id,
            kind: feature.kind,
            allowed: false,
            reason: reason,
            source: grant.map { Decision.Source(kind: .grant, id: $0.id, version: nil) },
            used: used
        )
    }

    private var used: Int64? {
        switch feature.kind {
        case .boolean, .config: nil
        case .level: account.map { $0.levels[feature.id] ?? 0 }
        case .seats: account.map { $0.seats[feature.id] ?? 0 }
        case .metered, .rate, .concurrency: account.map { _ in 0 }
        }
    }

    private func combined(_ sources: [ModelSource]) -> Decision? {
        let amounts = sources.compactMap { $0.says(feature) }
        guard let first = amounts.first else { return nil }
        var total = first
        var winner = 0
        switch feature.combine {
        case .first: break
        case .any, .max: total = amounts.max() ?? first
        case .min: total = amounts.min() ?? first
        case .sum where feature.kind == .boolean: total = amounts.max() ?? first
        case .sum:
            total =
                amounts.contains(ModelSource.unlimited)
                ? ModelSource.unlimited : amounts.reduce(0, +)
            winner = amounts.firstIndex { feature.kind == .config || $0 > 0 } ?? 0
        }
        if feature.combine != .sum || feature.kind == .boolean {
            winner = amounts.firstIndex(of: total) ?? 0
        }
        guard feature.kind == .config || total > 0 else { return nil }
        return opened(total, by: sources[winner])
    }

    private func opened(_ amount: Int, by source: ModelSource) -> Decision {
        let isUnlimited = amount >= ModelSource.unlimited
        var reason = source.reason
        if feature.kind == .seats, session?.seats.contains(feature.id) == false { reason = .noSeat }
        if feature.kind == .level, !isUnlimited, used ?? 0 >= amount { reason = .levelReached }
        let value: JSON? =
            switch feature.kind {
            case .boolean: true
            case .config: .integer(Int64(amount))
            default: nil
            }
        return Decision(
            feature: feature.id,
            kind: feature.kind,
            allowed: reason == source.reason,
            reason: reason,
            source: Decision.Source(kind: source.kind, id: source.id, version: source.version),
            value: value,
            limit: feature.kind.isCounted
                ? (isUnlimited ? .unlimited : .units(Int64(amount))) : nil,
            used: used
        )
    }
}
