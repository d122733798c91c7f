import Entitlements
import Limits
import Service
import Store

extension SubscriptionContent {
    private static let known: Set<String> = [
        "plan", "status", "quantity", "version", "starts_at", "trial_start", "trial_end",
        "trial_at_end", "payment_method", "period_start", "period_end", "period_anchor",
        "period_every", "period_count", "cancel_at", "ended_at", "past_due_since", "paused_from",
        "paused_until", "change", "quantity_change",
    ]

    /// Reads the body of `PUT /v1/accounts/{account}/subscriptions/{id}`.
    init(id: String, _ body: JSON) throws(Refusal) {
        let fields = try Fields(body, known: Self.known)
        self.init(
            subscription: try Subscription(id: id, fields),
            periodAnchor: try fields.instant("period_anchor"),
            periodUnit: try (fields.word("period_every") as PeriodInterval.Unit?)?.rawValue,
            periodCount: try fields.integer("period_count", in: 1...Limits.periodCount)
                .map(Int.init)
        )
    }
}

extension Subscription {
    fileprivate init(id: String, _ fields: Fields) throws(Refusal) {
        self.init(
            id: id,
            plan: try fields.required("plan", fields.name),
            version: try fields.version(),
            status: try fields.word("status") ?? .active,
            quantity: try fields.quantity() ?? 1,
            startsAt: try fields.instant("starts_at"),
            trialStart: try fields.instant("trial_start"),
            trialEnd: try fields.instant("trial_end"),
            trialAtEnd: try fields.word("trial_at_end"),
            hasPaymentMethod: try fields.bool("payment_method") ?? false,
            periodStart: try fields.instant("period_start"),
            periodEnd: try fields.instant("period_end"),
            pastDueSince: try fields.instant("past_due_since"),
            cancelAt: try fields.instant("cancel_at"),
            endedAt: try fields.instant("ended_at"),
            pause: try Pause(fields),
            planChange: try PlanChange(fields),
            quantityChange: try QuantityChange(fields)
        )
    }
}

extension Subscription.Pause {
    fileprivate init?(_ fields: Fields) throws(Refusal) {
        let until = try fields.instant("paused_until")
        guard let from = try fields.instant("paused_from") else {
            guard until == nil else { throw Refusal.missing("paused_from", beside: "paused_until") }
            return nil
        }
        self.init(from: from, until: until)
    }
}

extension Subscription.PlanChange {
    fileprivate init?(_ fields: Fields) throws(Refusal) {
        guard let change = try fields.object("change") else { return nil }
        let parts = try Fields(
            .object(change),
            known: ["plan", "version", "at"],
            path: "change"
        )
        self.init(
            plan: try parts.required("plan", parts.name),
            version: try parts.version(),
            at: try parts.required("at", parts.instant)
        )
    }
}

extension Subscription.QuantityChange {
    fileprivate init?(_ fields: Fields) throws(Refusal) {
        guard let change = try fields.object("quantity_change") else { return nil }
        let parts = try Fields(
            .object(change),
            known: ["quantity", "at"],
            path: "quantity_change"
        )
        let quantity = try parts.required("quantity") { _ throws(Refusal) in
            try parts.quantity()
        }
        self.init(quantity: quantity, at: try parts.required("at", parts.instant))
    }
}

extension Fields {
    func version() throws(Refusal) -> Int? {
        try integer("version", in: 1...Int64(Int32.max)).map(Int.init)
    }

    func quantity() throws(Refusal) -> Int64? {
        try integer("quantity", in: 1...Limits.quantity)
    }
}

extension SubscriptionView {
    /// The subscription as management calls show it: as it is kept, with what it comes to by now.
    var json: JSON {
        let held = record.subscription
        let members: [String: JSON] = [
            "id": .string(held.id),
            "account": .string(record.account),
            "plan": .string(held.plan),
            "status": .string(held.status.rawValue),
            "quantity": .integer(held.quantity),
            "version": JSON(version: held.version),
            "change": held.planChange?.json ?? .null,
            "quantity_change": held.quantityChange?.json ?? .null,
            "effective": effective.json,
            "source": .string(record.source),
            "created_at": JSON(record.createdAt),
            "revision": .integer(revision),
        ]
        return .object(members.merging(held.dates) { $1 }.merging(periods) { $1 })
    }

    private var periods: [String: JSON] {
        [
            "period_start": JSON(record.subscription.periodStart),
            "period_end": JSON(record.subscription.periodEnd),
            "period_anchor": JSON(record.periodAnchor),
            "period_every": JSON(record.periodUnit),
            "period_count": JSON(version: record.periodCount),
            "period": period.map { ["start": JSON($0.start), "end": JSON($0.end)] } ?? .null,
        ]
    }
}

extension Subscription {
    fileprivate var dates: [String: JSON] {
        [
            "starts_at": JSON(startsAt),
            "trial_start": JSON(trialStart),
            "trial_end": JSON(trialEnd),
            "trial_at_end": JSON(trialAtEnd?.rawValue),
            "payment_method": .bool(hasPaymentMethod),
            "cancel_at": JSON(cancelAt),
            "ended_at": JSON(endedAt),
            "past_due_since": JSON(pastDueSince),
            "paused_from": JSON(pause?.from),
            "paused_until": JSON(pause?.until),
        ]
    }
}

extension Subscription.PlanChange {
    fileprivate var json: JSON {
        ["plan": .string(plan), "version": JSON(version: version), "at": JSON(at)]
    }
}

extension Subscription.QuantityChange {
    fileprivate var json: JSON { ["quantity": .integer(quantity), "at": JSON(at)] }
}

extension Subscription.State {
    fileprivate var json: JSON {
        [
            "plan": .string(plan),
            "version": JSON(version: version),
            "quantity": .integer(quantity),
            "access": .string(access.rawValue),
        ]
    }
}

extension TrialUse {
    var json: JSON {
        [
            "family": .string(family),
            "subscription": .string(subscription),
            "started_at": JSON(startedAt),
        ]
    }
}

extension JSON {
    fileprivate init(version number: Int?) {
        self = number.map { .integer(Int64($0)) } ?? .null
    }
}
