import Entitlements
import Foundation
import Testing

@testable import Webhooks

/// What the suites share: the shipped Stripe source, recorded payloads, and small makers.
enum Fixture {
    static let secret = "whsec_test_entitlements"
    static let apiKey = "rk_live_very_secret"
    static let folder = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appending(path: "webhooks")

    /// 2026-11-01T00:00:00Z: when the documented payloads' subscriptions began; and a month on.
    static let start = second(1_793_491_200)
    static let end = second(1_796_083_200)

    /// The reference's signed body: made at 1,700,000,000 under `secret`.
    static let signedBody = Array(
        """
        {"id":"evt_1Test","object":"event","api_version":"2025-03-31.basil","created":1700000000,\
        "type":"customer.subscription.updated","data":{"object":{"id":"sub_1Test",\
        "object":"subscription","status":"active"}}}
        """
        .utf8
    )
    static let signature = "8bf330b8ff2da33218cd49c42d40d8b5d2108c105eb7afe97678a9349614d72f"

    static func second(_ count: Int64) -> Instant {
        Instant(microseconds: count * 1_000_000)
    }

    static func text(_ path: String) throws -> String {
        try String(contentsOf: folder.appending(path: path), encoding: .utf8)
    }

    static func payload(_ name: String) throws -> [UInt8] {
        Array(try Data(contentsOf: folder.appending(path: "payloads/stripe/\(name).json")))
    }

    static func json(_ name: String) throws -> JSON {
        try JSON(parsing: payload(name))
    }

    /// The shipped source with its secret and key set; `adding` goes to the end of the file, and
    /// `edits` are texts of it with what takes their place.
    static func stripe(
        secrets: String? = secret,
        apiKey: String? = apiKey,
        base: String? = nil,
        adding lines: String = "",
        edits: [String: String] = [:]
    ) throws -> Source {
        var yaml = try text("stripe.yaml") + lines
        for (old, new) in edits {
            try #require(yaml.contains(old))
            yaml = yaml.replacing(old, with: new)
        }
        let environment = [
            "USHER_STRIPE_WEBHOOK_SECRET": secrets, "USHER_STRIPE_API_KEY": apiKey,
            "USHER_STRIPE_API_BASE": base, "USHER_STRIPE_ACCOUNT": "acct_1Ours",
        ]
        let definition = try SourceDefinition.parse(file: "webhooks/stripe.yaml", yaml: yaml)
        return try Source(definition: definition) { environment[$0] ?? nil }
    }

    /// A source with an `auth` and an `event` of its own, and the rest as short as it can be.
    static func source(auth: String, event: String = plainEvent, secrets: String) throws -> Source {
        let yaml = "source: other\nsecrets: $SECRETS\napi_key: $KEY\n\(auth)\n\(event)\n\(rest)"
        let definition = try SourceDefinition.parse(file: "other.yaml", yaml: yaml)
        return try Source(definition: definition) { ["SECRETS": secrets, "KEY": apiKey][$0] }
    }

    static let plainEvent = "event: { id: /id, type: /type }"

    static let rest = """
        base: https://api.example.org
        subjects: { types: "*", look: { subscription: [/uuid, /data/id, /id] } }
        callback:
          auth: basic
          fetch: { subscription: { path: "/subscriptions/uuid-{id}", gives: subscription } }
        map:
          id: /uuid
          customer: /account/code
          status: /state
          items: { id: /uuid, prices: /plan/code, quantity: /quantity }
          time_unit: rfc3339
          period_end: /current_period_ends_at
        status: { words: { active: active, canceled: { as: active, until: period_end } } }
        """

    static func headers(_ headers: [String: String]) -> (String) -> [String] {
        { name in
            headers.filter { $0.key.lowercased() == name.lowercased() }.map(\.value)
        }
    }
}

extension JSON {
    /// The value with a member changed, or taken away; the way is a pointer.
    func with(_ pointer: String, _ value: JSON?) -> JSON {
        change(pointer.split(separator: "/").map(String.init)[...], value)
    }

    private func change(_ way: ArraySlice<String>, _ value: JSON?) -> JSON {
        guard let step = way.first else { return value ?? .null }
        switch self {
        case .object(var members):
            if way.count == 1 {
                members[step] = value
            } else {
                members[step] = members[step]?.change(way.dropFirst(), value)
            }
            return .object(members)
        case .array(var values):
            if let index = Int(step), values.indices.contains(index) {
                values[index] = values[index].change(way.dropFirst(), value)
            }
            return .array(values)
        default: return self
        }
    }

    var bytes: [UInt8] {
        var bytes: [UInt8] = []
        write(into: &bytes)
        return bytes
    }
}
