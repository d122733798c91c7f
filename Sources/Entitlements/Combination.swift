/// The offers of an account's plans, add-ons and grants, becoming one by the feature's `combine`.
///
/// Offers are added in the order of their rank. The one that won gives the reason and the source:
/// for `max`, `min` and `any` the one whose amount it is, the earlier of equals; for `sum` the
/// first that gave anything; for `first` the first.
struct Combination {
    private let combine: Feature.Combine
    /// What is sold that won, whatever grants add to it: how a limit counts is the plan's to say.
    private(set) var base: (offer: Offer, holder: String, reason: Decision.Reason)?
    private(set) var winner: Offer?
    /// The subscription, the grant or the default plan that the winner is of.
    private(set) var holder = ""
    private(set) var reason = Decision.Reason.notInPlan
    private(set) var amount: Offer.Amount?
    /// Whether the limit is told but never refuses: where limits add up, one such part suffices.
    private(set) var isSoft = false

    init(_ combine: Feature.Combine) {
        self.combine = combine
    }

    mutating func add(_ offer: Offer, of holder: String, reason: Decision.Reason) {
        guard let winner, let amount else { return win(offer, holder, reason) }
        switch combine {
        case .first: break
        case .any, .max: if offer.exceeds(winner) { win(offer, holder, reason) }
        case .min: if winner.exceeds(offer) { win(offer, holder, reason) }
        case .sum:
            let total = amount.adding(offer.amount)
            let wasSoft = isSoft
            if !winner.opens { win(offer, holder, reason) }
            self.amount = total
            isSoft = wasSoft || offer.isSoft
        }
    }

    private mutating func win(_ offer: Offer, _ holder: String, _ reason: Decision.Reason) {
        if offer.source.kind != .grant { base = (offer, holder, reason) }
        winner = offer
        self.holder = holder
        self.reason = reason
        amount = offer.amount
        isSoft = offer.isSoft
    }
}
