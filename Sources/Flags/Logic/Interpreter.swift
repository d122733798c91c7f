import Entitlements
import Limits

/// Evaluates a compiled rule for one context at one instant, with bounded work and no traps.
struct Interpreter {
    let context: FlagContext
    let flagKey: String
    let salt: String
    let bucketing: Bucketing
    let at: Instant
    private var stepsLeft = Limits.flagSteps

    init(
        context: FlagContext,
        flagKey: String,
        salt: String,
        bucketing: Bucketing,
        at: Instant
    ) {
        self.context = context
        self.flagKey = flagKey
        self.salt = salt
        self.bucketing = bucketing
        self.at = at
    }
}

extension Interpreter {
    mutating func value(of node: Node, in scope: borrowing Scope) throws(FlagError) -> JSON {
        try spend(1)
        switch node {
        case .constant(let value): return value
        case .attribute(let path, let fallback):
            // Worked out in any case, as every argument is: a fault in it must not hide.
            let other: JSON = if let fallback { try value(of: fallback, in: scope) } else { .null }
            return look(up: path, in: scope) ?? other
        case .list(let items): return .array(try values(of: items, in: scope))
        case .branch(let arguments): return try branch(arguments, in: scope)
        case .and(let arguments): return try firstOperand(of: arguments, thatIs: false, in: scope)
        case .or(let arguments): return try firstOperand(of: arguments, thatIs: true, in: scope)
        case .binary(let name, let left, let right):
            let left = try value(of: left, in: scope)
            return try applied(name, left, try value(of: right, in: scope))
        case .call(let name, let arguments):
            return try applied(name, try values(of: arguments, in: scope), in: scope)
        case .each(let name, let items, let body):
            return try each(name, items: try value(of: items, in: scope), body)
        case .reduce(let items, let body, let initial):
            return try reduced(try value(of: items, in: scope), body, initial)
        case .split(let split): return try variant(of: split, in: scope)
        case .version(let node, let sign, let other):
            guard let version = SemanticVersion(try value(of: node, in: scope)) else {
                return .null
            }
            return version.satisfies(sign, other).map(JSON.bool) ?? .null
        case .segment(let segment): return .bool(try contains(segment))
        case .from(let instant): return .bool(instant <= at)
        case .until(let instant): return .bool(at < instant)
        case .entitled(let feature): return .bool(isEntitled(to: feature))
        case .failure(let error): throw error
        }
    }

    mutating func values(
        of nodes: [Node],
        in scope: borrowing Scope
    ) throws(FlagError) -> [JSON] {
        var values: [JSON] = []
        values.reserveCapacity(nodes.count)
        for node in nodes { values.append(try value(of: node, in: scope)) }
        return values
    }

    /// Whether a segment has the context's user, account or session; an exclusion wins.
    mutating func contains(_ segment: Segment) throws(FlagError) -> Bool {
        if segment.excluded.contains(context) { return false }
        if segment.members.contains(context) { return true }
        guard let rule = segment.rule else { return false }
        return try value(of: rule, in: .context).isTruthy
    }

    mutating func spend(_ steps: Int) throws(FlagError) {
        stepsLeft -= steps
        guard stepsLeft >= 0 else {
            throw FlagError(.general, "the rule takes more than \(Limits.flagSteps) steps")
        }
    }
}

extension Interpreter {
    private mutating func branch(
        _ arguments: [Node],
        in scope: borrowing Scope
    ) throws(FlagError) -> JSON {
        var index = 0
        while index + 1 < arguments.count {
            if try value(of: arguments[index], in: scope).isTruthy {
                return try value(of: arguments[index + 1], in: scope)
            }
            index += 2
        }
        return index < arguments.count ? try value(of: arguments[index], in: scope) : .null
    }

    /// The operand that decides, or else the last one.
    private mutating func firstOperand(
        of arguments: [Node],
        thatIs truth: Bool,
        in scope: borrowing Scope
    ) throws(FlagError) -> JSON {
        var current = JSON.null
        for argument in arguments {
            current = try value(of: argument, in: scope)
            if current.isTruthy == truth { return current }
        }
        return current
    }

    /// A feature that the session has: any value but false and null.
    private func isEntitled(to feature: String) -> Bool {
        switch context.attribute("entitlements")?[feature] {
        case nil, .null, .bool(false): false
        default: true
        }
    }
}
