import Entitlements

/// A subscription as Stripe's API shows it since `2025-03-31.basil`, as far as anybody reads it.
struct StripeSubscription: Sendable {
    enum Status: String, Sendable { case active, canceled }

    let id: String
    let customer: String
    let price: String
    var status: Status
    /// When it began; Stripe counts seconds.
    let startedAt: Instant
    var endedAt: Instant?

    var json: JSON {
        let start = JSON.integer(startedAt.microseconds / 1_000_000)
        let end = endedAt.map { JSON.integer($0.microseconds / 1_000_000) } ?? .null
        return [
            "id": .string(id), "object": "subscription", "customer": .string(customer),
            "status": .string(status.rawValue), "livemode": false, "created": start,
            "start_date": start, "cancel_at": .null, "cancel_at_period_end": false,
            "canceled_at": end, "ended_at": end, "trial_start": .null, "trial_end": .null,
            "pause_collection": .null, "schedule": .null, "pending_update": .null,
            "latest_invoice": .null, "metadata": [:],
            "items": ["object": "list", "has_more": false, "total_count": 1, "data": [item]],
        ]
    }

    private var item: JSON {
        let periodEnd = startedAt + .seconds(30 * 86_400)
        return [
            "id": .string("si_\(id)"), "object": "subscription_item", "quantity": 1,
            "subscription": .string(id),
            "current_period_start": .integer(startedAt.microseconds / 1_000_000),
            "current_period_end": .integer(periodEnd.microseconds / 1_000_000),
            "price": [
                "id": .string(price), "object": "price", "active": true, "lookup_key": .null,
                "product": "prod_demo",
            ],
        ]
    }
}
