import Entitlements

/// The one type that all variants of a flag have.
package enum FlagKind: String, Sendable, Hashable, CaseIterable {
    case boolean, string, integer, float, object

    /// The type of one value; nil for what no flag can give: null and arrays.
    init?(_ value: JSON) {
        switch value {
        case .bool: self = .boolean
        case .string: self = .string
        case .integer: self = .integer
        case .number: self = .float
        case .object: self = .object
        case .null, .array: return nil
        }
    }
}
