import Entitlements

/// Where a provider's subscription keeps what we need.
struct SubscriptionMap: Sendable, Hashable {
    struct Items: Sendable, Hashable {
        /// Where the list of items stands; nil when the subscription is its own only item.
        let list: String?
        /// A flag that is true while the list is cut short; nil when it never is.
        let more: String?
        let id: Pointers
        let prices: Pointers
        let quantity: Pointers?
        let periodStart: Pointers?
        let periodEnd: Pointers?
    }

    /// How a subscription shows that the provider can collect.
    struct PaymentMethod: Sendable, Hashable {
        /// Where one may stand, as an id or as an object.
        let places: Pointers
        /// What does as well: to be sent invoices, for one.
        let alternative: Condition?
    }

    /// What the provider does where a trial ends and nobody has given a means to pay.
    struct TrialAtEnd: Sendable, Hashable {
        enum Word: String, Sendable, CaseIterable {
            case cancel, pause, fallback
            /// The provider leaves it open: our plan says.
            case plan
        }

        let place: Pointers
        let words: [String: Word]
    }

    let id: Pointers
    let customer: Pointers
    let livemode: Pointers?
    let status: Pointers
    let items: Items
    let timeUnit: TimeUnit
    /// The moments that are read as they stand.
    let moments: [Moment: Pointers]
    let cancelAtPeriodEnd: Pointers?
    let paused: Pointers?
    let paymentMethod: PaymentMethod?
    let trialAtEnd: TrialAtEnd?
    let schedule: ScheduleMap?

    enum Moment: String, Sendable, CaseIterable {
        case startsAt = "starts_at"
        case trialStart = "trial_start"
        case trialEnd = "trial_end"
        case periodStart = "period_start"
        case periodEnd = "period_end"
        case pastDueSince = "past_due_since"
        case cancelAt = "cancel_at"
        case canceledAt = "canceled_at"
        case endedAt = "ended_at"
        case pausedFrom = "paused_from"
        case pausedUntil = "paused_until"
    }
}

/// What a provider's status words mean; one that is not here neither grants nor revokes.
struct StatusPolicy: Sendable, Hashable {
    struct Meaning: Sendable, Hashable {
        let status: Subscription.Status
        /// Whether it ends with the period: the word alone says so, as Recurly's `canceled`.
        let endsWithPeriod: Bool
    }

    /// What an active subscription counts as while its collection is paused.
    enum PausedCollection: String, Sendable, CaseIterable { case active, paused }

    let words: [String: Meaning]
    let pausedCollection: PausedCollection
}
