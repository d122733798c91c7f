package import Entitlements

/// A grant to write; the table names it.
package struct GrantContent: Sendable, Equatable {
    package var feature: String
    package var effect: Grant.Effect
    package var mode: Grant.Mode
    package var value: JSON?
    package var limit: Quantity?
    package var scope: GrantScope
    package var from: Instant
    package var until: Instant?
    package var reason: String

    package init(
        feature: String,
        effect: Grant.Effect,
        mode: Grant.Mode,
        value: JSON?,
        limit: Quantity?,
        scope: GrantScope,
        from: Instant,
        until: Instant?,
        reason: String
    ) {
        self.feature = feature
        self.effect = effect
        self.mode = mode
        self.value = value
        self.limit = limit
        self.scope = scope
        self.from = from
        self.until = until
        self.reason = reason
    }
}

/// Whom of an account a grant is for.
package enum GrantScope: Sendable, Equatable {
    case account
    case user(String)
    case session(String)

    package var user: String? {
        guard case .user(let user) = self else { return nil }
        return user
    }

    package var session: String? {
        guard case .session(let session) = self else { return nil }
        return session
    }
}

/// Which grants of an account a list shows; nil is all.
package struct GrantFilter: Sendable, Equatable {
    package var feature: String?
    package var user: String?
    package var session: String?
    package var state: Grant.State?

    package init(
        feature: String? = nil,
        user: String? = nil,
        session: String? = nil,
        state: Grant.State? = nil
    ) {
        self.feature = feature
        self.user = user
        self.session = session
        self.state = state
    }
}
