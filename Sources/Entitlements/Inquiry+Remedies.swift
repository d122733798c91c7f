extension Inquiry {
    /// What would have to change, all of it.
    ///
    /// First everything that stops the feature, then what would give it or what its count needs.
    var remedies: [Explanation.Remedy] {
        var remedies: [Explanation.Remedy] = []
        if isBlocked { remedies.append(.liftBlock) }
        for stop in holdings.denies where stop.isInForce(at: at) {
            remedies.append(.endGrant(stop.grant.id))
        }
        if holdings.disabledSince <= at { remedies.append(.enableFeature) }
        if let flag = feature.gate, feature.gating?.isOpen == false {
            remedies.append(.openGate(flag: flag))
        }
        let entitlement = holdings.entitlement(at: at)
        if let remedy = remedy(for: entitlement.decision, entitlement.basis) {
            remedies.append(contentsOf: remedy)
        }
        return remedies
    }

    private func remedy(
        for decision: Decision,
        _ basis: Holdings.Basis
    ) -> [Explanation.Remedy]? {
        switch (decision.reason, basis) {
        case (.deniedByGrant, .replacing(let grant)): [.endGrant(grant)]
        case (.paymentFailed, .ended(let subscription)):
            [.collectPayment(subscription: subscription)]
        case (.subscriptionPaused, .ended(let subscription)): [.resume(subscription: subscription)]
        case (.trialEnded, _), (.subscriptionEnded, _), (.grantEnded, _), (.notInPlan, _):
            [sellers]
        case (.noSeat, _):
            decision.remaining == .units(0)
                ? [.raiseLimit, .assignSeat(user: session.user)]
                : [.assignSeat(user: session.user)]
        case (.levelReached, _), (.quotaExhausted, _), (.rateLimited, _), (.concurrencyReached, _):
            [.raiseLimit]
        default: nil
        }
    }

    /// The plans and add-ons that would open the feature, as they are sold now.
    private var sellers: Explanation.Remedy {
        let sellers = configuration.plans.values
            .filter { plan in
                plan.isSold
                    && plan.current.flatMap {
                        Offer(version: $0, kind: plan.kind, feature: feature)
                    }?
                    .opens
                        == true
            }
        func ids(_ kind: Plan.Kind) -> [String] {
            sellers.filter { $0.kind == kind }.map(\.id).sorted()
        }
        return .subscribe(plans: ids(.plan), addons: ids(.addon))
    }
}
