/// Who asks: a session's user, or an account's own service, for a user or for none.
package struct Asker: Sendable {
    package let session: Session?
    package let user: String?

    package init(session: Session?, user: String?) {
        self.session = session
        self.user = user
    }
}

/// The first steps of every decision, before any feature is looked at: whether the session is one,
/// and whether its account is blocked.
enum Standing {
    case denied(Decision.Reason, until: Instant)
    /// The horizon is when one of these steps denies, by time alone.
    case good(Account, horizon: Instant)

    init(_ session: Session?, _ account: Account?, _ stops: Stops) {
        let at = stops.at
        guard let session else {
            self = .denied(.sessionUnknown, until: .never)
            return
        }
        let revokedAt = stops.beginning(session.revokedAt)
        if revokedAt <= at {
            self = .denied(.sessionRevoked, until: .never)
        } else if at >= session.expiresAt {
            self = .denied(.sessionExpired, until: revokedAt)
        } else if account?.testClock == nil, at < session.createdAt {
            // Made in a rehearsal of days to come, which is over: those days have not come.
            self = .denied(.sessionExpired, until: min(session.createdAt, revokedAt))
        } else if let account, account.id == session.account {
            self.init(account, stops, horizon: min(session.expiresAt, revokedAt))
        } else {
            self = .denied(.sessionUnknown, until: min(session.expiresAt, revokedAt))
        }
    }

    init(_ account: Account, _ stops: Stops, horizon: Instant) {
        let block = account.block(stops)
        if block.contains(stops.at) {
            self = .denied(.accountBlocked, until: min(horizon, block.upperBound))
        } else if stops.at < block.lowerBound, !block.isEmpty {
            self = .good(account, horizon: min(horizon, block.lowerBound))
        } else {
            self = .good(account, horizon: horizon)
        }
    }
}

/// Why a session opens nothing, whatever the feature; nil where it is in good standing.
package func standing(
    session: Session?,
    account: Account?,
    at: Instant,
    clock: Instant
) -> Decision.Reason? {
    switch Standing(session, account, Stops(at: at, clock: clock)) {
    case .denied(let reason, _): reason
    case .good: nil
    }
}
