import Entitlements
import TestSupport
import Testing

@testable import API

/// Whoever asks, and by whichever way, is told the same of what is counted.
@Suite(.database, .timeLimit(.minutes(2))) struct `What is counted` {
    /// A feature, and what is taken of it one after the other until nothing is left.
    private static let stories: [(feature: String, quantities: [Int64])] = [
        ("calls", [1, 20, 1, 38]), ("daily", [1, 4, 1, 4]), ("image", [1, 2, 1, 1]),
        ("search", [1, 4, 1, 4]),
    ]

    @Test func `is told alike by check, batch, entitlements and consume, hot and cold`()
        async throws
    {
        try await Live.run { live in
            try await live.customer(at: "2026-03-10T12:00:00Z")
            try await live.credit("credits", 50)
            let session = try await live.signIn()
            for (feature, quantities) in Self.stories {
                for (turn, quantity) in quantities.enumerated() {
                    let taken = try await live.take(feature, quantity, session, hot: turn % 2 == 0)
                    #expect(taken.json["consumed"] == .integer(quantity), "\(taken.text)")
                    guard turn < quantities.count - 1 else { continue }
                    try await expect(
                        live,
                        session,
                        feature,
                        Self.decision(of: taken),
                        allowed: true
                    )
                }
                for isHot in [true, false] {
                    let refused = try await live.take(feature, 1, session, hot: isHot)
                    #expect(refused.json["consumed"] == 0)
                    let decision = Self.decision(of: refused)
                    try await expect(live, session, feature, decision, allowed: false)
                }
            }
            // What is closed whatever was counted.
            _ = try await live.send("PUT", "/v1/features/daily/disabled")
            for isHot in [true, false] {
                let closed = try await live.take("daily", 1, session, hot: isHot)
                #expect(closed.json["reason"] == "feature_disabled")
                try await expect(live, session, "daily", Self.decision(of: closed), allowed: false)
            }
        }
    }

    private func expect(
        _ live: Live,
        _ session: String,
        _ feature: String,
        _ decision: JSON,
        allowed: Bool
    ) async throws {
        #expect(decision["allowed"] == .bool(allowed), "\(decision)")
        let check: JSON = ["session": .string(session), "feature": .string(feature)]
        let batch: JSON = ["session": .string(session), "features": [.string(feature)]]
        for isHot in [true, false] {
            let one = RawRequest("POST", "/v1/check", check)
            let checked = try await live.send(isHot ? one : one.cold)
            #expect(checked.json == decision, "check, hot: \(isHot)")
            let several = RawRequest("POST", "/v1/check/batch", batch)
            let batched = try await live.send(isHot ? several : several.cold)
            #expect(batched.json["decisions"]?.array == [decision], "batch, hot: \(isHot)")
        }
        let list = try await live.send("GET", "/v1/entitlements?session=\(session)")
        let listed = list.json["entitlements"]?.array?.first { $0["feature"] == .string(feature) }
        #expect(listed == decision, "entitlements")
    }

    private static func decision(of answer: RawAnswer) -> JSON {
        var members = answer.json.object ?? [:]
        members["consumed"] = nil
        return .object(members)
    }
}

extension Live {
    /// Takes units by the front, or by the ordinary pipeline.
    fileprivate func take(
        _ feature: String,
        _ quantity: Int64,
        _ session: String,
        hot isHot: Bool
    ) async throws -> RawAnswer {
        var body: [String: JSON] = ["session": .string(session), "feature": .string(feature)]
        // A single one goes the shortest way, which reads no JSON.
        if quantity > 1 { body["quantity"] = .integer(quantity) }
        let request = RawRequest("POST", "/v1/consume", .object(body))
        let before = coldAnswers(to: "/v1/consume")
        let answer = try await send(isHot ? request : request.cold)
        #expect(coldAnswers(to: "/v1/consume") == before + (isHot ? 0 : 1))
        return answer
    }

    fileprivate func credit(_ feature: String, _ amount: Int64) async throws {
        let answer = try await send(
            "POST",
            "/v1/accounts/acme/credits",
            ["feature": .string(feature), "amount": .integer(amount), "reason": "x"]
        )
        #expect(answer.status == 201, "\(answer.text)")
    }
}
