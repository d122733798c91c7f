import Entitlements
import Limits
import TestSupport
import Testing

@testable import API
@testable import Service

/// Credits over HTTP: what is answered, what is refused, and in which words.
@Suite(.database, .timeLimit(.minutes(2))) struct `A call about a credit` {
    private static let path = "/v1/accounts/acme/credits"
    private static let later: JSON = "2100-01-01T00:00:00Z"

    private static func credit(_ changes: [String: JSON] = [:]) -> JSON {
        let whole: [String: JSON] = ["feature": "api_calls", "amount": 500, "reason": "x"]
        return .object(whole.merging(changes) { $1 })
    }

    private static func row(
        _ method: String,
        _ path: String,
        _ body: JSON,
        _ code: Refusal.Code,
        _ field: String
    ) -> Mistake {
        Mistake(method, "/v1/accounts/\(path)", body, code, field)
    }

    private static func made(
        _ changes: [String: JSON],
        _ code: Refusal.Code,
        _ field: String
    ) -> Mistake {
        row("POST", "acme/credits", credit(changes), code, field)
    }

    private static let inputs = [
        made(["feature": .null], .invalidField, "feature"),
        made(["feature": "a b"], .invalidName, "feature"),
        made(["feature": "nope"], .unknownFeature, "feature"),
        made(["feature": "storage"], .invalidField, "feature"),
        made(["amount": .null], .invalidField, "amount"),
        made(["amount": 0], .invalidField, "amount"),
        made(["amount": -1], .invalidField, "amount"),
        made(["amount": 1.5], .invalidField, "amount"),
        made(["amount": 1e30], .invalidField, "amount"),
        made(["amount": "5"], .invalidField, "amount"),
        made(["amount": "unlimited"], .invalidField, "amount"),
        made(["reason": .null], .invalidField, "reason"),
        made(["reason": ""], .invalidField, "reason"),
        made(["reason": "a\0b"], .invalidField, "reason"),
        made(["left": 5], .unknownField, "left"),
        made(["priority": 256], .invalidField, "priority"),
        made(["priority": -1], .invalidField, "priority"),
        made(["promotional": 1], .invalidField, "promotional"),
        made(["pending": "yes"], .invalidField, "pending"),
        made(["from": "now"], .invalidField, "from"),
        made(["to": "2026-02-30T00:00:00Z"], .invalidField, "to"),
        made(["to": "2020-01-01T00:00:00Z"], .invalidField, "to"),
        made(["from": later, "to": later], .invalidField, "to"),
        made(["to": later, "ttl_seconds": 60], .invalidField, "ttl_seconds"),
        made(["ttl_seconds": 0], .invalidField, "ttl_seconds"),
        made(["ttl_seconds": .integer(Limits.grantSeconds + 1)], .invalidField, "ttl_seconds"),
        made(
            ["from": "9999-12-31T23:59:59Z", "ttl_seconds": 60],
            .invalidField,
            "ttl_seconds"
        ),
        made(["every": "quarter"], .invalidField, "every"),
        made(["every": true], .invalidField, "every"),
        made(["count": 2], .missingField, "every"),
        made(["every": "month", "count": 0], .invalidField, "count"),
        made(["every": "month", "count": 1_001], .invalidField, "count"),
        made(["rollover": 5], .invalidField, "rollover"),
        made(["rollover": ["most": 5]], .unknownField, "rollover.most"),
        made(["rollover": ["min": -1]], .invalidField, "rollover.min"),
        made(["rollover": ["max": 1.5]], .invalidField, "rollover.max"),
        made(["rollover": ["max": 501]], .invalidField, "rollover.max"),
        made(["rollover": ["min": 501]], .invalidField, "rollover.min"),
        made(["rollover": ["min": 3, "max": 2]], .invalidField, "rollover.min"),
        made(["every": "day", "rollover": ["min": 1]], .invalidField, "rollover.min"),
        row("POST", "acme/credits", [], .invalidField, "body"),
        row("POST", "acme/credits", ["amount": 5, "reason": "x"], .missingField, "feature"),
        row("POST", "acme/credits", ["feature": "api_calls"], .missingField, "amount"),
    ]

    private static let none = "crd_00000000000000000000000000_acme"
    private static let places = [
        row("POST", "none/credits", credit(), .unknownAccount, "account"),
        row("GET", "none/credits", .null, .unknownAccount, "account"),
        row("GET", "acme/credits?state=over", .null, .invalidField, "state"),
        row("GET", "acme/credits?feature=a%20b", .null, .invalidName, "feature"),
        row("GET", "acme/credits?cursor=9", .null, .invalidField, "cursor"),
        row("GET", "acme/credits?limit=0", .null, .invalidField, "limit"),
        row("GET", "acme/credits/crd_x", .null, .unknownCredit, "credit"),
        row("GET", "acme/credits/\(none)", .null, .unknownCredit, "credit"),
        row("DELETE", "acme/credits/%00", .null, .unknownCredit, "credit"),
        row("DELETE", "none/credits/crd_x", .null, .unknownCredit, "credit"),
        row("DELETE", "acme/credits/\(none)", .null, .unknownCredit, "credit"),
        row("POST", "acme/credits/\(none)/confirm", .null, .unknownCredit, "credit"),
        row("POST", "acme/credits/\(none)/confirm", ["paid": true], .unknownField, "paid"),
        row("POST", "acme/credits/\(none)/confirm", ["reason": 5], .invalidField, "reason"),
    ]

    @Test func `that makes no sense is refused by field, and changes nothing`() async throws {
        try await Live.run { live in
            _ = try await live.signUp()
            let revision = try await live.send("GET", "/v1/accounts/acme").json["revision"]
            for row in Self.inputs + Self.places {
                let body: JSON? = row.body == .null ? nil : row.body
                let answer = try await live.send(row.method, row.path, body)
                #expect(answer.json["remedy"] != nil || answer.status == 404, "\(row)")
                #expect(answer.code == row.code.rawValue, "\(row): \(answer.text)")
                #expect(answer.json["field"] == .string(row.field), "\(row): \(answer.text)")
                try Shape.expectProblem(answer, row.code.status, row.code)
            }
            #expect(try await live.send("GET", "/v1/accounts/acme").json["revision"] == revision)
        }
    }

    @Test func `answers with the whole credit, from its making to its end`() async throws {
        try await Live.run { live in
            _ = try await live.signUp()
            let body = Self.credit([
                "priority": 7, "promotional": true, "from": "2026-01-01T00:00:00Z",
                "to": Self.later,
                "every": "month", "count": 2, "rollover": ["max": 50], "pending": true,
            ])
            let made = try await live.send("POST", Self.path, body)
            let id = made.json["credit"]?.string ?? ""
            #expect(made.status == 201 && made.json["author"] == "key:bootstrap")
            let revision = try await live.send("GET", "/v1/accounts/acme").json["revision"]
            var expected: [String: JSON] = [
                "credit": .string(id), "account": "acme", "feature": "api_calls", "amount": 500,
                "left": 0, "priority": 7, "promotional": true, "from": "2026-01-01T00:00:00.000Z",
                "to": "2100-01-01T00:00:00.000Z", "every": "month", "count": 2,
                "rollover": ["min": 0, "max": 50], "pending": true, "state": "pending",
                "reason": "x", "voided_at": .null,
            ]
            for key in ["author", "created_at"] { expected[key] = made.json[key] }
            expected["revision"] = revision
            #expect(made.json == .object(expected))
            #expect(try await live.send("GET", "\(Self.path)/\(id)").json == made.json)
            let listed = try await live.send("GET", "\(Self.path)?state=pending&feature=api_calls")
            #expect(listed.json["items"] == [made.json] && listed.json["next_cursor"] == .null)
            let paid = try await live.send("POST", "\(Self.path)/\(id)/confirm")
            #expect(paid.status == 200 && paid.json["state"] == "active")
            #expect(paid.json["pending"] == false)
            let voided = try await live.send("DELETE", "\(Self.path)/\(id)")
            #expect(voided.status == 200 && voided.json["state"] == "voided")
            #expect(voided.json["voided_at"]?.string != nil)
            #expect(try await live.send("DELETE", "\(Self.path)/\(id)").json == voided.json)
        }
    }

    @Test func `under an Idempotency-Key counts once`() async throws {
        try await Live.run { live in
            _ = try await live.signUp()
            let body = Self.credit(["pending": true])
            let request = RawRequest("POST", Self.path, body).with("Idempotency-Key", "same")
            let first = try await live.send(request)
            #expect(try await live.send(request).body == first.body && first.status == 201)
            let id = first.json["credit"]?.string ?? ""
            let confirm = RawRequest("POST", "\(Self.path)/\(id)/confirm", ["reason": "paid"])
                .with("Idempotency-Key", "same")
            let paid = try await live.send(confirm)
            #expect(paid.json["state"] == "active")
            _ = try await live.send("DELETE", "\(Self.path)/\(id)")
            #expect(try await live.send(confirm).body == paid.body)
            let other = RawRequest("POST", Self.path, Self.credit(["amount": 501]))
                .with("Idempotency-Key", "same")
            try Shape.expectProblem(try await live.send(other), 422, .idempotencyKeyReused)
            let items = try await live.send("GET", Self.path).json["items"]?.array
            #expect(items?.count == 1)
        }
    }

    @Test func `names its reason in the change log`() async throws {
        try await Live.run { live in
            _ = try await live.signUp()
            let body = Self.credit(["reason": "bought", "pending": true])
            let id = try await live.send("POST", Self.path, body).json["credit"]?.string ?? ""
            _ = try await live.send("POST", "\(Self.path)/\(id)/confirm", ["reason": "paid"])
            _ = try await live.send("DELETE", "\(Self.path)/\(id)?reason=disputed")
            let changes = try await live.send("GET", "/v1/accounts/acme/changes").json["items"]
            let told = (changes?.array ?? []).compactMap { $0["reason"]?.string }
            #expect(told == ["bought", "paid", "disputed"])
            let credit = try await live.send("GET", "\(Self.path)/\(id)").json
            #expect(credit["reason"] == "bought")
            // It is too late to pay it once more for something else.
            let late = try await live.send("POST", "\(Self.path)/\(id)/confirm")
            #expect(late.json["state"] == "voided")
        }
    }
}
