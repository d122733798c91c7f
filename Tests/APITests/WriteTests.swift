import Entitlements
import TestSupport
import Testing

@testable import API
@testable import Service

@Suite(.database, .timeLimit(.minutes(2))) struct `A call with effect` {
    @Test func `under an Idempotency-Key gives its first answer again`() async throws {
        try await Live.run { live in
            _ = try await live.signUp()
            let signIn = RawRequest("POST", "/v1/sessions", ["account": "acme", "user": "bob"])
            let first = try await live.send(signIn.with("Idempotency-Key", "k-1"))
            // A structured field's string comes quoted, and is the same key.
            for key in ["k-1", "\"k-1\""] {
                let again = try await live.send(signIn.with("Idempotency-Key", key))
                #expect(again.status == 201)
                #expect(again.body == first.body)
            }
            let other = RawRequest("POST", "/v1/sessions", ["account": "acme", "user": "cem"])
                .with("Idempotency-Key", "k-1")
            try Shape.expectProblem(
                try await live.send(other),
                422,
                .idempotencyKeyReused,
                field: "Idempotency-Key"
            )
            let blank = signIn.with("Idempotency-Key", "a b")
            try Shape.expectProblem(try await live.send(blank), 400, .invalidField)
            let list = try await live.send("GET", "/v1/accounts/acme/sessions")
            #expect(list.json["items"]?.array?.count == 2)
        }
    }

    @Test func `names its author, reason and request in the change log`() async throws {
        try await Live.run { live in
            _ = try await live.signUp()
            let block = RawRequest("POST", "/v1/accounts/acme/block", ["reason": "fraud"])
                .with("X-Request-Id", "from-the-caller")
            let blocked = try await live.send(block)
            #expect(blocked.json["blocked"]?["reason"] == "fraud")
            #expect(blocked.headers["x-request-id"] == "from-the-caller")
            let changes = try await live.send("GET", "/v1/accounts/acme/changes")
            let last = try #require(changes.json["items"]?.array?.last)
            #expect(last["actor"] == "key:bootstrap")
            #expect(last["reason"] == "fraud")
            #expect(last["request_id"] == "from-the-caller")
            let verdict = try await live.send("GET", "/v1/audit/verify")
            #expect(verdict.json["verified"] == true)
        }
    }

    @Test func `is listed page by page, each item once`() async throws {
        try await Live.run { live in
            for number in 1...5 {
                _ = try await live.send("PUT", "/v1/accounts/a\(number)", [:])
            }
            var seen: [String] = []
            var path = "/v1/accounts?limit=2"
            while true {
                let page = try await live.send("GET", path)
                seen += (page.json["items"]?.array ?? []).compactMap { $0["account"]?.string }
                guard let cursor = page.json["next_cursor"]?.string else { break }
                path = "/v1/accounts?limit=2&cursor=\(cursor)"
            }
            #expect(seen == ["a1", "a2", "a3", "a4", "a5"])
        }
    }
}

@Suite(.database, .timeLimit(.minutes(2))) struct `A webhook over HTTP` {
    private func post(_ path: String, _ body: String, signature: String?) -> RawRequest {
        var request = RawRequest("POST", path).with(key: nil)
        request.body = Array(body.utf8)
        // The provider's own idea of a type is none of our business.
        request.headers = [("Content-Type", "text/plain")]
        if let signature { request.headers.append(("Stripe-Signature", signature)) }
        return request
    }

    @Test func `needs no key but a signature, and is refused with its own code`() async throws {
        try await Live.run { live in
            let refusals: [(String?, Refusal.Code)] = [
                (nil, .signatureMissing), ("nonsense", .signatureInvalid),
                ("t=1,v1=\(String(repeating: "0", count: 64))", .signatureInvalid),
            ]
            for (signature, code) in refusals {
                let answer = try await live.send(
                    post("/webhooks/stripe", "{}", signature: signature)
                )
                try Shape.expectProblem(answer, 400, code)
            }
            let unknown = try await live.send(post("/webhooks/other", "{}", signature: nil))
            try Shape.expectProblem(unknown, 404, .unknownSource, field: "source")
            let events = try await live.send("GET", "/v1/webhooks/events")
            #expect(events.json["items"] == [])
            let metrics = try await live.send("GET", "/metrics")
            for (code, count) in [(Refusal.Code.signatureMissing, 1), (.signatureInvalid, 2)] {
                let labels = #"source="stripe",outcome="\#(code.rawValue)""#
                #expect(metrics.text.contains("usher_webhooks_total{\(labels)} \(count)\n"))
            }
        }
    }
}
