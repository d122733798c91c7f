package import Entitlements

/// A flag as it was written: flagd's part, and Usher's own.
package struct FlagDefinition: Sendable, Hashable {
    package let key: String
    package let isEnabled: Bool
    /// Of one type; the numbers of a float flag are all floats.
    package let variants: [String: JSON]
    package let kind: FlagKind
    package let defaultVariant: String?
    /// JSONLogic; nil for none.
    package let targeting: JSON?
    package let metadata: [String: JSON]
    package let usher: UsherSection
    /// The whole definition, as it came.
    package let json: JSON
}
