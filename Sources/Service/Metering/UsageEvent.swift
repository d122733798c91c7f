package import Entitlements

/// Usage that happened already, as somebody tells it.
package struct UsageEvent: Sendable, Equatable {
    /// What makes it unique: told again, it counts no more.
    package let source: String
    package let id: String
    package let feature: String
    package let account: String
    /// When it happened; nil is now.
    package let time: Instant?
    package let quantity: Int64
    package let user: String?
    package let session: String?

    package init(
        source: String,
        id: String,
        feature: String,
        account: String,
        time: Instant? = nil,
        quantity: Int64 = 1,
        user: String? = nil,
        session: String? = nil
    ) {
        self.source = source
        self.id = id
        self.feature = feature
        self.account = account
        self.time = time
        self.quantity = quantity
        self.user = user
        self.session = session
    }
}

/// What becomes of an event that is too late for its own period.
package enum LatePolicy: String, Sendable, CaseIterable {
    case reject
    /// It counts when it is received.
    case receive
}

/// What became of an event.
package enum Recorded: Sendable, Equatable {
    case accepted
    /// It was counted before.
    case duplicate
    case rejected(Refusal)
}
