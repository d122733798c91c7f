/// Something that can be entitled.
package struct Feature: Sendable, Hashable {
    /// How a feature is entitled, and what a plan says about it.
    package enum Kind: String, Sendable, CaseIterable {
        /// On or off.
        case boolean
        /// A value of the type that the feature declares.
        case config
        /// Consumed; resets with its period.
        case metered
        /// Goes up and down, never resets.
        case level
        /// Assigned to users.
        case seats
        /// So many in a second, minute or hour.
        case rate
        /// So many at once, by leases that lapse.
        case concurrency

        /// Whether the feature has a limit, rather than a value.
        package var isCounted: Bool {
            switch self {
            case .boolean, .config: false
            case .metered, .level, .seats, .rate, .concurrency: true
            }
        }

        /// Whether it is counted by a meter: what is taken of it is taken by a call of its own.
        package var isConsumed: Bool { self == .metered || self == .rate || self == .concurrency }
    }

    /// The type of a `config` feature's value.
    package enum ValueType: String, Sendable, CaseIterable {
        case integer, number, string, boolean
    }

    /// How the entitlements of several plans and add-ons become one.
    package enum Combine: String, Sendable, CaseIterable {
        case any, sum, max, min, first
    }

    /// Whether one user, or one session, can be given an allow of its own.
    ///
    /// Not what is counted for the account as a whole; and of what is consumed only a limit in the
    /// place of the pool's, which is counted apart: one that joined the pool's would be another limit
    /// of one and the same meter for everybody who asks.
    package func takesOwn(_ mode: Grant.Mode) -> Bool {
        switch kind {
        case .boolean, .config: true
        case .level, .seats: false
        case .metered, .rate, .concurrency: mode == .replace
        }
    }

    package let id: String
    package let kind: Kind
    package let valueType: ValueType?
    package let combine: Combine
    package let name: String?
    package let unit: String?
    /// The metered feature that a unit of this one takes ``cost`` of as well; nil for most.
    package let pool: String?
    /// Units of ``pool`` for each unit, from 1; 1 where there is no pool.
    package let cost: Int64
    /// Since when the feature is off for everybody; nil while it is on.
    package let disabledSince: Instant?
    /// The flag that says whether the feature is out; nil for most, which are.
    package let gate: String?
    /// What that flag says to who asks; nil where the question is only what was bought.
    package var gating: Gating?

    /// Whether the gate is open to somebody, and until when that surely holds.
    package struct Gating: Sendable, Hashable {
        package let isOpen: Bool
        package let until: Instant

        package init(isOpen: Bool, until: Instant) {
            self.isOpen = isOpen
            self.until = until
        }
    }

    package init(
        id: String,
        kind: Kind,
        valueType: ValueType? = nil,
        combine: Combine? = nil,
        name: String? = nil,
        unit: String? = nil,
        pool: String? = nil,
        cost: Int64 = 1,
        disabledSince: Instant? = nil,
        gate: String? = nil
    ) {
        self.id = id
        self.kind = kind
        self.valueType = valueType
        self.combine = combine ?? Feature.standardCombine(kind: kind, valueType: valueType)
        self.name = name
        self.unit = unit
        self.pool = pool
        self.cost = cost
        self.disabledSince = disabledSince
        self.gate = gate
    }

    /// What `combine` is where the catalog does not say (reference: entitlement rules, stacking).
    package static func standardCombine(kind: Kind, valueType: ValueType?) -> Combine {
        switch kind {
        case .boolean: .any
        case .metered, .level, .seats, .concurrency: .sum
        case .rate: .max
        case .config:
            switch valueType {
            case .integer, .number: .max
            case .boolean: .any
            case .string, nil: .first
            }
        }
    }
}
