import Entitlements
import Limits

/// One operator with its arguments.
extension LogicCompiler {
    mutating func node(
        _ name: Operator,
        _ arguments: [JSON],
        at path: String,
        _ paths: [String],
        as role: Role,
        depth: Int
    ) -> Node {
        switch name {
        case .branch: return branch(arguments, paths, as: role, depth: depth)
        case .and: return .and(compiled(arguments, paths, depth: depth))
        case .or: return .or(compiled(arguments, paths, depth: depth))
        case .map, .filter, .all, .none, .some, .reduce:
            return listOperation(name, arguments, paths, depth: depth)
        case .fractional:
            return fractional(arguments, at: path, paths, as: role, depth: depth)
        case .segment, .from, .until, .entitled:
            return own(name, arguments.first ?? .null, at: path)
        default: break
        }
        let nodes = compiled(arguments, paths, depth: depth)
        if name == .variable, let attribute = attribute(nodes) { return attribute }
        check(name, nodes, paths)
        return folded(name, nodes)
    }

    mutating func compiled(_ arguments: [JSON], _ paths: [String], depth: Int) -> [Node] {
        zip(arguments, paths).map { compile($0, at: $1, as: .value, depth: depth) }
    }

    private mutating func branch(
        _ arguments: [JSON],
        _ paths: [String],
        as role: Role,
        depth: Int
    ) -> Node {
        let nodes = arguments.indices.map { index in
            let isResult = index % 2 == 1 || index == arguments.count - 1
            return compile(
                arguments[index],
                at: paths[index],
                as: isResult ? role : .value,
                depth: depth
            )
        }
        return .branch(nodes)
    }

    private mutating func listOperation(
        _ name: Operator,
        _ arguments: [JSON],
        _ paths: [String],
        depth: Int
    ) -> Node {
        guard let list = arguments.first else {
            return .constant(name.resultWithoutArguments)
        }
        let items = compile(list, at: paths[0], as: .value, depth: depth)
        guard arguments.count > 1 else {
            if name == .map || name == .reduce {
                let body = Node.constant(.null)
                return name == .map
                    ? .each(name, items: items, body: body)
                    : .reduce(items: items, body: body, initial: .null)
            }
            return .constant(name.resultWithoutArguments)
        }
        let body = compile(arguments[1], at: paths[1], as: .value, depth: depth)
        guard name == .reduce else { return .each(name, items: items, body: body) }
        // Where a reduction begins is a value, not a rule.
        return .reduce(items: items, body: body, initial: arguments.at(2))
    }

    /// A path that stands in the rule is split now.
    private mutating func attribute(_ nodes: [Node]) -> Node? {
        guard let key = nodes.isEmpty ? .null : nodes[0].constant else { return nil }
        switch key {
        case .array, .object: return nil
        default: break
        }
        let path = AttributePath(key, text: key.string ?? "")
        switch path.start {
        case .timestamp, .flagd, .whole: noteClock()
        default: break
        }
        return .attribute(path, fallback: nodes.count > 1 ? nodes[1] : nil)
    }

    private func folded(_ name: Operator, _ nodes: [Node]) -> Node {
        let isConstant = nodes.allSatisfy { $0.constant != nil }
        if name == .semanticVersion, nodes.count == 3, !isConstant,
            let sign = nodes[1].constant?.string,
            let version = nodes[2].constant.flatMap({ SemanticVersion($0) })
        {
            return .version(nodes[0], sign: sign, version)
        }
        let node: Node =
            nodes.count == 2 && name.isPure
            ? .binary(name, nodes[0], nodes[1]) : .call(name, nodes)
        guard isConstant, name.isPure else { return node }
        var interpreter = Interpreter(
            context: FlagContext(),
            flagKey: "",
            salt: "",
            bucketing: .flagd3,
            at: Instant(microseconds: 0)
        )
        // What fails here fails the same way when it is evaluated, and only then.
        guard let value = try? interpreter.value(of: node, in: .context) else { return node }
        return .constant(value)
    }
}

extension Operator {
    /// What a list operator gives that was given nothing to do.
    fileprivate var resultWithoutArguments: JSON {
        switch self {
        case .map, .filter: []
        case .all, .some: false
        case .none: true
        default: .null
        }
    }
}

/// What can be seen to be wrong before there is a context.
extension LogicCompiler {
    private func check(_ name: Operator, _ nodes: [Node], _ paths: [String]) {
        switch name {
        case .startsWith, .endsWith:
            for (node, path) in zip(nodes, paths) {
                guard let constant = node.constant, constant.string == nil else { continue }
                faults.add(path, "`\(name.rawValue)` compares strings", "give a string")
            }
        case .semanticVersion: checkVersions(nodes, paths)
        case .missingSome:
            if nodes.count == 2, let keys = nodes[1].constant, keys.array == nil {
                faults.add(paths[1], "`missing_some` looks for a list of names", "give a list")
            }
        default: return
        }
    }

    private func checkVersions(_ nodes: [Node], _ paths: [String]) {
        for (index, node) in nodes.enumerated() where index < 3 {
            guard let constant = node.constant else { continue }
            if index == 1 {
                guard !SemanticVersion.signs.contains(constant.string ?? "") else { continue }
                faults.add(
                    paths[index],
                    "`sem_ver` has no such comparison",
                    "use one of \(SemanticVersion.signs.joined(separator: " "))"
                )
            } else if SemanticVersion(constant) == nil {
                faults.add(paths[index], "this is no version", "write it like 1.2.3 or 1.2.3-rc.1")
            }
        }
    }
}
