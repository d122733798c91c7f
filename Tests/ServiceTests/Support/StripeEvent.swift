import Crypto
import Entitlements
import Foundation

/// A Stripe event about one object, and its signature.
struct StripeEvent: Sendable {
    var id: String
    var type = "customer.subscription.updated"
    /// The object of the event; of it only the id is ever used.
    var object: JSON
    var livemode = true

    static let secret = "whsec_test_entitlements"

    /// An event that points at a subscription.
    ///
    /// Whatever else its body says is a lie, which must not matter.
    init(_ id: String, about subscription: String = "sub_1") {
        self.id = id
        object = [
            "id": .string(subscription), "object": "subscription", "status": "a lie",
            "customer": "cus_of_another",
        ]
    }

    init(_ id: String, type: String, object: JSON) {
        self.id = id
        self.type = type
        self.object = object
    }

    var body: [UInt8] {
        let json: JSON = [
            "id": .string(id), "object": "event", "api_version": "2026-10-28.endive",
            "created": 1_793_491_260, "type": .string(type), "livemode": .bool(livemode),
            "pending_webhooks": 1, "data": ["object": object],
        ]
        return Array(json.description.utf8)
    }

    /// The value of `Stripe-Signature` for a body.
    static func signature(
        of body: [UInt8],
        secret: String = secret,
        at seconds: Int64 = Int64(Date.now.timeIntervalSince1970)
    ) -> String {
        let key = SymmetricKey(data: Array(secret.utf8))
        let message = Array("\(seconds).".utf8) + body
        let code = HMAC<SHA256>.authenticationCode(for: message, using: key)
        let digits = code.map { byte in
            let text = String(byte, radix: 16)
            return text.utf8.count == 1 ? "0\(text)" : text
        }
        return "t=\(seconds),v1=\(digits.joined())"
    }
}
