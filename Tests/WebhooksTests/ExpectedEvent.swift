import Testing

@testable import Webhooks

/// A recorded body, and the event that it must be read as.
struct ExpectedEvent: Sendable, CustomTestStringConvertible {
    let payload: String
    let key: String
    let type: String
    let subject: Subject?
    let ignored: String?

    var testDescription: String { payload }

    init(_ payload: String, _ key: String, _ type: String, _ kind: Subject.Kind, _ id: String) {
        self.init(payload, key, type, Subject(kind: kind, id: id), ignored: nil)
    }

    init(_ payload: String, _ key: String, _ type: String, ignored: String) {
        self.init(payload, key, type, nil, ignored: ignored)
    }

    private init(
        _ payload: String,
        _ key: String,
        _ type: String,
        _ subject: Subject?,
        ignored: String?
    ) {
        self.payload = "event.\(payload)"
        self.key = key
        self.type = type
        self.subject = subject
        self.ignored = ignored
    }

    static let neither =
        "it names neither subscription nor customer; the subscription's own event follows"
    static let all: [ExpectedEvent] = [
        .init(
            "customer.subscription.updated",
            "evt_1Doc",
            "customer.subscription.updated",
            .subscription,
            "sub_1Modern"
        ),
        .init(
            "customer.subscription.deleted",
            "evt_1Doc",
            "customer.subscription.deleted",
            .subscription,
            "sub_1Modern"
        ),
        .init(
            "checkout.session.completed",
            "evt_1Doc",
            "checkout.session.completed",
            .subscription,
            "sub_1Modern"
        ),
        .init(
            "checkout.session.completed.payment",
            "evt_1Doc",
            "checkout.session.completed",
            .customer,
            "cus_Acme"
        ),
        .init(
            "checkout.session.completed.guest",
            "evt_1Doc",
            "checkout.session.completed",
            ignored: "it names no customer or subscription"
        ),
        .init("invoice.paid", "evt_1Doc", "invoice.paid", .subscription, "sub_1Modern"),
        .init(
            "invoice.payment_failed.legacy",
            "evt_1Doc",
            "invoice.payment_failed",
            .subscription,
            "sub_1Modern"
        ),
        .init("invoice.paid.one_off", "evt_1Doc", "invoice.paid", .customer, "cus_Acme"),
        .init(
            "invoice.payment_action_required",
            "evt_1Doc",
            "invoice.payment_action_required",
            .subscription,
            "sub_1Modern"
        ),
        .init(
            "customer.subscription.pending_update_applied",
            "evt_1Doc",
            "customer.subscription.pending_update_applied",
            .subscription,
            "sub_1Modern"
        ),
        .init(
            "subscription_schedule.updated",
            "evt_1Doc",
            "subscription_schedule.updated",
            .subscription,
            "sub_1Modern"
        ),
        .init(
            "subscription_schedule.released",
            "evt_1Doc",
            "subscription_schedule.released",
            .subscription,
            "sub_1Modern"
        ),
        .init(
            "subscription_schedule.created",
            "evt_1Doc",
            "subscription_schedule.created",
            .customer,
            "cus_Acme"
        ),
        .init("customer.updated", "evt_1Doc", "customer.updated", .customer, "cus_Acme"),
        .init("customer.deleted", "evt_1Doc", "customer.deleted", .customer, "cus_Acme"),
        .init(
            "entitlements.active_entitlement_summary.updated",
            "evt_1Doc",
            "entitlements.active_entitlement_summary.updated",
            .customer,
            "cus_Acme"
        ),
        .init("charge.refunded", "evt_1Doc", "charge.refunded", .customer, "cus_Acme"),
        .init(
            "charge.dispute.created",
            "evt_1Doc",
            "charge.dispute.created",
            ignored: "it names no customer"
        ),
        .init(
            "product.updated",
            "evt_1Doc",
            "product.updated",
            ignored: "what is sold is described in plans/, not at Stripe"
        ),
        .init(
            "payout.paid",
            "evt_1Doc",
            "payout.paid",
            ignored: "no rule names the type payout.paid"
        ),
        .init(
            "connected_account",
            "evt_1Doc",
            "customer.subscription.updated",
            ignored: "it is about another account than this source's"
        ),
        .init(
            "thin.customer.subscription.past_due",
            "evt_1Thin",
            "v1.customer.subscription.past_due",
            .subscription,
            "sub_1Modern"
        ),
        .init("thin.customer.deleted", "evt_1Thin", "v1.customer.deleted", .customer, "cus_Acme"),
        .init("thin.customer.updated", "evt_1Thin", "v1.customer.updated", .customer, "cus_Acme"),
        .init(
            "thin.subscription_schedule.updated",
            "evt_1Thin",
            "v1.subscription_schedule.updated",
            ignored: "it names only the schedule; send subscription_schedule.* as snapshot events"
        ),
        .init("thin.invoice.paid", "evt_1Thin", "v1.invoice.paid", ignored: neither),
        .init(
            "localstripe.customer.subscription.created",
            "evt_p6XPUlMa2OyUlh",
            "customer.subscription.created",
            .subscription,
            "sub_NDoVanlTfZH9lP"
        ),
        .init(
            "localstripe.customer.subscription.deleted",
            "evt_E6cpuB2hHVjC9b",
            "customer.subscription.deleted",
            .subscription,
            "sub_NDoVanlTfZH9lP"
        ),
        .init(
            "localstripe.invoice.payment_succeeded",
            "evt_h7RLo0vbtkXziD",
            "invoice.payment_succeeded",
            .subscription,
            "sub_NDoVanlTfZH9lP"
        ),
        .init(
            "localstripe.payment_intent.succeeded",
            "evt_sUBcuRi4lxr8MB",
            "payment_intent.succeeded",
            ignored: "no rule names the type payment_intent.succeeded"
        ),
        .init(
            "localstripe.customer.deleted",
            "evt_W29X5bmsJJYJwg",
            "customer.deleted",
            .customer,
            "cus_eG9oLO2lGB9iru"
        ),
    ]
}
