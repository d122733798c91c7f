package import Entitlements

/// A subscription as the provider has it now, in our words.
package struct ProviderSubscription: Sendable, Hashable {
    /// One thing that was bought.
    package struct Item: Sendable, Hashable {
        package let id: String
        /// What the catalog may know it by, best first: price id, lookup key, product id, plan id.
        package let prices: [String]
        package let quantity: Int64

        package init(id: String, prices: [String], quantity: Int64) {
            self.id = id
            self.prices = prices
            self.quantity = quantity
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
    package var periodStart: Instant?
    package var periodEnd: Instant?
    /// When it will end by itself; nil while it renews.
    package var cancelAt: Instant?
    package var canceledAt: Instant?
    package var endedAt: Instant?
    /// The provider's own words about paused collection, as sent; nil when nothing is paused.
    package var paused: JSON?

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
