package import Entitlements

/// What is read from a webhook's body: which event it is, and where to look for what changed.
package struct IncomingEvent: Sendable, Hashable {
    /// Unique within the source, and the same for every delivery of one event.
    package let key: String
    /// A second name of the same event, where the provider sends one: Stripe's thin events can
    /// carry the id of the snapshot event of the same change (`snapshot_event`).
    package let alias: String?
    package let type: String
    package let livemode: Bool?
    /// The connected account or context, when the event is not about the source's own account.
    package let account: String?
    /// The provider's own time: informative, and nothing may be ordered by it.
    package let createdAt: Instant?
    /// What to fetch; empty exactly when the event is ignored.
    package let subjects: [Subject]
    /// Why there is nothing to do; nil when there are subjects.
    package let ignored: String?

    package var isIgnored: Bool { ignored != nil }
}

/// Why a genuine body is no event of this source; nothing is stored, and the sender is told.
package struct EventProblem: Error, Hashable, CustomStringConvertible {
    /// A JSON Pointer into the body, or the name of a header; empty for the body as a whole.
    package let field: String
    package let message: String
    package let remedy: String

    package var description: String {
        field.isEmpty ? "\(message); \(remedy)" : "\(field): \(message); \(remedy)"
    }
}
