import Entitlements

/// One piece of a compiled rule.
///
/// What is constant is worked out, paths are split, `$ref` is in place, and what cannot be
/// evaluated holds its error.
indirect enum Node: Sendable {
    case constant(JSON)
    case attribute(AttributePath, fallback: Node?)
    case list([Node])
    case branch([Node])
    case and([Node])
    case or([Node])
    /// The commonest shape, apart, so that it needs no list of arguments.
    case binary(Operator, Node, Node)
    case call(Operator, [Node])
    /// `map`, `filter`, `all`, `none`, `some`: the body sees an item in place of the context.
    case each(Operator, items: Node, body: Node)
    case reduce(items: Node, body: Node, initial: JSON)
    case split(Split)
    /// `sem_ver` with all but the first version known.
    case version(Node, sign: String, SemanticVersion)
    case segment(Segment)
    case from(Instant)
    case until(Instant)
    case entitled(String)
    case failure(FlagError)
}

extension Node {
    var constant: JSON? {
        guard case .constant(let value) = self else { return nil }
        return value
    }
}

/// A `fractional` whose variants and weights are constant.
struct Split: Sendable {
    struct Arm: Sendable {
        let variant: JSON
        /// The sum of the weights up to and with this one.
        let end: Int64
    }

    /// What is bucketed; nil for the targeting key within the flag.
    let unit: Node?
    let arms: [Arm]
    let total: Int64
    /// All arguments, for a unit that turns out to be none.
    let arguments: [Node]

    func variant(for hash: UInt32) -> JSON {
        let bucket = Bucketing.bucket(of: hash, total: total)
        return arms.first { $0.end > bucket }?.variant ?? .null
    }
}

/// What a body of a list operator, or the rule as a whole, looks its attributes up in.
enum Scope {
    case context
    case item(JSON)
    case reduction(accumulator: JSON, current: JSON)
}
