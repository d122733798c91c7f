import Crypto
import Entitlements

/// An event as Stripe sends it: a signed pointer at a subscription.
struct StripeEvent: Sendable {
    let id: String
    let type: String
    let subscription: String
    let customer: String?
    /// What the event claims about the subscription, which Usher must not believe.
    var status: String?

    /// The call that delivers the event.
    ///
    /// The source names the service's endpoint; the secret is that endpoint's whole one, `whsec_`
    /// included. The service refuses what was signed more than five minutes from its own time.
    func request(to source: String, signedWith secret: String, at instant: Instant) -> APIRequest {
        let seconds = instant.microseconds / 1_000_000
        let body = Array(json(created: seconds).description.utf8)
        return APIRequest(
            method: "POST",
            path: ["webhooks", source],
            body: .signed(body),
            headers: [
                ("Stripe-Signature", Self.signature(of: body, secret: secret, seconds: seconds))
            ],
            isAuthenticated: false
        )
    }

    /// Stripe's scheme: HMAC-SHA256 over `<seconds>.<body>`, keyed by the secret as it is written.
    static func signature(of body: [UInt8], secret: String, seconds: Int64) -> String {
        let signed = Array("\(seconds).".utf8) + body
        let key = SymmetricKey(data: Array(secret.utf8))
        let code = HMAC<SHA256>.authenticationCode(for: signed, using: key)
        let digits = Array("0123456789abcdef".utf8)
        let hex = code.flatMap { [digits[Int($0 >> 4)], digits[Int($0 & 0xF)]] }
        return "t=\(seconds),v1=\(String(decoding: hex, as: UTF8.self))"
    }

    private func json(created: Int64) -> JSON {
        var object: [String: JSON] = ["id": .string(subscription), "object": "subscription"]
        object.set("customer", customer)
        object.set("status", status)
        return [
            "id": .string(id), "object": "event", "type": .string(type), "livemode": false,
            "created": .integer(created), "data": ["object": .object(object)],
        ]
    }
}

extension StripeEvent {
    /// The variable in which the service finds a source's signing secrets.
    static func secretVariable(for source: String) -> String {
        "USHER_\(String(source.uppercased().map { $0.isLetter || $0.isNumber ? $0 : "_" }))"
            + "_WEBHOOK_SECRET"
    }

    /// The first of the secrets that the environment holds for a source.
    static func configuredSecret(for source: String) -> String? {
        ProcessEnvironment.value(secretVariable(for: source))?
            .split(separator: ",").first
            .map { String($0.filter { !$0.isWhitespace }) }
    }
}

/// Names that no other run uses.
enum Unique {
    static func name(_ stem: String) -> String {
        let digits = Array("0123456789abcdefghjkmnpqrstvwxyz")
        return stem + String((0..<12).map { _ in digits[Int.random(in: digits.indices)] })
    }
}
