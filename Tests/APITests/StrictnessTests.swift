import Entitlements
import Limits
import TestSupport
import Testing

@testable import API
@testable import Service

@Suite(.database, .timeLimit(.minutes(2))) struct `A request that is not of the contract` {
    private static let account = "/v1/accounts/acme"
    private static let held = "/v1/accounts/acme/subscriptions/main"
    private static let mistakes = [
        Mistake("PUT", account, ["plan": "pro"], .unknownField, "plan"),
        Mistake("PUT", account, ["name": 7], .invalidField, "name"),
        Mistake("PUT", account, ["name": ""], .invalidField, "name"),
        Mistake("PUT", account, ["timezone": "Mars/Base"], .invalidField, "timezone"),
        Mistake("PUT", account, ["attributes": []], .invalidField, "attributes"),
        Mistake("PUT", account, ["billing": "cus_1"], .invalidField, "billing"),
        Mistake("PUT", account, ["billing": ["stripe": "a/b"]], .invalidField, "billing.stripe"),
        Mistake("PUT", account, ["billing": ["other": "c"]], .unknownSource, "billing.other"),
        Mistake("PUT", account, [], .invalidField, "body"),
        Mistake("POST", account + "/block", [:], .missingField, "reason"),
        Mistake("POST", account + "/block", ["why": "x"], .unknownField, "why"),
        Mistake("POST", account + "/block", ["reason": true], .invalidField, "reason"),
        Mistake("PUT", held, [:], .missingField, "plan"),
        Mistake("PUT", held, ["plan": .null], .invalidField, "plan"),
        Mistake("PUT", held, ["plan": "no such"], .invalidName, "plan"),
        Mistake("PUT", held, ["plan": "nope"], .unknownPlan, "plan"),
        Mistake("PUT", held, ["plan": "pro", "version": 9], .invalidField, "version"),
        Mistake("PUT", held, ["plan": "pro", "status": "good"], .invalidField, "status"),
        Mistake("PUT", held, ["plan": "pro", "quantity": 0], .invalidField, "quantity"),
        Mistake("PUT", held, ["plan": "pro", "quantity": 1.5], .invalidField, "quantity"),
        Mistake("PUT", held, ["plan": "pro", "quantity": "2"], .invalidField, "quantity"),
        Mistake("PUT", held, ["plan": "pro", "trial_end": "soon"], .invalidField, "trial_end"),
        Mistake("PUT", held, ["plan": "free", "status": "trialing"], .planWithoutTrial, "plan"),
        Mistake("PUT", held, ["plan": "pro", "status": "scheduled"], .missingField, "starts_at"),
        Mistake(
            "PUT",
            held,
            [
                "plan": "pro", "period_start": "2026-02-01T00:00:00Z",
                "period_end": "2026-01-01T00:00:00Z",
            ],
            .invalidField,
            "period_end"
        ),
        Mistake("POST", "/v1/sessions", ["user": "ann"], .missingField, "account"),
        Mistake("POST", "/v1/sessions", session(["ttl_seconds": 59]), .invalidField, "ttl_seconds"),
        Mistake("POST", "/v1/sessions", session(["user": "a b"]), .invalidName, "user"),
        Mistake("POST", "/v1/sessions", session(["device": ["os": 1]]), .invalidField, "device.os"),
        Mistake("POST", "/v1/sessions", session(["account": "none"]), .unknownAccount, "account"),
        Mistake("DELETE", "/v1/sessions/ses_x", ["reason": "x"], .unknownSession, "session"),
        Mistake("POST", "/v1/keys", ["name": "k"], .missingField, "scopes"),
        Mistake("POST", "/v1/keys", ["name": "k", "scopes": []], .invalidField, "scopes"),
        Mistake("POST", "/v1/keys", ["name": "k", "scopes": ["all"]], .invalidField, "scopes"),
        Mistake("POST", "/v1/keys", ["scopes": ["check"]], .missingField, "name"),
        Mistake("PUT", "/v1/catalog", [:], .missingField, "files"),
        Mistake("PUT", "/v1/catalog", ["files": ["a.txt": ""]], .invalidField, "files"),
        Mistake("PUT", "/v1/catalog", ["files": ["a.yaml": "x: ["]], .catalogInvalid, "files"),
        Mistake("POST", "/v1/sync", ["source": "stripe"], .invalidField, "customer"),
        Mistake("POST", "/v1/sync", ["customer": "c"], .missingField, "source"),
        Mistake("POST", "/v1/sync", ["source": "x", "customer": "c"], .unknownSource, "source"),
        Mistake("PUT", "/v1/features/nope/disabled", [:], .unknownFeature, "feature"),
    ]

    private static func session(_ changed: [String: JSON]) -> JSON {
        let members: [String: JSON] = ["account": "acme", "user": "ann"]
        return .object(members.merging(changed) { $1 })
    }

    @Test func `is refused with its code and field, and changes nothing`() async throws {
        try await Live.run { live in
            _ = try await live.signUp()
            let revision = try await live.send("GET", Self.account).json["revision"]
            try await RawClient.connected(to: live.port) { client in
                for mistake in Self.mistakes {
                    let request = RawRequest(mistake.method, mistake.path, mistake.body)
                    let answer = try await client.send(request)
                    let status = mistake.code.status
                    try Shape.expectProblem(answer, status, mistake.code, field: mistake.field)
                    #expect(answer.code == mistake.code.rawValue, "\(mistake)")
                }
            }
            #expect(try await live.send("GET", Self.account).json["revision"] == revision)
        }
    }

    private static let parameters = [
        ("limit", "0"), ("limit", "201"), ("limit", "x"), ("limit", ""), ("cursor", ""),
        ("cursor", "%00"), ("cursor", "%FF"),
    ]

    @Test func `in a parameter is refused by the parameter's name`() async throws {
        try await Live.run { live in
            for (parameter, value) in Self.parameters {
                let answer = try await live.send("GET", "/v1/accounts?\(parameter)=\(value)")
                try Shape.expectProblem(answer, 400, .invalidField, field: parameter)
            }
        }
    }

    @Test func `of the wrong type is 415, and JSON with a charset is not`() async throws {
        try await Live.run { live in
            var request = RawRequest("PUT", Self.account, [:])
            for type in ["text/plain", "application/x-www-form-urlencoded", "application/jsonx"] {
                request.headers = [("Content-Type", type)]
                let answer = try await live.send(request)
                try Shape.expectProblem(
                    answer,
                    415,
                    .unsupportedMediaType,
                    field: "Content-Type"
                )
            }
            var check = RawRequest("POST", "/v1/check", ["session": "s", "feature": "sso"])
            check.headers = [("Content-Type", "text/plain")]
            try Shape.expectProblem(try await live.send(check), 415, .unsupportedMediaType)
            request.headers = [("Content-Type", "Application/JSON; charset=utf-8")]
            #expect(try await live.send(request).status == 201)
        }
    }

    @Test func `in its method is 405 and names the methods, in its path 404`() async throws {
        try await Live.run { live in
            let wrong = try await live.send("DELETE", Self.account)
            try Shape.expectProblem(wrong, 405, .methodNotAllowed)
            #expect(wrong.headers["allow"] == "GET, PUT")
            let check = try await live.send("GET", "/v1/check")
            try Shape.expectProblem(check, 405, .methodNotAllowed)
            #expect(check.headers["allow"] == "POST")
            for path in ["/", "/v2/check", "/v1/check/", "/v1/accounts/acme/nothing", "/v1//check"]
            {
                let answer = try await live.send("GET", path)
                #expect([404, 405].contains(answer.status), "\(path)")
            }
            try Shape.expectProblem(try await live.send("GET", "/v2/check"), 404, .notFound)
        }
    }

    @Test func `in its size is 413 or 431`() async throws {
        try await Live.run { live in
            var large = RawRequest("PUT", Self.account)
            large.body = [UInt8](repeating: UInt8(ascii: " "), count: Limits.bodyBytes + 1)
            do {
                try Shape.expectProblem(try await live.send(large), 413, .bodyTooLarge)
            } catch is HungUp {
                // Hanging up on what is still being sent can overtake the answer.
            }
            let filler = String(repeating: "x", count: Limits.headerBytes)
            for path in ["/v1/accounts", "/v1/check"] {
                let request = RawRequest("GET", path).with("X-Filler", filler)
                try Shape.expectProblem(try await live.send(request), 431, .headersTooLarge)
            }
            let exact = try await live.send(
                RawRequest("GET", "/v1/accounts").with("X-Filler", String(filler.prefix(15_000)))
            )
            #expect(exact.status == 200)
        }
    }
}

