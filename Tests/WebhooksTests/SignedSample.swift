import Entitlements
import Testing

@testable import Webhooks

/// What a provider sends, as the grammar says it, with a signature that was made elsewhere.
struct SignedSample: Sendable, CustomTestStringConvertible {
    let provider: String
    let auth: String
    let secrets: String
    let headers: [String: String]
    let body: String
    /// Whether the signature covers a time.
    var isTimed = true
    var at = Fixture.second(1_700_000_000)

    var testDescription: String { provider }

    static let standardAuth = """
        auth:
          scheme: hmac
          header: webhook-signature
          format: { kind: standard, version: v1 }
          id_header: webhook-id
          timestamp_header: webhook-timestamp
          timestamp_unit: s
          encoding: b64
          signed: "{id}.{ts}.{body}"
          key: whsec_b64
        """
    static let standardSecret = "whsec_AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    static let standardBody = """
        {"type":"entitlement.changed","timestamp":"2023-11-14T22:13:20Z",\
        "data":{"customer":"cus_1","version":7}}
        """

    static func standard(_ signature: String, secrets: String = standardSecret) -> SignedSample {
        SignedSample(
            provider: "Standard Webhooks: \(signature.prefix(20))",
            auth: standardAuth,
            secrets: secrets,
            headers: [
                "webhook-id": "msg_2KWPBgLlAfxdpx2AI54pPJ85f4W",
                "webhook-timestamp": "1700000000", "webhook-signature": signature,
            ],
            body: standardBody
        )
    }

    static let standardGood = "v1,fxbKE6G/O4NzvrMf81tRVFMzZYKUkXcGA0PJJhhQDrc="

    static func polar(_ how: String, _ signature: String) -> SignedSample {
        SignedSample(
            provider: "Polar, \(how)",
            auth: standardAuth.replacing("whsec_b64", with: "either"),
            secrets: standardSecret,
            headers: [
                "webhook-id": "msg_1", "webhook-timestamp": "1700000000",
                "webhook-signature": "v1,\(signature)",
            ],
            body: #"{"type":"customer.state_changed","data":{"id":"c1"}}"#
        )
    }

    static let lemonSqueezyBody = """
        {"meta":{"event_name":"subscription_updated"},\
        "data":{"type":"subscriptions","id":"42"}}
        """

    static let all: [SignedSample] = [
        standard(standardGood),
        standard("v1a,AAAA \(standardGood)"),
        standard("v1,AAAA \(standardGood)"),
        standard(standardGood, secrets: "v1,\(standardSecret)"),
        polar("whole secret as key", "QmmU8hs307fEWpmyjoBQ0yAtgKOhdWvJBX81fjb2jX8="),
        polar("decoded key", "DfXFCdSwpZxo9UAwR4uuDSAOC+qLW4uG72bkS8k3jhQ="),
        SignedSample(
            provider: "Paddle",
            auth: """
                auth:
                  scheme: hmac
                  header: Paddle-Signature
                  format: { kind: kv, separator: ";", timestamp: ts, signature: h1 }
                  timestamp_unit: s
                  encoding: hex
                  signed: "{ts}:{body}"
                  key: utf8
                """,
            secrets: "pdl_ntfset_01_secret",
            headers: [
                "Paddle-Signature":
                    "ts=1700000000;h1="
                    + "d7893f3d58a45f7a1dde4f24360fe5e4fb5942a1711772d0d4fd66c1843dbce1"
            ],
            body: """
                {"event_id":"evt_01","event_type":"subscription.updated",\
                "occurred_at":"2023-11-14T22:13:20.123456Z","notification_id":"ntf_1",\
                "data":{"id":"sub_01"}}
                """
        ),
        SignedSample(
            provider: "Lemon Squeezy",
            auth: """
                auth: { scheme: hmac, header: X-Signature, format: { kind: bare },
                        encoding: hex, signed: "{body}", key: utf8 }
                """,
            secrets: "lemon-secret",
            headers: [
                "X-Signature": "c33992862c2abf28de6a113f79d89d10ed51c392aa40e99f0800fdb70314af17"
            ],
            body:
                lemonSqueezyBody,
            isTimed: false
        ),
        SignedSample(
            provider: "Lago",
            auth: """
                auth: { scheme: hmac, header: X-Lago-Signature, format: { kind: bare },
                        encoding: b64, signed: "{body}", key: utf8 }
                """,
            secrets: "lago-hmac-key",
            headers: ["X-Lago-Signature": "ccsqn8gY0Z7muUvCCy8HNTXMs8WNGPXf+gX2uOkPbc0="],
            body: """
                {"webhook_type":"subscription.started","object_type":"subscription",\
                "subscription":{"lago_id":"l1","external_id":"ext_1"}}
                """,
            isTimed: false
        ),
        SignedSample(
            provider: "Recurly",
            auth: """
                auth: { scheme: hmac, header: recurly-signature,
                        format: { kind: list, separator: ",", first: timestamp },
                        timestamp_unit: ms, encoding: hex, signed: "{ts}.{body}", key: utf8 }
                """,
            secrets: "recurly-secret",
            headers: [
                "recurly-signature":
                    "1700000000123,00,"
                    + "99afc991bdd7a705e5cf4fc00b83bad49ef06bc5103c45e0806e96331fecf527"
            ],
            body: #"{"id":"r1","object_type":"subscription","event_type":"renew","uuid":"u-1"}"#,
            at: Instant(microseconds: 1_700_000_000_123_000)
        ),
        SignedSample(
            provider: "Orb",
            auth: """
                auth: { scheme: hmac, header: X-Orb-Signature,
                        format: { kind: prefix, prefix: "v1=" },
                        timestamp_header: X-Orb-Timestamp, timestamp_unit: rfc3339,
                        encoding: hex, signed: "v1:{ts}:{body}", key: utf8 }
                """,
            secrets: "orb-secret",
            headers: [
                "X-Orb-Timestamp": "2023-11-14T22:13:20Z",
                "X-Orb-Signature":
                    "v1=4be9d343da8e5ca448209786a7d55c403f7878e51a7d69f575995b43ea3bc396",
            ],
            body: #"{"id":"o1","type":"subscription.started"}"#
        ),
        SignedSample(
            provider: "RevenueCat",
            auth: """
                auth: { scheme: hmac, header: X-RevenueCat-Webhook-Signature,
                        format: { kind: kv, separator: ",", timestamp: t, signature: v1 },
                        timestamp_unit: s, encoding: hex, signed: "{ts}.{body}", key: utf8 }
                """,
            secrets: Fixture.secret,
            headers: [
                "X-RevenueCat-Webhook-Signature":
                    "t=1700000000,v1=\(Fixture.signature)"
            ],
            body: String(decoding: Fixture.signedBody, as: UTF8.self)
        ),
        SignedSample(
            provider: "Chargebee",
            auth: "auth: { scheme: basic, weak: true }",
            secrets: "chargebee:pa:ss",
            headers: ["Authorization": "Basic Y2hhcmdlYmVlOnBhOnNz"],
            body: #"{"id":"ev_1","event_type":"subscription_changed"}"#,
            isTimed: false
        ),
        SignedSample(
            provider: "RevenueCat, old",
            auth: "auth: { scheme: static_header, header: Authorization, weak: true }",
            secrets: "other,the-agreed-value",
            headers: ["Authorization": "the-agreed-value"],
            body: #"{"event":{"id":"e1"}}"#,
            isTimed: false
        ),
    ]
}
