import Entitlements
import Limits

/// Operators that run a rule for each item of a list.
extension Interpreter {
    mutating func each(
        _ name: Operator,
        items: JSON,
        _ body: Node
    ) throws(FlagError) -> JSON {
        let items = items.array
        switch name {
        case .map:
            var mapped: [JSON] = []
            for item in items ?? [] { mapped.append(try value(of: body, in: .item(item))) }
            return .array(mapped)
        case .filter:
            var kept: [JSON] = []
            for item in items ?? [] where try holds(body, for: item) { kept.append(item) }
            return .array(kept)
        case .all:
            // Of no items, not all are: JSONLogic has it so.
            guard let items, !items.isEmpty else { return false }
            for item in items where try !holds(body, for: item) { return false }
            return true
        default:
            for item in items ?? [] where try holds(body, for: item) {
                return .bool(name == .some)
            }
            return .bool(name == .none)
        }
    }

    private mutating func holds(_ body: Node, for item: JSON) throws(FlagError) -> Bool {
        try value(of: body, in: .item(item)).isTruthy
    }

    mutating func reduced(
        _ items: JSON,
        _ body: Node,
        _ initial: JSON
    ) throws(FlagError) -> JSON {
        var accumulator = initial
        for item in items.array ?? [] {
            let scope = Scope.reduction(accumulator: accumulator, current: item)
            accumulator = try value(of: body, in: scope)
            try spendOn(accumulator, depth: 0)
        }
        return accumulator
    }

    /// What is accumulated may contain itself twice and three times over: it is measured, so that
    /// neither its size nor its depth can run away.
    private mutating func spendOn(_ value: JSON, depth: Int) throws(FlagError) {
        guard depth < Limits.flagValueDepth else {
            throw FlagError(.general, "`reduce` nests deeper than \(Limits.flagValueDepth) lists")
        }
        switch value {
        case .array(let items):
            try spend(items.count)
            for item in items { try spendOn(item, depth: depth + 1) }
        case .object(let members):
            try spend(members.count)
            for member in members.values { try spendOn(member, depth: depth + 1) }
        default: return
        }
    }
}
