import Entitlements
import Limits
import TestSupport
import Testing

@testable import API
@testable import Service

/// Reservations, leases, refunds and adjustments over HTTP: their answers and what is refused.
@Suite(.database, .timeLimit(.minutes(2))) struct `A call that holds or corrects` {
    private static let stranger = "rsv_00000000000000000000000000_acme"
    private static let call: [String: JSON] = ["account": "acme", "feature": "api_calls"]

    private static func row(
        _ path: String,
        _ changes: [String: JSON],
        _ code: Refusal.Code,
        _ field: String
    ) -> Mistake {
        Mistake("POST", "/v1/\(path)", .object(call.merging(changes) { $1 }), code, field)
    }

    private static let mistakes = [
        row("reservations", ["quantity": 0], .invalidField, "quantity"),
        row("reservations", ["quantity": -1], .invalidField, "quantity"),
        row("reservations", ["quantity": 1.5], .invalidField, "quantity"),
        row("reservations", ["quantity": 1e16], .invalidField, "quantity"),
        row("reservations", ["ttl_seconds": 86_401], .invalidField, "ttl_seconds"),
        row("reservations", ["feature": "search"], .invalidField, "feature"),
        row("reservations", ["feature": "nope"], .unknownFeature, "feature"),
        row("reservations", ["account": "nobody"], .unknownAccount, "account"),
        row("reservations", ["session": "s"], .invalidField, "account"),
        row("reservations", ["mode": "cap"], .unknownField, "mode"),
        row("leases", [:], .invalidField, "feature"),
        row("leases", ["feature": "jobs", "ttl_seconds": 3_601], .invalidField, "ttl_seconds"),
        row("refunds", ["quantity": 1], .missingField, "reason"),
        row("refunds", ["reason": "x"], .missingField, "quantity"),
        row("refunds", ["quantity": 1, "reason": "x"], .belowZero, "quantity"),
        row(
            "refunds",
            ["quantity": 1, "reason": "x", "consumption": "k"],
            .unknownConsumption,
            "consumption"
        ),
        row("adjustments", ["reason": "x"], .missingField, "used"),
        row("adjustments", ["reason": "x", "used": 1, "add": 1], .invalidField, "add"),
        row("adjustments", ["reason": "x", "used": -1], .invalidField, "used"),
        row("adjustments", ["reason": "x", "add": -1], .belowZero, "quantity"),
        row("adjustments", ["used": 1], .missingField, "reason"),
        Mistake(
            "POST",
            "/v1/reservations/\(stranger)/settle",
            ["quantity": 1],
            .unknownReservation,
            "reservation"
        ),
        Mistake(
            "POST",
            "/v1/reservations/\(stranger)/settle",
            ["quantity": -1],
            .invalidField,
            "quantity"
        ),
        Mistake("POST", "/v1/leases/x/heartbeat", [:], .unknownLease, "lease"),
    ]

    @Test func `is refused by name, and counts nothing`() async throws {
        try await Live.run { live in
            _ = try await live.signUp()
            for mistake in Self.mistakes {
                let answer = try await live.send(mistake.method, mistake.path, mistake.body)
                #expect(answer.code == mistake.code.rawValue, "\(mistake.path) \(answer.text)")
                #expect(answer.json["field"]?.string == mistake.field, "\(answer.text)")
                #expect(answer.status == mistake.code.status)
            }
            let check = try await live.check(try await live.signIn(), "api_calls")
            #expect(check.json["used"] == 0 && check.json["held"] == 0)
        }
    }

    @Test func `holds, settles and releases a reservation`() async throws {
        try await Live.run { live in
            let session = try await live.signUp()
            let body: JSON = [
                "session": .string(session), "feature": "api_calls", "quantity": 400,
            ]
            let request = RawRequest("POST", "/v1/reservations", body)
                .with("Idempotency-Key", "k1")
            let made = try await live.send(request)
            #expect(made.status == 201 && made.json["held"] == 400 && made.json["consumed"] == 0)
            #expect(made.headers["ratelimit"]?.hasPrefix("\"api_calls\";r=600") == true)
            let again = try await live.send(request)
            #expect(again.status == 201 && again.body == made.body)
            #expect(again.headers["idempotent-replayed"] == "true")
            let denied = try await live.send(
                "POST",
                "/v1/reservations",
                .object(Self.call.merging(["quantity": 601]) { $1 })
            )
            #expect(denied.status == 200 && denied.json["allowed"] == false)
            #expect(denied.json["reservation"] == .null)
            let id = try #require(made.json["reservation"]?.string)
            let shown = try await live.send("GET", "/v1/reservations/\(id)")
            #expect(shown.json["state"] == "held" && shown.json["user"] == "ann")
            let path = "/v1/reservations/\(id)/settle"
            let settled = try await live.send("POST", path, ["quantity": 180])
            #expect(settled.status == 200 && settled.json["state"] == "settled")
            #expect(settled.json["settled"] == 180 && settled.json["quantity"] == 400)
            #expect(settled.json["used"] == 180 && settled.json["remaining"] == 820)
            #expect(try await live.send("POST", path, ["quantity": 180]).body == settled.body)
            #expect(try await live.send("POST", path, ["quantity": 1]).code == "conflict")
            #expect(try await live.send("DELETE", "/v1/reservations/\(id)").code == "conflict")
        }
    }

    @Test func `gives back by the key of a consumption, and adjusts`() async throws {
        try await Live.run { live in
            _ = try await live.signUp()
            let taken = Self.call.merging(["quantity": 7, "idempotency_key": "job"]) { $1 }
            #expect(try await live.send("POST", "/v1/consume", .object(taken)).status == 200)
            let back = Self.call.merging(
                ["quantity": 5, "reason": "it failed", "consumption": "job"]
            ) { $1 }
            let request = RawRequest("POST", "/v1/refunds", .object(back))
                .with("Idempotency-Key", "r1")
            let refunded = try await live.send(request)
            #expect(refunded.status == 200 && refunded.json["used"] == 2, "\(refunded.text)")
            #expect(try await live.send(request).body == refunded.body)
            #expect(try await live.send("POST", "/v1/refunds", .object(back)).code == "below_zero")
            let adjusted = try await live.send(
                "POST",
                "/v1/adjustments",
                .object(Self.call.merging(["used": 1_002, "reason": "by hand"]) { $1 })
            )
            #expect(adjusted.json["over"] == 2 && adjusted.json["remaining"] == 0)
            let usage = try await live.key("usage")
            let refused = try await live.send(
                RawRequest("POST", "/v1/adjustments", [:]).with(key: usage)
            )
            #expect(refused.status == 403)
        }
    }
}
