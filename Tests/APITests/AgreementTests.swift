import Entitlements
import Postgres
import Store
import TestSupport
import Testing

@testable import API
@testable import Service

@Suite(.database, .timeLimit(.minutes(2))) struct `Check, batch and entitlements` {
    @Test(arguments: UInt64(1)...6)
    func `say the same of every feature, whatever the state`(seed: UInt64) async throws {
        try await Live.run { live in
            var random = Seeded(seed: seed)
            let session = try await live.signUp()
            try await RawClient.connected(to: live.port) { client in
                for _ in 1...6 {
                    try await change(live, session, &random)
                    try await expectAgreement(&client, session, "SEED=\(seed)")
                }
            }
        }
    }

    private func change(
        _ live: Live,
        _ session: String,
        _ random: inout Seeded
    ) async throws {
        let account = "/v1/accounts/acme"
        switch Int.random(in: 0...9, using: &random) {
        case 0: _ = try await live.send("POST", account + "/block", ["reason": "fraud"])
        case 1: _ = try await live.send("DELETE", account + "/block")
        case 2: _ = try await live.send("DELETE", "/v1/sessions/\(session)")
        case 3, 4:
            let feature = Samples.features.randomElement(using: &random) ?? "sso"
            let method = Bool.random(using: &random) ? "PUT" : "DELETE"
            _ = try await live.send(method, "/v1/features/\(feature)/disabled")
        default:
            let id = Int.random(in: 1...3, using: &random)
            let body = subscription(&random)
            let answer = try await live.send("PUT", "\(account)/subscriptions/\(id)", body)
            // The account had its trial by another of the three.
            #expect(answer.status < 300 || answer.code == "trial_already_used", "\(answer.text)")
        }
    }

    private func subscription(_ random: inout Seeded) -> JSON {
        let dates: [JSON] = ["2020-01-01T00:00:00Z", "2100-01-01T00:00:00Z", .null]
        let status = Subscription.Status.allCases.randomElement(using: &random) ?? .active
        let plans: [JSON] = ["pro", "calls", "free"]
        let start = dates.dropLast().randomElement(using: &random) ?? .null
        // No trial ends before it starts.
        let ends = start == dates[1] ? [dates[1]] : dates
        return [
            "plan": plans.randomElement(using: &random) ?? "pro",
            "status": .string(status.rawValue),
            "quantity": .integer(Int64.random(in: 1...3, using: &random)),
            "starts_at": start,
            "trial_end": ends.filter { $0 != .null }.randomElement(using: &random) ?? .null,
            "cancel_at": dates.randomElement(using: &random) ?? .null,
            "period_end": dates.randomElement(using: &random) ?? .null,
        ]
    }

    private func expectAgreement(
        _ client: inout RawClient,
        _ session: String,
        _ seed: String
    ) async throws {
        let features = JSON.array(Samples.features.map(JSON.string))
        let batch = try await client.send(
            RawRequest(
                "POST",
                "/v1/check/batch",
                ["session": .string(session), "features": features]
            )
        )
        let listed = try await client.send(
            RawRequest("GET", "/v1/entitlements?session=\(session)")
        )
        let inBatch = try #require(batch.json["decisions"]?.array)
        let inList = try #require(listed.json["entitlements"]?.array)
        #expect(inBatch.count == Samples.features.count)
        #expect(inBatch.map(timeless) == inList.map(timeless), "\(seed)")
        #expect(Set(inBatch.map { $0["evaluated_at"] }).count == 1, "all of one instant, \(seed)")
        for (feature, decision) in zip(Samples.features, inBatch) {
            let checked = try await client.send(
                RawRequest(
                    "POST",
                    "/v1/check",
                    ["session": .string(session), "feature": .string(feature)]
                )
            )
            #expect(timeless(checked.json) == timeless(decision), "\(seed)")
            try Shape.expectDecision(checked.json)
        }
    }

    private func timeless(_ decision: JSON) -> JSON {
        var members = decision.object ?? [:]
        members["evaluated_at"] = nil
        return .object(members)
    }
}

/// A small generator (SplitMix64) whose run can be repeated from its seed.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
