package import Entitlements

/// A subscription as the provider has it now, in our words.
package struct ProviderSubscription: Sendable, Hashable {
    /// One thing that was bought.
    package struct Item: Sendable, Hashable {
        package let id: String
        /// What the catalog may know it by, best first: price id, lookup key, product id, plan id.
        package let prices: [String]
        /// 0 gives nothing: the item is there, and makes no subscription of ours.
        package let quantity: Int64

        package init(id: String, prices: [String], quantity: Int64) {
            self.id = id
            self.prices = prices
            self.quantity = quantity
        }
    }

    /// A span without access, after which everything goes on as it was.
    package struct Pause: Sendable, Hashable {
        /// Nil when the provider does not tell: it had begun by the time of the fetch.
        package let from: Instant?
        /// When it ends by itself; nil until somebody resumes it.
        package let until: Instant?

        package init(from: Instant? = nil, until: Instant? = nil) {
            self.from = from
            self.until = until
        }
    }

    /// What the subscription will consist of from an instant on, by the provider's schedule.
    package struct Upcoming: Sendable, Hashable {
        package let at: Instant
        /// What becomes of the present items, each under its own id.
        ///
        /// Another price, another quantity, or neither. A present item that is not here ends at
        /// `at`.
        package let items: [Item]
        /// What begins at `at` beside them.
        ///
        /// It has no id yet: the price id stands for it.
        package let added: [Item]

        package init(at: Instant, items: [Item], added: [Item] = []) {
            self.at = at
            self.items = items
            self.added = added
        }
    }

    package let id: String
    package let customer: String
    package let livemode: Bool?
    package let status: Subscription.Status
    package let items: [Item]
    package var startsAt: Instant?
    package var trialStart: Instant?
    package var trialEnd: Instant?
    /// What follows the trial where nobody has given a means to pay; nil is what the plan says.
    package var trialAtEnd: TrialEnding?
    /// Whether the provider can collect; nil when the answer does not tell.
    package var hasPaymentMethod: Bool?
    package var periodStart: Instant?
    package var periodEnd: Instant?
    /// When the first payment failed that is still owed; nil when the provider does not tell, and
    /// the first fetch that found it past due has to stand for it.
    package var pastDueSince: Instant?
    /// When it will end by itself; nil while it renews.
    package var cancelAt: Instant?
    package var canceledAt: Instant?
    package var endedAt: Instant?
    /// The provider's own words about paused collection, as sent; nil when nothing is paused.
    package var paused: JSON?
    /// The span in which paused collection closes access, where the source's policy says so.
    ///
    /// It may be over already.
    package var pause: Pause?
    /// The next change that waits for its instant; nil when none does, or none before the end.
    package var upcoming: Upcoming?

    package init(
        id: String,
        customer: String,
        livemode: Bool?,
        status: Subscription.Status,
        items: [Item]
    ) {
        self.id = id
        self.customer = customer
        self.livemode = livemode
        self.status = status
        self.items = items
    }
}
