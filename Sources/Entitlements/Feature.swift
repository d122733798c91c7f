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

        /// Whether the feature has a limit, rather than a value.
        package var isCounted: Bool {
            switch self {
            case .boolean, .config: false
            case .metered, .level, .seats, .rate: true
            }
        }
    }

    /// The type of a `config` feature's value.
    package enum ValueType: String, Sendable, CaseIterable {
        case integer, number, string, boolean
    }

    /// How the entitlements of several plans and add-ons become one.
    package enum Combine: String, Sendable, CaseIterable {
        case any, sum, max, min, first
    }

    /// Whether it is counted for the account as a whole, whoever of it asks.
    var isOfAccount: Bool { kind == .level || kind == .seats }

    package let id: String
    package let kind: Kind
    package let valueType: ValueType?
    package let combine: Combine
    package let name: String?
    package let unit: String?
    /// Since when the feature is off for everybody; nil while it is on.
    package let disabledSince: Instant?

    package init(
        id: String,
        kind: Kind,
        valueType: ValueType? = nil,
        combine: Combine? = nil,
        name: String? = nil,
        unit: String? = nil,
        disabledSince: Instant? = nil
    ) {
        self.id = id
        self.kind = kind
        self.valueType = valueType
        self.combine = combine ?? Feature.standardCombine(kind: kind, valueType: valueType)
        self.name = name
        self.unit = unit
        self.disabledSince = disabledSince
    }

    /// What `combine` is where the catalog does not say (reference: entitlement rules, stacking).
    package static func standardCombine(kind: Kind, valueType: ValueType?) -> Combine {
        switch kind {
        case .boolean: .any
        case .metered, .level, .seats: .sum
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
