import Entitlements
import Testing

@testable import API

/// Customers whose use is counted, and their time.
extension Live {
    private static let counted: JSON = [
        "features.yaml": """
        features:
          calls: { type: metered }
          daily: { type: metered }
          image: { type: metered, pool: credits, cost: 10 }
          credits: { type: metered }
          search: { type: rate }
          sso: { type: boolean }
        """,
        "kit.yaml": """
        plan: kit
        default: true
        entitlements:
          calls: { limit: 100, per: month, reset: calendar, alerts: [80], user_limit: 60 }
          daily: { limit: 10, per: day, reset: calendar }
          image: { limit: 50, per: month }
          search: { limit: 10, per: second }
        """,
    ]

    /// An account whose plan counts, at a time.
    func customer(
        _ account: String = "acme",
        at now: String,
        timezone: String = "UTC"
    ) async throws {
        let catalog = try await send("PUT", "/v1/catalog", ["files": Self.counted])
        #expect(catalog.status == 200, "\(catalog.text)")
        _ = try await send("PUT", "/v1/accounts/\(account)", ["timezone": .string(timezone)])
        try await at(now, account)
    }

    func at(_ now: String, _ account: String = "acme") async throws {
        let path = "/v1/accounts/\(account)/clock"
        let answer = try await send("PUT", path, ["now": .string(now)])
        #expect(answer.status == 200, "\(answer.text)")
    }

    func consume(_ feature: String, _ quantity: Int64, user: String? = nil) async throws {
        var body: [String: JSON] = [
            "account": "acme", "feature": .string(feature), "quantity": .integer(quantity),
        ]
        body["user"] = user.map(JSON.string)
        let answer = try await send("POST", "/v1/consume", .object(body))
        #expect(answer.json["allowed"] == true, "\(answer.text)")
    }

    func event(
        _ feature: String,
        _ id: String,
        time: String? = nil,
        data: JSON? = nil
    ) -> JSON {
        var event: [String: JSON] = [
            "specversion": "1.0", "source": "/tests", "id": .string(id),
            "type": .string(feature), "subject": "acme", "traceparent": "an extension",
        ]
        event["time"] = time.map(JSON.string)
        event["data"] = data
        return .object(event)
    }

    /// What became of events, in words.
    func tell(_ events: JSON..., query: String = "") async throws -> [String] {
        let answer = try await send("POST", "/v1/usage" + query, .array(events))
        #expect(answer.status == 200, "\(answer.text)")
        return (answer.json["items"]?.array ?? [])
            .map { item in
                let field = item["field"]?.string.map { " \($0)" } ?? ""
                return (item["code"]?.string ?? item["status"]?.string ?? "") + field
            }
    }

    func account(_ path: String) async throws -> JSON {
        let answer = try await send("GET", "/v1/accounts/acme/" + path)
        #expect(answer.status == 200, "\(answer.text)")
        return answer.json
    }

    func used(_ feature: String, user: String? = nil) async throws -> Int64? {
        let query = user.map { "?user=" + $0 } ?? ""
        return try await account("meters/" + feature + query)["used"]?.integer
    }
}

extension JSON {
    /// The values of one key of a list's items.
    func column(_ key: String) -> [JSON] { (self["items"]?.array ?? []).map { $0[key] ?? .null } }
}
