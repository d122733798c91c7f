/// An account's hold on a plan or an add-on.
///
/// What merely follows from time is in it as intervals and instants, never as a job: a pause, a
/// change that waits, the end of a trial or of a grace.
package struct Subscription: Sendable, Hashable {
    package enum Status: String, Sendable, CaseIterable {
        case scheduled, incomplete
        case incompleteExpired = "incomplete_expired"
        case trialing, active
        case pastDue = "past_due"
        case unpaid, paused, canceled
    }

    /// A span without access, after which the subscription goes on as it was.
    package struct Pause: Sendable, Hashable {
        package var from: Instant
        /// Nil until it is resumed.
        package var until: Instant?
        package init(from: Instant, until: Instant? = nil) {
            self.from = from
            self.until = until
        }
    }

    /// A plan change that waits for its instant; nothing runs then.
    package struct PlanChange: Sendable, Hashable {
        package var plan: String
        /// The version to hold then; nil follows the plan.
        package var version: Int?
        package var at: Instant
        package init(plan: String, version: Int? = nil, at: Instant) {
            self.plan = plan
            self.version = version
            self.at = at
        }
    }

    /// A change of quantity that waits for its instant, beside any plan change.
    package struct QuantityChange: Sendable, Hashable {
        package var quantity: Int64
        package var at: Instant
        package init(quantity: Int64, at: Instant) {
            self.quantity = quantity
            self.at = at
        }
    }

    package let id: String
    package var plan: String
    /// The version it was bought at, when it does not follow the plan (`--grandfather`).
    package var version: Int?
    package var status: Status
    package var quantity: Int64
    package var startsAt: Instant?
    /// When the trial began; nil counts as ever since.
    package var trialStart: Instant?
    package var trialEnd: Instant?
    /// What follows the trial where nobody has given a means to pay; nil is what the plan says.
    package var trialAtEnd: TrialEnding?
    /// Whether the provider can collect: a trial then turns into a payment that is due.
    package var hasPaymentMethod: Bool
    package var periodStart: Instant?
    package var periodEnd: Instant?
    /// From where quotas that go by the billing count their periods; nil counts from the making of
    /// the account.
    package var quotaAnchor: Instant?
    /// Since when the account has it; nil where that is not known.
    package var heldSince: Instant?
    package var pastDueSince: Instant?
    /// When it will end by itself; nil while it renews.
    package var cancelAt: Instant?
    /// When it ended; set when the status is `canceled`.
    package var endedAt: Instant?
    package var pause: Pause?
    package var planChange: PlanChange?
    package var quantityChange: QuantityChange?

    package init(
        id: String,
        plan: String,
        version: Int? = nil,
        status: Status,
        quantity: Int64 = 1,
        startsAt: Instant? = nil,
        trialStart: Instant? = nil,
        trialEnd: Instant? = nil,
        trialAtEnd: TrialEnding? = nil,
        hasPaymentMethod: Bool = false,
        periodStart: Instant? = nil,
        periodEnd: Instant? = nil,
        quotaAnchor: Instant? = nil,
        heldSince: Instant? = nil,
        pastDueSince: Instant? = nil,
        cancelAt: Instant? = nil,
        endedAt: Instant? = nil,
        pause: Pause? = nil,
        planChange: PlanChange? = nil,
        quantityChange: QuantityChange? = nil
    ) {
        self.id = id
        self.plan = plan
        self.version = version
        self.status = status
        self.quantity = quantity
        self.startsAt = startsAt
        self.trialStart = trialStart
        self.trialEnd = trialEnd
        self.trialAtEnd = trialAtEnd
        self.hasPaymentMethod = hasPaymentMethod
        self.periodStart = periodStart
        self.periodEnd = periodEnd
        self.quotaAnchor = quotaAnchor
        self.heldSince = heldSince
        self.pastDueSince = pastDueSince
        self.cancelAt = cancelAt
        self.endedAt = endedAt
        self.pause = pause
        self.planChange = planChange
        self.quantityChange = quantityChange
    }
}

/// What follows a trial that nobody pays for.
package enum TrialEnding: String, Sendable, CaseIterable {
    /// The subscription is over.
    case cancel
    /// The subscription waits, without access, until somebody resumes it.
    case pause
    /// The plan that the trial's plan names takes its place.
    case fallback
}
