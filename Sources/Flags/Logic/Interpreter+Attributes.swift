import Entitlements

/// Looking attributes up.
extension Interpreter {
    /// What a path leads to; nil where there is nothing, or null.
    func look(up path: AttributePath, in scope: borrowing Scope) -> JSON? {
        switch scope {
        case .context: lookUpInContext(path)
        case .item(let item): lookUp(path, in: item)
        case .reduction(let accumulator, let current):
            switch path.names.first {
            case "accumulator": path.walk(accumulator, from: 1)
            case "current": path.walk(current, from: 1)
            default: lookUp(path, in: ["accumulator": accumulator, "current": current])
            }
        }
    }

    /// `$flagd` as an object.
    var flagd: JSON { ["flagKey": .string(flagKey), "timestamp": timestamp] }

    private func lookUpInContext(_ path: AttributePath) -> JSON? {
        switch path.start {
        case .named:
            guard let value = context.attribute(path.names[0]) else { return nil }
            return path.walk(value, from: 1)
        case .targetingKey: return context.targetingKey.map(JSON.string)
        case .flagKey: return .string(flagKey)
        case .timestamp: return timestamp
        case .flagd: return path.walk(flagd, from: 1)
        case .whole: return context.merged(flagd: flagd)
        case .index: return nil
        }
    }

    private func lookUp(_ path: AttributePath, in item: JSON) -> JSON? {
        switch path.start {
        case .whole: item.isNull ? nil : item
        case .index(let index): AttributePath.item(index, of: item)
        default: path.walk(item)
        }
    }

    /// Unix seconds, cut towards the past.
    private var timestamp: JSON {
        let (seconds, rest) = at.microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        return .integer(rest < 0 ? seconds - 1 : seconds)
    }
}

/// `var` with a path that has to be worked out, `missing` and `missing_some`.
extension Interpreter {
    mutating func attribute(
        _ key: JSON,
        in scope: borrowing Scope
    ) throws(FlagError) -> JSON? {
        let text =
            switch key {
            case .array, .object: try text(of: key)
            default: key.string ?? ""
            }
        return look(up: AttributePath(key, text: text), in: scope)
    }

    mutating func missing(
        among keys: [JSON],
        in scope: borrowing Scope
    ) throws(FlagError) -> [JSON] {
        var missing: [JSON] = []
        for key in keys {
            try spend(1)
            switch try attribute(key, in: scope) {
            case nil, .string(""): missing.append(key)
            default: continue
            }
        }
        return missing
    }

    mutating func missing(
        _ needed: JSON,
        of keys: JSON,
        in scope: borrowing Scope
    ) throws(FlagError) -> [JSON] {
        guard let keys = keys.array else { return [] }
        let missing = try missing(among: keys, in: scope)
        let needed = needed.numeral
        return needed <= .whole(Int64(keys.count - missing.count)) ? [] : missing
    }
}
