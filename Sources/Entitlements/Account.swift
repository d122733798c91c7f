/// An account's hold on a plan or an add-on.
package struct Subscription: Sendable, Hashable {
    package enum Status: String, Sendable, CaseIterable {
        case scheduled, incomplete
        case incompleteExpired = "incomplete_expired"
        case trialing, active
        case pastDue = "past_due"
        case unpaid, paused, canceled
    }

    package let id: String
    package let plan: String
    /// The version it was bought at, when it does not follow the plan (`--grandfather`).
    package let version: Int?
    package let status: Status
    package let quantity: Int64
    package let startsAt: Instant?
    package let trialEnd: Instant?
    package let periodStart: Instant?
    package let periodEnd: Instant?
    package let pastDueSince: Instant?
    /// When it will end by itself; nil while it renews.
    package let cancelAt: Instant?
    /// When it ended; set when the status is `canceled`.
    package let endedAt: Instant?

    package init(
        id: String,
        plan: String,
        version: Int? = nil,
        status: Status,
        quantity: Int64 = 1,
        startsAt: Instant? = nil,
        trialEnd: Instant? = nil,
        periodStart: Instant? = nil,
        periodEnd: Instant? = nil,
        pastDueSince: Instant? = nil,
        cancelAt: Instant? = nil,
        endedAt: Instant? = nil
    ) {
        self.id = id
        self.plan = plan
        self.version = version
        self.status = status
        self.quantity = quantity
        self.startsAt = startsAt
        self.trialEnd = trialEnd
        self.periodStart = periodStart
        self.periodEnd = periodEnd
        self.pastDueSince = pastDueSince
        self.cancelAt = cancelAt
        self.endedAt = endedAt
    }
}

/// The customer that pays: all of its state that decisions depend on, as of one revision.
package struct Account: Sendable, Hashable {
    package let id: String
    package let revision: Int64
    /// When that revision was made.
    ///
    /// No decision about it is of an earlier time, whatever a clock says that was set back.
    package let changedAt: Instant
    /// Since when nothing is open to it; nil while it is not blocked.
    package let blockedSince: Instant?
    /// In the order in which they were made; `first` takes the earliest that entitles.
    package let subscriptions: [Subscription]

    package init(
        id: String,
        revision: Int64,
        changedAt: Instant = Instant(microseconds: 0),
        blockedSince: Instant? = nil,
        subscriptions: [Subscription] = []
    ) {
        self.id = id
        self.revision = revision
        self.changedAt = changedAt
        self.blockedSince = blockedSince
        self.subscriptions = subscriptions
    }
}

/// One signed-in device of one user of one account.
package struct Session: Sendable, Hashable {
    package let id: String
    package let account: String
    package let user: String
    package let createdAt: Instant
    package let expiresAt: Instant
    package let revokedAt: Instant?

    package init(
        id: String,
        account: String,
        user: String,
        createdAt: Instant,
        expiresAt: Instant,
        revokedAt: Instant? = nil
    ) {
        self.id = id
        self.account = account
        self.user = user
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.revokedAt = revokedAt
    }
}
