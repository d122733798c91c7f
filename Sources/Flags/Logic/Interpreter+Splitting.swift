import Entitlements
import Limits

/// `fractional`.
extension Interpreter {
    mutating func variant(
        of split: Split,
        in scope: borrowing Scope
    ) throws(FlagError) -> JSON {
        guard let unitNode = split.unit else {
            return implicitHash(in: scope).map(split.variant(for:)) ?? .null
        }
        let unit = try value(of: unitNode, in: scope)
        if let hash = bucketing.hash(unit: unit) { return split.variant(for: hash) }
        if bucketing == .flagd3, unit.array == nil { return .null }
        return try variant(
            ofFractional: try values(of: split.arguments, in: scope),
            in: scope
        )
    }

    mutating func variant(
        ofFractional arguments: [JSON],
        in scope: borrowing Scope
    ) throws(FlagError) -> JSON {
        guard let first = arguments.first else { return .null }
        try spend(arguments.count)
        let isUnit = bucketing == .flagd2 ? first.string != nil : first.array == nil
        let hash = isUnit ? bucketing.hash(unit: first) : implicitHash(in: scope)
        guard let hash else { return .null }
        let arms = Self.arms(of: isUnit ? arguments.dropFirst() : arguments[...])
        guard let arms, let total = arms.last?.end, total > 0 else { return .null }
        let bucket = Bucketing.bucket(of: hash, total: total)
        return arms.first { $0.end > bucket }?.variant ?? .null
    }

    /// Variants with their sums of weights; nil where a shape is wrong or the sum too large.
    ///
    /// A negative weight, such as a ramp has before it begins, is none.
    static func arms(of arguments: ArraySlice<JSON>) -> [Split.Arm]? {
        var arms: [Split.Arm] = []
        var end: Int64 = 0
        for argument in arguments {
            guard case .array(let pair) = argument, (1...2).contains(pair.count) else { return nil }
            var weight: Int64 = 1
            if pair.count == 2 {
                guard case .integer(let given) = pair[1] else { return nil }
                weight = max(0, given)
            }
            guard weight <= Limits.flagWeights - end else { return nil }
            end += weight
            arms.append(Split.Arm(variant: pair[0], end: end))
        }
        return arms
    }

    /// The targeting key within the flag; nil without one.
    ///
    /// Inside of a list operator the item is all there is, as for every other attribute.
    private func implicitHash(in scope: borrowing Scope) -> UInt32? {
        switch scope {
        case .context:
            guard let key = context.targetingKey, !key.isEmpty else { return nil }
            return bucketing.hash(salt: salt, unit: key)
        case .item, .reduction: break
        }
        guard case .string(let key) = look(up: AttributePath(text: "targetingKey"), in: scope),
            !key.isEmpty
        else { return nil }
        let flag = look(up: AttributePath(text: "$flagd.flagKey"), in: scope)?.string ?? ""
        return bucketing.hash(salt: flag, unit: key)
    }
}
