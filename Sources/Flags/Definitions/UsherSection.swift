package import Entitlements

/// What a flag has beyond flagd's format, under the key `usher`.
package struct UsherSection: Sendable, Hashable {
    package var bucketing: Bucketing = .flagd3
    /// What the implicit unit is mixed with; nil is the flag's key.
    package var salt: String?
    package var owner: String?
    package var description: String?
    package var tags: [String] = []
    /// The day from which the flag counts as forgotten, at 00:00 UTC.
    package var expires: Instant?
    /// Never counts as forgotten.
    package var isPermanent = false
    /// What is given where the flag is killed, out of schedule, or a prerequisite fails.
    package var offVariant: String?
    package var prerequisites: [Prerequisite] = []
    package var targets: [Target] = []
    package var schedule: [Window] = []
    package var seasons: [Season] = []
    package var rollout: Rollout?

    /// Another flag that has to be on and give one of these variants.
    package struct Prerequisite: Sendable, Hashable {
        package let flag: String
        package let variants: [String]
    }

    /// A variant for some by name.
    package struct Target: Sendable, Hashable {
        package let variant: String
        package let members: Members
    }

    /// A stretch of time in which the flag is on, or off; open where an end is nil.
    package struct Window: Sendable, Hashable {
        package let from: Instant?
        package let to: Instant?
        package let isOn: Bool

        func contains(_ instant: Instant) -> Bool {
            if let from, instant < from { return false }
            if let to, instant >= to { return false }
            return true
        }
    }
}
