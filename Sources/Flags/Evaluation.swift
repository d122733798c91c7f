package import Entitlements

/// What a flag answers, and why.
package struct Evaluation: Sendable, Hashable {
    /// OpenFeature's reasons, of which clients know no others.
    package enum Reason: String, Sendable, CaseIterable {
        case `static` = "STATIC"
        case targetingMatch = "TARGETING_MATCH"
        case split = "SPLIT"
        case `default` = "DEFAULT"
        case disabled = "DISABLED"
        case error = "ERROR"
    }

    /// Which step of the order decided.
    package enum Step: String, Sendable, CaseIterable {
        case unknown, disabled, killed, schedule, season, prerequisite, override, target
        case targeting, rollout
        case `default`
    }

    /// Nil where the caller's own default is meant: the flag is off, has no default, or failed.
    package let value: JSON?
    /// The variant's name; empty where there is no value, since clients want a text there.
    package let variant: String
    package let reason: Reason
    package let step: Step
    /// Flat: booleans, numbers and texts.
    ///
    /// The flag's over the set's, and over both what decided.
    package let metadata: [String: JSON]
    /// Why there is no answer; `reason` is `ERROR` then.
    package let error: FlagError?
}

extension Evaluation {
    init(
        value: JSON?,
        variant: String,
        reason: Reason,
        step: Step,
        metadata: [String: JSON],
        particulars: [String: JSON] = [:]
    ) {
        self.init(
            value: value,
            variant: variant,
            reason: reason,
            step: step,
            metadata: metadata.told(step, particulars),
            error: nil
        )
    }

    static func failed(
        _ error: FlagError,
        step: Step,
        metadata: [String: JSON] = [:]
    ) -> Evaluation {
        Evaluation(
            value: nil,
            variant: "",
            reason: .error,
            step: step,
            metadata: metadata.told(step, [:]),
            error: error
        )
    }
}

extension Evaluation {
    /// There is no answer for anybody, whatever the flag says.
    package static func refused(_ error: FlagError) -> Evaluation { .failed(error, step: .unknown) }

    /// The answer to somebody who expects values of a type: itself, or `TYPE_MISMATCH`.
    ///
    /// Integers and floats convert where nothing is lost.
    package func expecting(_ kind: FlagKind) -> Evaluation {
        guard let value else { return self }
        switch (kind, value) {
        case (.boolean, .bool), (.string, .string), (.object, .object), (.integer, .integer),
            (.float, .number):
            return self
        case (.float, .integer(let whole)):
            return replacing(value: .number(Double(whole)))
        case (.integer, .number(let number)):
            guard let whole = Int64(exactly: number) else { break }
            return replacing(value: .integer(whole))
        default: break
        }
        let has = FlagKind(value)?.rawValue ?? "none"
        let details = "the flag's values are of type \(has), not \(kind.rawValue)"
        return .failed(FlagError(.typeMismatch, details), step: step, metadata: metadata)
    }

    private func replacing(value: JSON) -> Evaluation {
        Evaluation(
            value: value,
            variant: variant,
            reason: reason,
            step: step,
            metadata: metadata,
            error: nil
        )
    }
}

extension [String: JSON] {
    fileprivate func told(_ step: Evaluation.Step, _ particulars: [String: JSON]) -> Self {
        var told = merging(particulars) { $1 }
        told["step"] = .string(step.rawValue)
        return told
    }
}
