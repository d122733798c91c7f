package import Entitlements

/// A variant that a growing share gets, by a plan in time that nothing has to carry out.
package struct Rollout: Sendable, Hashable {
    package struct Step: Sendable, Hashable {
        package let at: Instant
        /// In thousandths of a percent, 0 to 100,000.
        package let share: Int64
    }

    package static let whole: Int64 = 100_000

    package let variant: String
    /// The attribute whose value stays in or out as a whole: `account`, `user`, or a path.
    package let unit: String
    /// In order of time.
    package let steps: [Step]

    /// The step in force; nil before the first.
    package func step(at instant: Instant) -> Int? {
        steps.lastIndex { $0.at <= instant }
    }
}

extension Rollout {
    /// A share as people write it: 12.5 for 12,500 thousandths.
    static func percent(_ share: Int64) -> JSON {
        share % 1_000 == 0 ? .integer(share / 1_000) : .number(Double(share) / 1_000)
    }
}
