import Entitlements

/// A subscription in the shape of Stripe's `2026-10-28.endive`: periods stand on the items.
struct StripeSubscription: Sendable, Equatable {
    struct Item: Sendable, Equatable {
        var id = "si_1"
        var price = "price_pro"
        var quantity: Int64 = 1
    }

    var id = "sub_1"
    var customer = "cus_acme"
    var status = "active"
    var items = [Item()]
    var trialEnd: Instant?
    var endedAt: Instant?
    var livemode = true

    /// 2026-11-01 and a month on, at which the items' period begins and ends.
    static let start: Int64 = 1_793_491_200
    static let end: Int64 = 4_102_444_800

    func with(status: String) -> StripeSubscription {
        var changed = self
        changed.status = status
        return changed
    }

    var json: JSON {
        [
            "id": .string(id), "object": "subscription", "customer": .string(customer),
            "status": .string(status), "livemode": .bool(livemode),
            "start_date": .integer(Self.start), "cancel_at": .null,
            "cancel_at_period_end": false, "canceled_at": .null, "pause_collection": .null,
            "trial_start": .null, "trial_end": Self.seconds(trialEnd),
            "ended_at": Self.seconds(endedAt), "schedule": .null, "metadata": .object([:]),
            "items": [
                "object": "list", "has_more": false, "data": .array(items.map(\.json)),
            ],
        ]
    }

    private static func seconds(_ instant: Instant?) -> JSON {
        instant.map { .integer($0.microseconds / 1_000_000) } ?? .null
    }
}

extension StripeSubscription.Item {
    fileprivate var json: JSON {
        [
            "id": .string(id), "object": "subscription_item", "quantity": .integer(quantity),
            "current_period_start": .integer(StripeSubscription.start),
            "current_period_end": .integer(StripeSubscription.end),
            "price": [
                "id": .string(price), "object": "price", "product": .string("prod_" + price),
                "lookup_key": .null,
            ],
        ]
    }
}
