import Entitlements
import TestSupport
import Testing

@testable import API
@testable import Service

/// What no subscription can be, by field, and that nothing comes of it.
@Suite(.database, .timeLimit(.minutes(2))) struct `A subscription that makes no sense` {
    private static let past: JSON = "2026-03-01T00:00:00Z"
    private static let now: JSON = "2026-03-02T12:00:00Z"
    private static let soon: JSON = "2026-03-03T00:00:00Z"
    private static let late: JSON = "2026-04-01T00:00:00Z"

    private static func change(_ plan: JSON, _ at: JSON, _ version: JSON = .null) -> JSON {
        ["plan": plan, "at": at, "version": version]
    }

    private static let puts: [([String: JSON], Refusal.Code, String)] = [
        (["plan": "nope"], .unknownPlan, "plan"),
        (["version": 9], .invalidField, "version"),
        (["quantity": 0], .invalidField, "quantity"),
        (["quantity": 1_000_000_001], .invalidField, "quantity"),
        (["quantity": -1], .invalidField, "quantity"),
        (["plan": "free", "status": "trialing"], .planWithoutTrial, "plan"),
        (["trial_start": soon, "trial_end": past], .invalidField, "trial_end"),
        (["trial_at_end": "stop"], .invalidField, "trial_at_end"),
        (["payment_method": "card"], .invalidField, "payment_method"),
        (["period_start": soon, "period_end": soon], .invalidField, "period_end"),
        (["period_every": "decade"], .invalidField, "period_every"),
        (["period_every": "month", "period_count": 0], .invalidField, "period_count"),
        (["period_count": 2], .missingField, "period_every"),
        (["paused_from": soon, "paused_until": past], .invalidField, "paused_until"),
        (["paused_until": soon], .missingField, "paused_from"),
        (["starts_at": soon, "trial_end": past], .invalidField, "trial_end"),
        (["status": "scheduled"], .missingField, "starts_at"),
        (
            ["cancel_at": late, "change": change("free", soon)], .overlappingChanges, "change"
        ),
        (["change": change("free", past)], .invalidField, "change.at"),
        (["change": change("free", now)], .invalidField, "change.at"),
        (["change": change("nope", soon)], .unknownPlan, "change.plan"),
        (["change": change("free", soon, 9)], .invalidField, "change.version"),
        (["change": change("calls", soon)], .invalidField, "change.plan"),
        (["change": ["plan": "free"]], .missingField, "change.at"),
        (["change": ["at": soon]], .missingField, "change.plan"),
        (["change": ["plan": "free", "at": soon, "when": 1]], .unknownField, "change.when"),
        (["change": "free"], .invalidField, "change"),
        (
            ["status": "trialing", "change": change("free", soon)], .invalidField, "change.at"
        ),
        (["ended_at": soon, "change": change("free", late)], .invalidField, "change.at"),
        (
            ["quantity_change": ["quantity": 0, "at": soon]], .invalidField,
            "quantity_change.quantity"
        ),
        (["quantity_change": ["quantity": 2, "at": past]], .invalidField, "quantity_change.at"),
        (["quantity_change": ["at": soon]], .missingField, "quantity_change.quantity"),
    ]

    @Test func `is refused by field, with a remedy`() async throws {
        try await Live.run { live in
            let ada = try await Subscriber(live)
            let revision = try await live.send("GET", "/v1/accounts/acme").json["revision"]
            for (fields, code, field) in Self.puts {
                let body = JSON.object(["plan": "pro"].merging(fields) { $1 })
                let answer = try await live.send("PUT", ada.path, body)
                try Shape.expectProblem(answer, code.status, code, field: field)
                #expect(answer.json["remedy"]?.string != nil, "\(body)")
                #expect(answer.code == code.rawValue, "\(body): \(answer.text)")
                #expect(answer.json["field"] == .string(field), "\(body): \(answer.text)")
            }
            let after = try await live.send("GET", "/v1/accounts/acme").json["revision"]
            #expect(after == revision)
        }
    }

    private static let acts: [(String, JSON, Refusal.Code, String)] = [
        ("trial/extend", [:], .missingField, "trial_end"),
        ("trial/extend", ["days": 0], .invalidField, "days"),
        ("trial/extend", ["days": 731], .invalidField, "days"),
        ("trial/extend", ["days": 1, "trial_end": late], .invalidField, "days"),
        ("trial/extend", ["trial_end": "soon"], .invalidField, "trial_end"),
        ("trial/extend", ["days": 1], .conflict, "status"),
        ("trial/end", ["at": now], .unknownField, "at"),
        ("pause", ["at": past], .invalidField, "at"),
        ("pause", ["at": late, "until": soon], .invalidField, "until"),
        ("pause", ["until": past], .invalidField, "until"),
        ("cancel", ["at": "tomorrow"], .invalidField, "at"),
        ("cancel", ["at": past], .invalidField, "at"),
        ("cancel", ["reason": 7], .invalidField, "reason"),
        ("change", [:], .missingField, "plan"),
        ("change", ["version": 1], .missingField, "plan"),
        ("change", ["version": 1, "quantity": 2], .missingField, "plan"),
        ("change", ["plan": "nope"], .unknownPlan, "plan"),
        ("change", ["plan": "free", "version": 9], .invalidField, "version"),
        ("change", ["plan": "calls"], .invalidField, "plan"),
        ("change", ["quantity": 0], .invalidField, "quantity"),
        ("change", ["plan": "free", "at": past], .invalidField, "at"),
        ("change", ["plan": "free", "at": "period_end"], .noPeriod, "at"),
    ]

    @Test func `comes of no action either`() async throws {
        try await Live.run { live in
            let ada = try await Subscriber(live)
            _ = try await ada.put(["plan": "pro"])
            let before = try await ada.get()
            for (action, body, code, field) in Self.acts {
                try await ada.expectRefused(action, body, code, field)
            }
            #expect(try await ada.get() == before)
            let gone = try await live.send("POST", "/v1/accounts/acme/subscriptions/x/pause", [:])
            try Shape.expectProblem(gone, 404, .unknownSubscription)
            let nobody = try await live.send("POST", "/v1/accounts/no/subscriptions/x/pause", [:])
            try Shape.expectProblem(nobody, 404, .unknownAccount)
            let account = try await live.send("PUT", "/v1/accounts/x", ["timezone": "Mars/Base"])
            try Shape.expectProblem(account, 400, .invalidField, field: "timezone")
        }
    }

    @Test func `is not shown: every field comes back as it was put`() async throws {
        try await Live.run { live in
            let ada = try await Subscriber(live)
            let body: [String: JSON] = [
                "plan": "pro", "status": "trialing", "quantity": 4, "version": 1,
                "starts_at": "2026-03-01T00:00:00.000Z", "trial_start": "2026-03-01T00:00:00.000Z",
                "trial_end": "2026-03-09T00:00:00.000Z", "trial_at_end": "pause",
                "payment_method": true, "period_start": "2026-03-01T00:00:00.000Z",
                "period_end": "2026-03-09T00:00:00.000Z",
                "period_anchor": "2026-03-09T00:00:00.000Z", "period_every": "quarter",
                "period_count": 2, "cancel_at": .null, "ended_at": .null, "past_due_since": .null,
                "paused_from": "2026-05-01T00:00:00.000Z",
                "paused_until": "2026-06-01T00:00:00.000Z",
                "change": ["plan": "free", "version": 1, "at": "2026-04-01T00:00:00.000Z"],
                "quantity_change": ["quantity": 2, "at": "2026-03-08T00:00:00.000Z"],
            ]
            let made = try await ada.put(.object(body))
            for (field, value) in body { #expect(made[field] == value, "\(field)") }
            let computed: Set = [
                "id", "account", "period", "effective", "source", "created_at", "revision",
            ]
            let keys = Set(made.object?.keys.map(\.self) ?? [])
            #expect(keys == Set(body.keys).union(computed))
            #expect(try await ada.get() == made)
            let listed = try await live.send("GET", "/v1/accounts/acme/subscriptions")
            #expect(listed.json["items"]?[0] == made)
            #expect(try await ada.put(.object(body)) == made)
        }
    }
}
