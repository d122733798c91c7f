/// What one plan, add-on or grant gives of the feature in question.
struct Offer {
    /// How much, in a form that can be compared and added.
    enum Amount: Equatable {
        case flag(Bool)
        case value(JSON)
        case units(Int64)
        case unlimited
    }

    let source: Decision.Source
    private(set) var amount: Amount
    /// The seconds over which the limit counts; one and the same for all where it never resets, and
    /// nil for that of whatever it is compared with.
    private let window: Int64?
    private let isSoldByPiece: Bool
    /// Whether the limit is told but never refuses (`overage: allow`).
    let isSoft: Bool
    /// How the limit counts; nil for a grant, which says nothing of it.
    let rule: CountingRule?

    /// Nil where the version says nothing of the feature, or something that does not fit its
    /// type: an old version may have been written before the feature changed, and must not open it.
    ///
    /// `seats` and whatever an add-on counts are sold by the piece, so quantity multiplies them. A
    /// plan's other limits are the tier's, whatever the quantity.
    init?(version: PlanVersion, kind: Plan.Kind, feature: Feature) {
        guard let entitlement = version.entitlements[feature.id],
            let amount = Amount(
                feature,
                value: entitlement.value,
                limit: entitlement.limit
            )
        else { return nil }
        self.source = Decision.Source(
            kind: kind == .plan ? .plan : .addon,
            id: version.plan,
            version: version.version
        )
        self.amount = amount
        self.isSoldByPiece = kind == .addon || feature.kind == .seats
        self.window = feature.comparesRates ? entitlement.rule?.window ?? Self.century : 1
        self.isSoft = feature.kind == .level && entitlement.rule?.overage == .allow
        self.rule = entitlement.rule
    }

    /// Nil where the grant does not fit the feature's type, as with a plan: above all, a grant
    /// without a limit never makes a counted feature unlimited.
    init?(grant: Grant, feature: Feature) {
        let isBare = grant.value == nil && grant.limit == nil
        let value = isBare && feature.kind == .boolean ? true : grant.value
        guard let amount = Amount(feature, value: value, limit: grant.limit) else { return nil }
        self.source = Decision.Source(kind: .grant, id: grant.id, version: nil)
        self.amount = amount
        self.isSoldByPiece = false
        self.window = feature.comparesRates ? nil : 1
        self.isSoft = false
        self.rule = nil
    }

    /// The window of a limit that never resets: any that comes back is the more generous one.
    private static let century: Int64 = 36_500 * 86_400

    /// What so many of it give.
    func times(_ quantity: Int64) -> Offer {
        guard isSoldByPiece, quantity != 1 else { return self }
        var offer = self
        offer.amount = amount.multiplied(by: quantity)
        return offer
    }

    /// Whether this alone would open the feature.
    var opens: Bool { amount.opens }

    /// Whether it is strictly more generous than another.
    ///
    /// Limits over different windows are
    /// compared by their rate: 10 a minute is more than 500 an hour.
    func exceeds(_ other: Offer) -> Bool {
        switch (amount, other.amount) {
        case (.flag(let mine), .flag(let others)): mine && !others
        case (.unlimited, .units): true
        case (.units(let mine), .units(let others)):
            mine.isMore(
                than: others,
                window: window ?? other.window ?? 1,
                otherWindow: other.window ?? window ?? 1
            )
        case (.value(let mine), .value(let others)): mine.isMore(than: others)
        default: false
        }
    }
}

extension Offer.Amount {
    init?(_ feature: Feature, value: JSON?, limit: Quantity?) {
        switch (feature.kind, value, limit) {
        case (.boolean, .bool(let isOpen)?, _): self = .flag(isOpen)
        case (.config, let value?, _) where feature.takes(value): self = .value(value)
        case (.metered, _, let limit?), (.level, _, let limit?), (.seats, _, let limit?),
            (.rate, _, let limit?), (.concurrency, _, let limit?):
            switch limit {
            case .units(let units): self = .units(max(units, 0))
            case .unlimited: self = .unlimited
            }
        default: return nil
        }
    }

    /// A `false` does not open, nor does a limit of nothing.
    var opens: Bool {
        switch self {
        case .flag(let isOpen): isOpen
        case .value, .unlimited: true
        case .units(let units): units > 0
        }
    }

    func multiplied(by quantity: Int64) -> Offer.Amount {
        guard case .units(let units) = self else { return self }
        return .units(units.multipliedSaturated(by: max(quantity, 0)))
    }

    /// The sum; what cannot be added stays as it is.
    func adding(_ other: Offer.Amount) -> Offer.Amount {
        switch (self, other) {
        case (.flag(let mine), .flag(let others)): .flag(mine || others)
        case (.unlimited, .units), (.units, .unlimited): .unlimited
        case (.units(let mine), .units(let others)): .units(mine.addingSaturated(others))
        case (.value(let mine), .value(let others)): .value(mine.adding(others))
        default: self
        }
    }
}

extension Feature {
    /// Whether a `config` feature's value may be this: a catalog may have changed its type since.
    fileprivate func takes(_ value: JSON) -> Bool {
        switch (valueType, value) {
        case (.integer, .integer), (.number, .integer), (.number, .number), (.string, .string),
            (.boolean, .bool), (nil, _):
            true
        default: false
        }
    }

    /// Only limits that reset are rates, and only `max` and `min` compare them.
    fileprivate var comparesRates: Bool {
        (kind == .metered || kind == .rate) && combine != .sum && combine != .first
    }
}

extension Int64 {
    /// `self / window > other / otherWindow`, exactly: the products have 128 bits.
    fileprivate func isMore(than other: Int64, window: Int64, otherWindow: Int64) -> Bool {
        let mine = multipliedFullWidth(by: otherWindow)
        let others = other.multipliedFullWidth(by: window)
        return (mine.high, mine.low) > (others.high, others.low)
    }
}

extension JSON {
    /// Whether a `config` value is strictly more generous: true over false, a larger number.
    ///
    /// Text has no order, and neither have values of different types.
    fileprivate func isMore(than other: JSON) -> Bool {
        switch (self, other) {
        case (.bool(let mine), .bool(let others)): return mine && !others
        case (.integer(let mine), .integer(let others)): return mine > others
        default:
            guard let mine = number, let others = other.number else { return false }
            return mine > others
        }
    }

    fileprivate func adding(_ other: JSON) -> JSON {
        switch (self, other) {
        case (.bool(let mine), .bool(let others)): return .bool(mine || others)
        case (.integer(let mine), .integer(let others)):
            return .integer(mine.addingSaturated(others))
        default:
            guard let mine = number, let others = other.number else { return self }
            let most = Double.greatestFiniteMagnitude  // infinity could not be written as JSON
            return .number(min(max(mine + others, -most), most))
        }
    }
}
