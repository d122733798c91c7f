import Entitlements
import Limits
import TestSupport
import Testing

@testable import API
@testable import Service

/// Grants, seats, levels and clocks over HTTP: what is refused, and in which words.
@Suite(.database, .timeLimit(.minutes(2))) struct `A call about a grant, a seat, a level or a clock`
{
    private static func row(
        _ method: String,
        _ path: String,
        _ body: JSON,
        _ code: Refusal.Code,
        _ field: String
    ) -> Mistake {
        Mistake(method, "/v1/accounts/\(path)", body, code, field)
    }

    private static func grant(_ changes: [String: JSON]) -> JSON {
        let whole: [String: JSON] = ["feature": "sso", "effect": "allow", "reason": "x"]
        return .object(whole.merging(changes) { $1 })
    }

    private static func grantRow(
        _ changes: [String: JSON],
        _ code: Refusal.Code,
        _ field: String
    ) -> Mistake {
        row("POST", "acme/grants", grant(changes), code, field)
    }

    private static let later: JSON = "2100-01-01T00:00:00Z"
    private static let stranger = JSON.string("ses_" + String(repeating: "0", count: 26) + "_acme")
    private static let elsewhere = JSON.string(
        "ses_" + String(repeating: "0", count: 26) + "_other"
    )

    private static let grants = [
        grantRow(["feature": .null], .invalidField, "feature"),
        grantRow(["feature": "a b"], .invalidName, "feature"),
        grantRow(["feature": "nope"], .unknownFeature, "feature"),
        grantRow(["effect": .null], .invalidField, "effect"),
        grantRow(["effect": "maybe"], .invalidField, "effect"),
        grantRow(["effect": true], .invalidField, "effect"),
        grantRow(["reason": .null], .invalidField, "reason"),
        grantRow(["reason": ""], .invalidField, "reason"),
        grantRow(["reason": "a\0b"], .invalidField, "reason"),
        grantRow(
            ["reason": .string(String(repeating: "x", count: 1_025))],
            .invalidField,
            "reason"
        ),
        grantRow(["why": "x"], .unknownField, "why"),
        grantRow(["mode": "join"], .invalidField, "mode"),
        grantRow(["value": false], .invalidField, "value"),
        grantRow(["value": 1], .invalidField, "value"),
        grantRow(["value": []], .invalidField, "value"),
        grantRow(["limit": 1], .invalidField, "limit"),
        grantRow(["feature": "report_days"], .missingField, "value"),
        grantRow(["feature": "report_days", "value": "90"], .invalidField, "value"),
        grantRow(["feature": "report_days", "value": 1.5], .invalidField, "value"),
        grantRow(["feature": "report_days", "limit": 9], .invalidField, "limit"),
        grantRow(["feature": "uptime", "value": true], .invalidField, "value"),
        grantRow(["feature": "support", "value": 9], .invalidField, "value"),
        grantRow(["feature": "support", "value": "a\0b"], .invalidField, "value"),
        grantRow(["feature": "api_calls"], .missingField, "limit"),
        grantRow(["feature": "api_calls", "limit": .null], .missingField, "limit"),
        grantRow(["feature": "api_calls", "limit": -1], .invalidField, "limit"),
        grantRow(["feature": "api_calls", "limit": 1.5], .invalidField, "limit"),
        grantRow(["feature": "api_calls", "limit": 1e30], .invalidField, "limit"),
        grantRow(["feature": "api_calls", "limit": "many"], .invalidField, "limit"),
        grantRow(["feature": "api_calls", "limit": "9"], .invalidField, "limit"),
        grantRow(["feature": "api_calls", "value": 9], .invalidField, "value"),
        grantRow(["feature": "seats", "limit": 9, "user": "ann"], .invalidField, "user"),
        grantRow(["effect": "deny", "value": true], .invalidField, "value"),
        grantRow(["effect": "deny", "limit": 1], .invalidField, "limit"),
        grantRow(["effect": "deny", "mode": "replace"], .invalidField, "mode"),
        grantRow(["user": "a b"], .invalidName, "user"),
        grantRow(["session": "nonsense"], .unknownSession, "session"),
        grantRow(["session": stranger], .unknownSession, "session"),
        grantRow(["session": elsewhere], .unknownSession, "session"),
        grantRow(["session": 7], .invalidField, "session"),
        grantRow(["from": "now"], .invalidField, "from"),
        grantRow(["to": "2026-02-30T00:00:00Z"], .invalidField, "to"),
        grantRow(["to": "2020-01-01T00:00:00Z"], .invalidField, "to"),
        grantRow(["from": later, "to": later], .invalidField, "to"),
        grantRow(["to": later, "ttl_seconds": 60], .invalidField, "ttl_seconds"),
        grantRow(["ttl_seconds": 0], .invalidField, "ttl_seconds"),
        grantRow(
            ["ttl_seconds": .integer(Limits.grantSeconds + 1)],
            .invalidField,
            "ttl_seconds"
        ),
        grantRow(
            ["from": "9999-12-31T23:59:59Z", "ttl_seconds": 60],
            .invalidField,
            "ttl_seconds"
        ),
        row("POST", "acme/grants", [], .invalidField, "body"),
        row("POST", "none/grants", grant([:]), .unknownAccount, "account"),
        row("GET", "none/grants", .null, .unknownAccount, "account"),
        row("GET", "acme/grants?state=over", .null, .invalidField, "state"),
        row("GET", "acme/grants?session=x", .null, .unknownSession, "session"),
        row("GET", "acme/grants?user=a%20b", .null, .invalidName, "user"),
        row("GET", "acme/grants?cursor=9", .null, .invalidField, "cursor"),
        row("GET", "acme/grants/grt_x", .null, .unknownGrant, "grant"),
        row("DELETE", "acme/grants/%00", .null, .unknownGrant, "grant"),
        row("DELETE", "none/grants/grt_x", .null, .unknownGrant, "grant"),
        row(
            "DELETE",
            "acme/grants/grt_00000000000000000000000000_acme",
            .null,
            .unknownGrant,
            "grant"
        ),
    ]

    private static let counts = [
        row("GET", "acme/seats/sso", .null, .invalidField, "feature"),
        row("GET", "acme/seats/nope", .null, .unknownFeature, "feature"),
        row("GET", "none/seats/seats", .null, .unknownAccount, "account"),
        row("GET", "acme/seats/seats?cursor=a%20b", .null, .invalidField, "cursor"),
        row("PUT", "acme/seats/seats/a%20b", .null, .invalidName, "user"),
        row("PUT", "acme/seats/storage/ann", .null, .invalidField, "feature"),
        row("PUT", "acme/seats/nope/ann", .null, .unknownFeature, "feature"),
        row("PUT", "none/seats/seats/ann", .null, .unknownAccount, "account"),
        row("PUT", "acme/seats/seats/ann", ["user": "bob"], .unknownField, "user"),
        // The free plan has no seats.
        row("PUT", "acme/seats/seats/ann", .null, .limitReached, "user"),
        row("DELETE", "acme/seats/seats/ann", .null, .noSeat, "user"),
        row("DELETE", "acme/seats/seats/swap", .null, .noSeat, "user"),
        row("POST", "acme/seats/seats/swap", ["from": "ann"], .missingField, "to"),
        row("POST", "acme/seats/seats/swap", ["to": "ann"], .missingField, "from"),
        row(
            "POST",
            "acme/seats/seats/swap",
            ["from": "ann", "to": "ann"],
            .invalidField,
            "to"
        ),
        row("POST", "acme/seats/seats/swap", ["from": "ann", "to": "bob"], .noSeat, "from"),
        row("PUT", "acme/levels/storage", [:], .missingField, "value"),
        row("PUT", "acme/levels/storage", ["value": -1], .invalidField, "value"),
        row("PUT", "acme/levels/storage", ["value": 1.5], .invalidField, "value"),
        row("PUT", "acme/levels/storage", ["value": "1"], .invalidField, "value"),
        row("PUT", "acme/levels/storage", ["value": 1e30], .invalidField, "value"),
        row("PUT", "acme/levels/storage", ["value": 1, "add": 1], .invalidField, "add"),
        row("PUT", "acme/levels/storage", ["add": 0.5], .invalidField, "add"),
        row("PUT", "acme/levels/storage", ["add": -1], .belowZero, "add"),
        row("PUT", "acme/levels/storage", ["add": 1], .limitReached, "add"),
        row("PUT", "acme/levels/storage", ["set": 1], .unknownField, "set"),
        row("PUT", "acme/levels/seats", ["value": 1], .invalidField, "feature"),
        row("PUT", "acme/levels/nope", ["value": 1], .unknownFeature, "feature"),
        row("PUT", "none/levels/storage", ["value": 1], .unknownAccount, "account"),
        row("GET", "none/levels", .null, .unknownAccount, "account"),
        row("GET", "acme/levels/sso", .null, .invalidField, "feature"),
        row("PUT", "acme/clock", ["now": "noon"], .invalidField, "now"),
        row("PUT", "acme/clock", ["now": "9999-01-01T00:00:00Z"], .invalidField, "now"),
        row("PUT", "acme/clock", ["advance_seconds": 0], .invalidField, "advance_seconds"),
        row("PUT", "acme/clock", ["advance_seconds": -5], .invalidField, "advance_seconds"),
        row(
            "PUT",
            "acme/clock",
            ["now": later, "advance_seconds": 5],
            .invalidField,
            "advance_seconds"
        ),
        row("PUT", "acme/clock", ["to": later], .unknownField, "to"),
        row("PUT", "none/clock", ["now": later], .unknownAccount, "account"),
        row("GET", "none/clock", .null, .unknownAccount, "account"),
        row(
            "POST",
            "acme/block",
            ["reason": "x", "until": "2020-01-01T00:00:00Z"],
            .invalidField,
            "until"
        ),
    ]

    @Test func `that makes no sense is refused by field, and changes nothing`() async throws {
        try await Live.run { live in
            _ = try await live.signUp()
            let revision = try await live.send("GET", "/v1/accounts/acme").json["revision"]
            for row in Self.grants + Self.counts {
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

    @Test func `under an Idempotency-Key counts once`() async throws {
        try await Live.run { live in
            _ = try await live.signUp()
            let account = "/v1/accounts/acme"
            _ = try await live.send("PUT", account + "/subscriptions/main", ["plan": "pro"])
            _ = try await live.send("PUT", account + "/seats/seats/ann")
            let calls: [(String, String, JSON)] = [
                ("POST", "/grants", Self.grant([:])),
                ("PUT", "/levels/storage", ["add": 5]),
                ("POST", "/seats/seats/swap", ["from": "ann", "to": "bob"]),
                ("PUT", "/clock", ["advance_seconds": 60]),
            ]
            for (method, path, body) in calls {
                let request = RawRequest(method, account + path, body)
                    .with("Idempotency-Key", "same")
                let first = try await live.send(request)
                let again = try await live.send(request)
                #expect(first.status < 300, "\(first.text)")
                #expect(again.status == first.status && again.body == first.body, "\(path)")
            }
            #expect(try await live.send("GET", account + "/levels/storage").json["used"] == 5)
            let grants = try await live.send("GET", account + "/grants").json["items"]?.array
            #expect(grants?.count == 1)
        }
    }

    @Test func `names its reason in the change log`() async throws {
        try await Live.run { live in
            _ = try await live.signUp()
            let account = "/v1/accounts/acme"
            let made = try await live.send(
                "POST",
                account + "/grants",
                Self.grant(["reason": "beta"])
            )
            let id = try #require(made.json["grant"]?.string)
            _ = try await live.send("DELETE", account + "/grants/\(id)?reason=over")
            _ = try await live.send("PUT", account + "/subscriptions/main", ["plan": "pro"])
            _ = try await live.send("PUT", account + "/seats/seats/ann", ["reason": "joined"])
            _ = try await live.send("DELETE", account + "/seats/seats/ann?reason=left")
            let changes = try await live.send("GET", account + "/changes").json["items"]?.array
            let told = (changes ?? []).compactMap { $0["reason"]?.string }
            #expect(told == ["beta", "over", "joined", "left"])
            let grant = try await live.send("GET", account + "/grants/\(id)").json
            #expect(grant["reason"] == "beta" && grant["state"] == "ended")
        }
    }

    @Test func `gives a user who is called like a call a seat as well`() async throws {
        try await Live.run { live in
            _ = try await live.signUp()
            let account = "/v1/accounts/acme"
            _ = try await live.send("PUT", account + "/subscriptions/main", ["plan": "pro"])
            let path = account + "/seats/seats/swap"
            let assigned = try await live.send("PUT", path)
            #expect(assigned.status == 201 && assigned.json["user"] == "swap")
            let swapped = try await live.send("POST", path, ["from": "swap", "to": "bob"])
            #expect(swapped.json["user"] == "bob" && swapped.json["used"] == 1)
            #expect(try await live.send("DELETE", path).status == 404)
        }
    }
}
