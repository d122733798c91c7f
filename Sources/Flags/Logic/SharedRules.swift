import Entitlements

/// What the rules of all flags may refer to.
struct SharedRules {
    let evaluators: [String: JSON]
    let segments: SegmentTable
    let faults: FaultList

    init(
        evaluators: [String: JSON] = [:],
        segments: [String: SegmentDefinition] = [:],
        faults: FaultList
    ) {
        self.evaluators = evaluators
        self.faults = faults
        self.segments = SegmentTable(segments, evaluators: evaluators, faults: faults)
    }

    /// Looks into evaluators and segments that no flag uses as well.
    func checkAll() {
        for name in evaluators.keys.sorted() {
            var compiler = LogicCompiler(shared: self, faults: faults)
            _ = compiler.compile(["$ref": .string(name)], at: "$evaluators", as: .value)
        }
        segments.compileAll()
    }
}

/// Compiles segments when a rule first asks for them; used while a set is made, then dropped.
final class SegmentTable {
    struct Built {
        let segment: Segment
        let instants: [Instant]
        let readsClock: Bool
    }

    enum Search {
        case found(Built)
        case ring(String)
        case unknown(remedy: String)
    }

    private let definitions: [String: SegmentDefinition]
    private let evaluators: [String: JSON]
    private let faults: FaultList
    private var built: [String: Built] = [:]
    private var open: [String] = []

    init(
        _ definitions: [String: SegmentDefinition],
        evaluators: [String: JSON],
        faults: FaultList
    ) {
        self.definitions = definitions
        self.evaluators = evaluators
        self.faults = faults
    }

    /// Compiles all, so that the faults of those that nobody uses are known too.
    func compileAll() {
        for name in definitions.keys.sorted() { _ = find(name) }
    }

    func find(_ name: String) -> Search {
        if let known = built[name] { return .found(known) }
        guard !open.contains(name) else {
            return .ring((open.drop { $0 != name } + [name]).joined(separator: " → "))
        }
        guard let definition = definitions[name] else {
            return .unknown(
                remedy: remedy(
                    for: name,
                    among: definitions.keys,
                    otherwise: "make it, or name another"
                )
            )
        }
        open.append(name)
        defer { open.removeLast() }
        var compiler = LogicCompiler(
            shared: SharedRules(evaluators: evaluators, segments: self, faults: faults),
            faults: faults
        )
        let rule = definition.rule.map {
            compiler.compile($0, at: "usher.segments.\(name).rule", as: .value)
        }
        let made = Built(
            segment: Segment(
                name: name,
                members: definition.members,
                excluded: definition.excluded,
                rule: rule
            ),
            instants: compiler.instants,
            readsClock: compiler.readsClock
        )
        built[name] = made
        return .found(made)
    }
}

extension SharedRules {
    fileprivate init(evaluators: [String: JSON], segments: SegmentTable, faults: FaultList) {
        self.evaluators = evaluators
        self.segments = segments
        self.faults = faults
    }
}
