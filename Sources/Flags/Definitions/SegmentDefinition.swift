package import Entitlements

/// A named set of users, accounts and sessions: some by name, the rest by a rule.
package struct SegmentDefinition: Sendable, Hashable {
    package var members: Members
    /// Never in the segment, whatever else says so.
    package var excluded: Members
    /// JSONLogic over the context; true is in.
    package var rule: JSON?
}
