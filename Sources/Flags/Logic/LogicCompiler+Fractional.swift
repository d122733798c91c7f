import Entitlements
import Limits

/// `fractional`, whose weights have to be right before anybody is put into a share.
extension LogicCompiler {
    mutating func fractional(
        _ arguments: [JSON],
        at path: String,
        _ paths: [String],
        as role: Role,
        depth: Int
    ) -> Node {
        let nodes = compiled(arguments, paths, depth: depth)
        let hasUnit = arguments.first.map { $0.array == nil } ?? false
        let armPaths = paths.dropFirst(hasUnit ? 1 : 0)
        if arguments.count == (hasUnit ? 1 : 0) {
            faults.add(path, "`fractional` has no variants", "give [variant, weight] pairs")
        }
        if hasUnit, let unit = nodes[0].constant {
            checkUnit(unit, at: paths[0])
        }
        var sum: Int64 = 0
        for (argument, path) in zip(arguments.dropFirst(hasUnit ? 1 : 0), armPaths) {
            check(arm: argument, at: path, as: role, sum: &sum)
        }
        if sum > Limits.flagWeights {
            faults.add(path, "the weights add up to \(sum)", "keep them to \(Limits.flagWeights)")
        }
        let isStatic = nodes.dropFirst(hasUnit ? 1 : 0).allSatisfy { $0.constant != nil }
        let constants = nodes.dropFirst(hasUnit ? 1 : 0).compactMap(\.constant)
        guard isStatic, let arms = Interpreter.arms(of: constants[...]),
            let total = arms.last?.end, total > 0
        else { return .call(.fractional, nodes) }
        return .split(
            Split(unit: hasUnit ? nodes[0] : nil, arms: arms, total: total, arguments: nodes)
        )
    }

    private func checkUnit(_ unit: JSON, at path: String) {
        faults.add(
            path,
            "the unit of `fractional` is \(unit), the same for everybody",
            "name an attribute, such as {\"var\": \"account\"}, or leave the unit out"
        )
    }

    private func check(arm: JSON, at path: String, as role: Role, sum: inout Int64) {
        guard case .array(let pair) = arm, (1...2).contains(pair.count) else {
            return faults.add(
                path,
                "an arm of `fractional` is a list of a variant and its weight",
                "write [\"variant\", 50]"
            )
        }
        switch pair[0] {
        case .array: faults.add("\(path)[0]", "a list is no variant", "give the name of a variant")
        case .object: break
        default: if role == .result { check(result: pair[0], at: "\(path)[0]") }
        }
        guard pair.count == 2 else {
            sum += 1
            return
        }
        switch pair[1] {
        case .integer(let weight) where (0...Limits.flagWeights).contains(weight):
            sum = min(sum + weight, Limits.flagNumber)
        case .object: break
        default:
            faults.add(
                "\(path)[1]",
                "the weight \(String(pair[1].description.prefix(64))) does not do",
                "give a whole number from 0 to \(Limits.flagWeights)"
            )
        }
    }
}
