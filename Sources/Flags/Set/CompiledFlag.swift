import Entitlements
import Limits

/// A flag ready to be evaluated: its rule compiled, its answers made beforehand.
///
/// An answer is then looked up and not built, which is what keeps an evaluation short.
///
/// An object, since all checks share it and a copy of so many parts would cost more than the answer.
final class CompiledFlag: Sendable {
    let definition: FlagDefinition
    let salt: String
    let rule: Node?
    let rollout: CompiledRollout?
    /// Instants in the rule, in order, and whether it reads the clock itself.
    let instants: [Instant]
    let readsClock: Bool
    let disabled: Evaluation
    let killed: Evaluation
    let outOfSchedule: Evaluation
    let outOfSeason: Evaluation
    /// One for each prerequisite that may fail.
    let unmet: [Evaluation]
    /// The answers by variant, for each step that names a variant.
    let overrides: [String: Evaluation]
    let targets: [String: Evaluation]
    let matches: [String: Evaluation]
    let fallback: Evaluation

    /// Whether there is a schedule or a season to look at.
    let hasCalendar: Bool

    var key: String { definition.key }

    init(_ definition: FlagDefinition, metadata set: [String: JSON], shared: SharedRules) {
        let usher = definition.usher
        var compiler = LogicCompiler(
            shared: shared,
            faults: shared.faults,
            variants: Set(definition.variants.keys)
        )
        let path = "flags.\(definition.key).targeting"
        rule = definition.targeting.map { compiler.compile($0, at: path, as: .result) }
        instants = Set(compiler.instants).sorted()
        readsClock = compiler.readsClock
        salt = definition.salt
        hasCalendar = !usher.schedule.isEmpty || !usher.seasons.isEmpty
        self.definition = definition
        let answers = Answers(definition: definition, set: set)
        rollout = usher.rollout.map { CompiledRollout($0, answers) }
        disabled = answers.off(.disabled, [:])
        killed = answers.off(.killed, [:])
        outOfSchedule = answers.off(.schedule, [:])
        outOfSeason = answers.off(.season, [:])
        unmet = usher.prerequisites.map {
            answers.off(.prerequisite, ["prerequisite": .string($0.flag)])
        }
        overrides = answers.all(.override)
        targets = usher.targets.isEmpty ? [:] : answers.all(.target)
        matches = rule == nil ? [:] : answers.all(.targeting)
        let isPlain = rule == nil && usher.rollout == nil && usher.targets.isEmpty
        fallback = answers.fallback(isPlain ? .static : .default)
    }
}

/// A rollout with the answer of each of its steps.
final class CompiledRollout: Sendable {
    let rollout: Rollout
    let path: AttributePath
    let inside: [Evaluation]

    init(_ rollout: Rollout, _ answers: Answers) {
        self.rollout = rollout
        path = AttributePath(text: rollout.unit)
        let algorithm = answers.definition.usher.bucketing.rawValue
        inside = rollout.steps.map { step in
            answers.give(
                rollout.variant,
                .split,
                .rollout,
                ["share": Rollout.percent(step.share), "algorithm": .string(algorithm)]
            )
        }
    }
}

/// Makes the answers of a flag.
struct Answers {
    let definition: FlagDefinition
    private let metadata: [String: JSON]

    init(definition: FlagDefinition, set: [String: JSON]) {
        self.definition = definition
        metadata = set.merging(definition.metadata) { $1 }
    }

    func give(
        _ variant: String,
        _ reason: Evaluation.Reason,
        _ step: Evaluation.Step,
        _ particulars: [String: JSON] = [:]
    ) -> Evaluation {
        guard let value = definition.variants[variant] else {
            return .failed(.unknownVariant(variant), step: step, metadata: metadata)
        }
        return Evaluation(
            value: value,
            variant: variant,
            reason: reason,
            step: step,
            metadata: metadata,
            particulars: particulars
        )
    }

    /// The off variant, or no value.
    func off(_ step: Evaluation.Step, _ particulars: [String: JSON]) -> Evaluation {
        // A flag that is written as DISABLED answers as flagd has it.
        if step != .disabled, let off = definition.usher.offVariant {
            return give(off, .disabled, step, particulars)
        }
        return none(.disabled, step, particulars)
    }

    func all(_ step: Evaluation.Step) -> [String: Evaluation] {
        definition.variants.keys.reduce(into: [:]) { answers, name in
            answers[name] = give(name, .targetingMatch, step)
        }
    }

    func fallback(_ reason: Evaluation.Reason) -> Evaluation {
        guard let name = definition.defaultVariant else { return none(.default, .default, [:]) }
        return give(name, reason, .default)
    }

    private func none(
        _ reason: Evaluation.Reason,
        _ step: Evaluation.Step,
        _ particulars: [String: JSON]
    ) -> Evaluation {
        Evaluation(
            value: nil,
            variant: "",
            reason: reason,
            step: step,
            metadata: metadata,
            particulars: particulars
        )
    }
}

extension FlagError {
    static func unknownVariant(_ name: String) -> FlagError {
        let shown = name.prefix(Limits.flagVariantNameBytes)
        return FlagError(.general, "the rule gave `\(shown)`, which is no variant of the flag")
    }
}
