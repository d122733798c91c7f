/// The customer that pays: all of its state that decisions depend on, as of one revision.
package struct Account: Sendable, Hashable {
    package let id: String
    package var revision: Int64
    /// When that revision was made.
    ///
    /// No decision about it is of an earlier time, whatever a clock says that was set back.
    package var changedAt: Instant
    /// What its time stands at, when a rehearsal froze it; nil is the database's clock.
    package let testClock: Instant?
    /// Since when nothing is open to it; nil while it is not blocked.
    package let blockedSince: Instant?
    /// When the block ends by itself; nil until it is lifted.
    package let blockedUntil: Instant?
    /// In the order in which they were made; `first` takes the earliest that entitles.
    package var subscriptions: [Subscription]
    /// The grants for all of its users, the newest first.
    package let grants: [Grant]
    /// How much of each `level` feature is in use.
    package var levels: [String: Int64]
    /// How many of each `seats` feature are assigned.
    package var seats: [String: Int64]
    /// What was bought or given beside the plan, of all metered features.
    package let credits: [MeterTerms.Credit]
    package let calendar: AccountCalendar
    /// What the app keeps with the account, as JSON: what flags go by, never what decides access.
    ///
    /// Text, since few checks ask for it, and a decoded object takes several times the room.
    package let attributes: String?

    package init(
        id: String,
        revision: Int64,
        changedAt: Instant = Instant(microseconds: 0),
        testClock: Instant? = nil,
        blockedSince: Instant? = nil,
        blockedUntil: Instant? = nil,
        subscriptions: [Subscription] = [],
        grants: [Grant] = [],
        levels: [String: Int64] = [:],
        seats: [String: Int64] = [:],
        credits: [MeterTerms.Credit] = [],
        calendar: AccountCalendar = .utc,
        attributes: String? = nil
    ) {
        self.id = id
        self.revision = revision
        self.changedAt = changedAt
        self.testClock = testClock
        self.blockedSince = blockedSince
        self.blockedUntil = blockedUntil
        self.subscriptions = subscriptions
        self.grants = grants.inRank
        self.levels = levels
        self.seats = seats
        self.credits = credits
        self.calendar = calendar
        self.attributes = attributes
    }

    /// The account with a subscription in the place of the one of the same id.
    package func replacing(_ subscription: Subscription) -> Account {
        var account = self
        account.subscriptions = subscriptions.map { $0.id == subscription.id ? subscription : $0 }
        return account
    }
}

/// One signed-in device of one user of one account, with what is that user's own.
package struct Session: Sendable, Hashable {
    package let id: String
    package let account: String
    package let user: String
    package let createdAt: Instant
    package let expiresAt: Instant
    package let revokedAt: Instant?
    /// The grants for this session, then those for its user, the newest first.
    package let grants: [Grant]
    /// The `seats` features of which its user has a seat.
    package let seats: [String]
    /// The device as the app named it when the session began, as JSON; see `Account.attributes`.
    package let device: String?

    package init(
        id: String,
        account: String,
        user: String,
        createdAt: Instant,
        expiresAt: Instant,
        revokedAt: Instant? = nil,
        grants: [Grant] = [],
        seats: [String] = [],
        device: String? = nil
    ) {
        self.id = id
        self.account = account
        self.user = user
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.revokedAt = revokedAt
        self.grants = grants.inRank
        self.seats = seats
        self.device = device
    }
}
