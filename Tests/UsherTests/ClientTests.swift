import Entitlements
import Testing

@testable import usher

@Suite struct `A problem` {
    @Test func `is one line with its code, field and remedy`() throws {
        let problem = try #require(
            APIProblem([
                "code": "invalid_field", "detail": "ttl_seconds is 5", "field": "ttl_seconds",
                "remedy": "use 60 or more", "request_id": "r-1",
            ])
        )
        #expect(
            problem.failure().description
                == "invalid_field: ttl_seconds is 5. Field: ttl_seconds. Use 60 or more."
        )
    }

    @Test func `says when to come back`() throws {
        let problem = try #require(APIProblem(["code": "overloaded", "detail": "Too busy."]))
        let line = problem.failure(retryAfter: .seconds(3)).description
        #expect(line == "overloaded: Too busy. Try again in 3 s.")
    }

    @Test func `lists every mistake of a catalog`() throws {
        let problem = try #require(
            APIProblem([
                "code": "catalog_invalid", "detail": "Two mistakes",
                "problems": [
                    [
                        "file": "pro.yaml", "line": 3, "field": "sso", "message": "no boolean",
                        "remedy": "write true",
                    ],
                    [
                        "file": "free.yaml", "line": .null, "field": .null, "message": "empty",
                        "remedy": .null,
                    ],
                ],
            ])
        )
        #expect(
            problem.failure().details
                == ["pro.yaml:3: sso: no boolean; write true", "free.yaml: empty"]
        )
    }

    @Test func `names the path of every mistake of a flag`() throws {
        let problem = try #require(
            APIProblem([
                "code": "flag_invalid", "detail": "1 mistake",
                "problems": [
                    ["path": "flags.f.state", "message": "no state", "remedy": "give ENABLED"]
                ],
            ])
        )
        #expect(problem.failure().details == ["flags.f.state: no state; give ENABLED"])
    }

    @Test func `is read as OpenFeature's protocol tells it too`() throws {
        let problem = try #require(
            APIProblem(["errorCode": "FLAG_NOT_FOUND", "errorDetails": "there is no flag `f`"])
        )
        #expect(problem.failure().description == "FLAG_NOT_FOUND: There is no flag `f`.")
    }

    @Test func `cannot steer the terminal`() throws {
        let problem = try #require(APIProblem(["code": "internal", "detail": "a\u{1B}[2Jb\n."]))
        #expect(problem.failure().description == "internal: a\\u{1B}[2Jb\\u{A}.")
    }

    @Test(arguments: [JSON.null, ["detail": "x"], "text", ["code": 5, "detail": "x"]])
    func `is recognised by its code and detail`(json: JSON) {
        #expect(APIProblem(json) == nil)
    }
}

@Suite struct `A request` {
    @Test(arguments: [
        ("acme:eu.1", "/v1/accounts/acme:eu.1"),
        ("a b/c", "/v1/accounts/a%20b%2Fc"),
        ("ä", "/v1/accounts/%C3%A4"),
        ("a?b#c%", "/v1/accounts/a%3Fb%23c%25"),
    ])
    func `keeps a name in its own segment`(account: String, target: String) {
        #expect(APIRequest.get("v1", "accounts", account).target == target)
    }

    @Test func `leaves out what has no value`() {
        let request = APIRequest.get("v1", "x", query: [("a", nil), ("b", "1&2"), ("c", "3")])
        #expect(request.target == "/v1/x?b=1%262&c=3")
    }
}

@Suite struct `A client` {
    @Test(arguments: ["", "localhost:8080", "ftp://a", "foo"])
    func `refuses what is no URL of a service`(url: String) {
        #expect(throws: CommandFailure.self) { try APIClient(url: url, key: nil) }
    }

    @Test func `does not call without a key`() async throws {
        let client = try APIClient(url: "http://127.0.0.1:1", key: nil)
        let failure = await #expect(throws: CommandFailure.self) {
            try await client.call(.get("v1", "keys"))
        }
        #expect(failure?.message.hasPrefix("No API key.") == true)
    }

    @Test func `says how to start a service that is not there`() async throws {
        let client = try APIClient(url: "http://127.0.0.1:1/", key: "uk_secret")
        let failure = await #expect(throws: CommandFailure.self) {
            try await client.call(.get("v1", "keys"))
        }
        let message = failure?.message ?? ""
        #expect(message.hasPrefix("Nothing answers at http://127.0.0.1:1. "))
        #expect(message.contains("`make run`"))
        #expect(!message.contains("uk_secret"))
    }

    @Test func `never sends its key over plain http to a public address`() async throws {
        let client = try APIClient(url: "http://192.0.2.1:9", key: "uk_secret")
        let failure = await #expect(throws: CommandFailure.self) {
            try await client.call(.get("v1", "keys"))
        }
        #expect(failure?.message.hasSuffix("Use https.") == true)
    }
}