@Suite(.database, .timeLimit(.minutes(2))) struct `A name in a path` {
    private static let names = [
        (path: "acme", account: "acme"), (path: "a%63me2", account: "acme2"),
        (path: "eu:acme", account: "eu:acme"), (path: "us%3Aacme", account: "us:acme"),
        (path: "a.b-c_d", account: "a.b-c_d"),
    ]

    @Test func `may be percent-encoded`() async throws {
        try await Live.run { live in
            for (path, account) in Self.names {
                let created = try await live.send("PUT", "/v1/accounts/\(path)", [:])
                #expect(created.status == 201)
                #expect(created.json["account"] == .string(account))
                let session = try await live.signIn(account)
                let encoded = session.replacing(":", with: "%3A").replacing("_", with: "%5F")
                let found = try await live.send("GET", "/v1/sessions/\(encoded)")
                #expect(found.json["session"] == .string(session))
                let query = try await live.send("GET", "/v1/entitlements?session=\(encoded)")
                #expect(query.json["account"] == .string(account))
            }
        }
    }

    @Test func `that is none is refused`() async throws {
        let long = String(repeating: "a", count: 129)
        try await Live.run { live in
            for path in ["a%20b", "a%2Fb", "%00", "%E2%82%AC", "%FF", "%2541", "a+b", long] {
                let answer = try await live.send("PUT", "/v1/accounts/\(path)", [:])
                try Shape.expectProblem(answer, 400, .invalidName, field: "account")
            }
        }
    }
}
