import Entitlements
import Limits

/// Turns a rule as it is written into one that can be evaluated, and says all that is wrong.
///
/// A rule with faults compiles as well: in the database stands what was refused nowhere, and the
/// evaluation of such a part is an error, never a trap.
struct LogicCompiler {
    /// Where a value stands: only a result has to be a variant.
    enum Role {
        case value, result
    }

    let shared: SharedRules
    let faults: FaultList
    /// The variants that a result may name; nil where any text may stand.
    let variants: Set<String>?
    /// Instants at which the rule may answer differently by itself.
    private(set) var instants: [Instant] = []
    /// Whether the rule reckons with the time, and so may change at any second.
    private(set) var readsClock = false
    private var nodes = 0
    private var open: [String] = []

    init(shared: SharedRules, faults: FaultList, variants: Set<String>? = nil) {
        self.shared = shared
        self.faults = faults
        self.variants = variants
    }

    mutating func compile(
        _ logic: JSON,
        at path: String,
        as role: Role,
        depth: Int = 0
    ) -> Node {
        nodes += 1
        guard nodes <= Limits.flagLogicNodes else {
            return failure(path, "the rule has more than \(Limits.flagLogicNodes) parts")
        }
        guard depth <= Limits.flagLogicDepth else {
            return failure(path, "the rule is nested deeper than \(Limits.flagLogicDepth) levels")
        }
        switch logic {
        case .array(let items):
            if role == .result {
                faults.add(path, "a list is no variant", "give the name of a variant")
            }
            let items = items.enumerated()
                .map { index, item in
                    compile(item, at: "\(path)[\(index)]", as: .value, depth: depth + 1)
                }
            let constants = items.compactMap(\.constant)
            return constants.count == items.count ? .constant(.array(constants)) : .list(items)
        case .object(let members):
            guard members.count == 1, let member = members.first else {
                faults.add(
                    path,
                    "an object in a rule has one key, its operator",
                    "write {\"operator\": [arguments]}"
                )
                return .constant(logic)
            }
            return operation(member.key, member.value, at: path, as: role, depth: depth)
        default:
            if role == .result { check(result: logic, at: path) }
            return .constant(logic)
        }
    }

    func failure(
        _ path: String,
        _ message: String,
        _ remedy: String = "make it smaller"
    ) -> Node {
        faults.add(path, message, remedy)
        return .failure(FlagError(.parseError, "\(path): \(message)"))
    }

    func check(result: JSON, at path: String) {
        guard let variants, !result.isNull, let name = result.variantName,
            !variants.contains(name)
        else { return }
        let known = variants.sorted().prefix(10).map { "`\($0)`" }.joined(separator: ", ")
        faults.add(
            path,
            "`\(name.prefix(Limits.flagVariantNameBytes))` is no variant of the flag",
            remedy(for: name, among: variants, otherwise: "use one of \(known)")
        )
    }

    mutating func note(_ instant: Instant) { instants.append(instant) }
    mutating func noteClock() { readsClock = true }
}

extension LogicCompiler {
    private mutating func operation(
        _ name: String,
        _ body: JSON,
        at path: String,
        as role: Role,
        depth: Int
    ) -> Node {
        let path = "\(path).\(name)"
        if name == "$ref" { return reference(body, at: path, as: role, depth: depth) }
        guard let known = Operator(rawValue: name) else {
            return failure(
                path,
                "`\(name.prefix(64))` is no operator",
                remedy(for: name, among: Operator.names, otherwise: "use one that JSONLogic has")
            )
        }
        let isList = body.array != nil
        let arguments = body.array ?? [body]
        check(count: arguments.count, of: known, at: path)
        let paths = isList ? arguments.indices.map { "\(path)[\($0)]" } : [path]
        return node(known, arguments, at: path, paths, as: role, depth: depth + 1)
    }

    /// Puts a shared rule in place.
    private mutating func reference(
        _ name: JSON,
        at path: String,
        as role: Role,
        depth: Int
    ) -> Node {
        guard let name = name.string else {
            return failure(path, "`$ref` names an evaluator", "give its name as a string")
        }
        guard !open.contains(name) else {
            let ring = (open.drop { $0 != name } + [name]).joined(separator: " → ")
            return failure(path, "the evaluators refer to themselves: \(ring)", "break the ring")
        }
        guard let rule = shared.evaluators[name] else {
            return failure(
                path,
                "there is no evaluator `\(name.prefix(64))`",
                remedy(
                    for: name,
                    among: shared.evaluators.keys,
                    otherwise: "add it to `$evaluators`"
                )
            )
        }
        open.append(name)
        defer { open.removeLast() }
        return compile(rule, at: "$evaluators.\(name)", as: role, depth: depth + 1)
    }

    private func check(count: Int, of name: Operator, at path: String) {
        let allowed = name.arguments
        guard !allowed.contains(count) else { return }
        let wanted =
            allowed.upperBound == .max
            ? "at least \(allowed.lowerBound)"
            : allowed.count == 1
                ? "\(allowed.lowerBound)" : "\(allowed.lowerBound) to \(allowed.upperBound)"
        faults.add(
            path,
            "`\(name.rawValue)` has \(count) arguments",
            "give it \(wanted)"
        )
    }
}
