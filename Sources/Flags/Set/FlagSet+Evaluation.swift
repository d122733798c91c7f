package import Entitlements
import Limits

extension FlagSet {
    /// What a flag answers at an instant; an unknown one with `FLAG_NOT_FOUND`.
    package func evaluate(
        _ key: String,
        _ context: FlagContext,
        at instant: Instant
    ) -> Evaluation {
        guard let flag = flags[key] else {
            let name = key.prefix(Name.mostCharacters)
            return .failed(FlagError(.flagNotFound, "there is no flag `\(name)`"), step: .unknown)
        }
        return evaluate(flag, context, at: instant, depth: 0)
    }

    /// Every flag's answer, in the order of their keys.
    package func evaluateAll(
        _ context: FlagContext,
        at instant: Instant
    ) -> [(key: String, evaluation: Evaluation)] {
        ordered.map { ($0.key, evaluate($0, context, at: instant, depth: 0)) }
    }
}

extension FlagSet {
    private func evaluate(
        _ flag: CompiledFlag,
        _ context: FlagContext,
        at instant: Instant,
        depth: Int
    ) -> Evaluation {
        if let off = switchedOff(flag, at: instant) { return off }
        if let unmet = unmetPrerequisite(of: flag, context, at: instant, depth: depth) {
            return unmet
        }
        if !context.forced.isEmpty, let name = context.forced[flag.key] {
            return flag.overrides[name]
                ?? .failed(.unknownVariant(name), step: .override, metadata: flag.fallback.metadata)
        }
        for target in flag.definition.usher.targets where target.members.contains(context) {
            if let answer = flag.targets[target.variant] { return answer }
        }
        guard flag.rule != nil || flag.rollout != nil else { return flag.fallback }
        var interpreter = Interpreter(
            context: context,
            flagKey: flag.key,
            salt: flag.salt,
            bucketing: flag.definition.usher.bucketing,
            at: instant
        )
        if let rule = flag.rule, let answer = interpreter.answer(of: flag, rule) { return answer }
        if let rollout = flag.rollout, let answer = interpreter.answer(of: flag, rollout) {
            return answer
        }
        return flag.fallback
    }

    /// The answer of a flag that is off by its state, by a kill, or by the calendar.
    private func switchedOff(_ flag: CompiledFlag, at instant: Instant) -> Evaluation? {
        if !killed.isEmpty, killed.contains(flag.key) { return flag.killed }
        if !flag.definition.isEnabled { return flag.disabled }
        guard flag.hasCalendar else { return nil }
        let usher = flag.definition.usher
        if !usher.schedule.isOn(at: instant) { return flag.outOfSchedule }
        let isInSeason = usher.seasons.isEmpty || usher.seasons.contains { $0.contains(instant) }
        return isInSeason ? nil : flag.outOfSeason
    }

    private func unmetPrerequisite(
        of flag: CompiledFlag,
        _ context: FlagContext,
        at instant: Instant,
        depth: Int
    ) -> Evaluation? {
        let prerequisites = flag.definition.usher.prerequisites
        guard !prerequisites.isEmpty else { return nil }
        guard depth < Limits.flagPrerequisiteDepth else {
            let details = "more than \(Limits.flagPrerequisiteDepth) flags wait for each other"
            return .failed(FlagError(.general, details), step: .prerequisite)
        }
        for (index, prerequisite) in prerequisites.enumerated() {
            guard let other = flags[prerequisite.flag] else { return flag.unmet[index] }
            let answer = evaluate(other, context, at: instant, depth: depth + 1)
            if let error = answer.error, error.code == .general {
                return .failed(
                    FlagError(.general, "prerequisite `\(prerequisite.flag)`: \(error.details)"),
                    step: .prerequisite,
                    metadata: flag.unmet[index].metadata
                )
            }
            // Off is off, also where the off variant happens to be the one that is asked for.
            guard answer.reason != .disabled, answer.error == nil,
                prerequisite.variants.contains(answer.variant)
            else { return flag.unmet[index] }
        }
        return nil
    }
}

extension [UsherSection.Window] {
    /// A window that is off wins; once there is one that is on, outside of all is off.
    func isOn(at instant: Instant) -> Bool {
        var hasOn = false
        var isInOn = false
        for window in self {
            let contains = window.contains(instant)
            if window.isOn {
                hasOn = true
                isInOn = isInOn || contains
            } else if contains {
                return false
            }
        }
        return isInOn || !hasOn
    }
}

extension Interpreter {
    /// The answer by the rule; nil where it leaves it to what follows.
    fileprivate mutating func answer(of flag: CompiledFlag, _ rule: Node) -> Evaluation? {
        do throws(FlagError) {
            let result = try value(of: rule, in: .context)
            guard !result.isNull else { return nil }
            guard let name = result.variantName else {
                throw FlagError(.general, "the rule gave a list or an object, and no variant")
            }
            guard let answer = flag.matches[name] else { throw .unknownVariant(name) }
            return answer
        } catch {
            return .failed(error, step: .targeting, metadata: flag.fallback.metadata)
        }
    }

    /// The answer by the rollout; nil for a unit outside of the share.
    fileprivate func answer(of flag: CompiledFlag, _ compiled: CompiledRollout) -> Evaluation? {
        let rollout = compiled.rollout
        guard let step = rollout.step(at: at) else { return nil }
        let share = rollout.steps[step].share
        // Nobody, and everybody: no unit is needed for either.
        if share == 0 { return nil }
        if share == Rollout.whole { return compiled.inside[step] }
        guard let unit = look(up: compiled.path, in: .context)?.variantName, !unit.isEmpty else {
            guard rollout.unit == "targetingKey" else { return nil }
            let error = FlagError(.targetingKeyMissing, "the rollout goes by `targetingKey`")
            return .failed(error, step: .rollout, metadata: flag.fallback.metadata)
        }
        let hash = bucketing.hash(salt: salt, unit: unit)
        let bucket = Bucketing.bucket(of: hash, total: Rollout.whole)
        return bucket < share ? compiled.inside[step] : nil
    }
}
