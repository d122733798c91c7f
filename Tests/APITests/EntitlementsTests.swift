import Entitlements
import Postgres
import Store
import TestSupport
import Testing

@testable import API
@testable import Service

@Suite(.database, .timeLimit(.minutes(2))) struct `The listing of entitlements` {
    private func list(_ live: Live, _ session: String, tag: String? = nil) async throws -> RawAnswer
    {
        var request = RawRequest("GET", "/v1/entitlements?session=\(session)")
        if let tag { request = request.with("If-None-Match", tag) }
        return try await live.send(request)
    }

    @Test func `has every feature once, sorted, in the contract's shape`() async throws {
        try await Live.run { live in
            let session = try await live.signUp()
            let answer = try await list(live, session)
            let members = Set(answer.json.object?.keys.map(\.self) ?? [])
            #expect(
                members == [
                    "session", "account", "revision", "configuration_revision", "evaluated_at",
                    "entitlements",
                ]
            )
            let items = try #require(answer.json["entitlements"]?.array)
            #expect(items.compactMap { $0["feature"]?.string } == Samples.features)
            for item in items {
                try Shape.expectDecision(item)
                #expect(item["evaluated_at"] == answer.json["evaluated_at"])
            }
        }
    }

    @Test func `is 304 until a decision changes, and then at once another one`() async throws {
        try await Live.run { live in
            let session = try await live.signUp()
            let first = try await list(live, session)
            let tag = try #require(first.headers["etag"])
            #expect(tag.hasPrefix("W/\""))
            let strong = String(tag.dropFirst(2))
            for sent in [tag, strong, "*", "\"other\", \(tag)", "\(tag), \"other\""] {
                let again = try await list(live, session, tag: sent)
                #expect(again.status == 304, "\(sent)")
                #expect(again.headers["etag"] == tag)
                #expect(again.body.isEmpty)
            }
            #expect(try await list(live, session, tag: "W/\"other\"").status == 200)

            let path = "/v1/accounts/acme/subscriptions/main"
            #expect(try await live.send("PUT", path, ["plan": "pro"]).status < 300)
            let changed = try await list(live, session, tag: tag)
            #expect(changed.status == 200)
            #expect(changed.headers["etag"] != tag)
            #expect(try await live.send("PUT", "/v1/features/sso/disabled").status == 200)
            let tagged = try await list(live, session, tag: changed.headers["etag"])
            #expect(tagged.status == 200)
        }
    }

    @Test func `of a session that is none denies everything, without an account`() async throws {
        try await Live.run { live in
            let answer = try await list(live, "ses_none")
            #expect(answer.status == 200)
            #expect(answer.json["account"] == .null)
            #expect(answer.json["revision"] == .null)
            for item in answer.json["entitlements"]?.array ?? [] {
                try Shape.expectDecision(item)
                #expect(item["reason"] == "session_unknown")
            }
            let missing = try await live.send("GET", "/v1/entitlements")
            try Shape.expectProblem(missing, 400, .missingField, field: "session")
            let twice = try await live.send("GET", "/v1/entitlements?session=a&session=b")
            try Shape.expectProblem(twice, 400, .invalidField, field: "session")
        }
    }
}

/// One state of an account and its session for each reason that there is.
enum Situation: String, CaseIterable, Sendable {
    case sessionUnknown = "session_unknown"
    case sessionRevoked = "session_revoked"
    case sessionExpired = "session_expired"
    case accountBlocked = "account_blocked"
    case deniedByGrant = "denied_by_grant"
    case featureDisabled = "feature_disabled"
    case gateOff = "gate_off"
    case grant, plan, trial, addon
    case pastDueGrace = "past_due_grace"
    case defaultPlan = "default_plan"
    case trialEnded = "trial_ended"
    case subscriptionEnded = "subscription_ended"
    case subscriptionPaused = "subscription_paused"
    case grantEnded = "grant_ended"
    case paymentFailed = "payment_failed"
    case notInPlan = "not_in_plan"
    case noSeat = "no_seat"
    case levelReached = "level_reached"
    case credit
    case quotaExhausted = "quota_exhausted"
    case rateLimited = "rate_limited"
    case concurrencyReached = "concurrency_reached"

    /// The feature that is asked about.
    var feature: String {
        switch self {
        case .addon, .levelReached: "storage"
        case .noSeat: "seats"
        case .defaultPlan: "report_days"
        case .credit: "exports"
        case .quotaExhausted: "api_calls"
        case .rateLimited: "search"
        case .concurrencyReached: "jobs"
        default: "sso"
        }
    }

    private var subscription: JSON? {
        switch self {
        case .plan, .deniedByGrant, .noSeat, .quotaExhausted, .rateLimited, .concurrencyReached:
            ["plan": "pro"]
        case .trial: ["plan": "pro", "status": "trialing", "trial_end": "2100-01-01T00:00:00Z"]
        case .addon, .levelReached: ["plan": "calls"]
        case .subscriptionPaused: ["plan": "pro", "status": "paused"]
        case .pastDueGrace: ["plan": "pro", "status": "past_due"]
        case .trialEnded:
            ["plan": "pro", "status": "trialing", "trial_end": "2020-01-01T00:00:00Z"]
        case .subscriptionEnded:
            ["plan": "pro", "status": "canceled", "ended_at": "2020-01-01T00:00:00Z"]
        case .paymentFailed: ["plan": "pro", "status": "unpaid"]
        default: nil
        }
    }

    private var grant: JSON? {
        switch self {
        case .deniedByGrant: ["feature": "sso", "effect": "deny", "reason": "x"]
        case .grant: ["feature": "sso", "effect": "allow", "reason": "x"]
        case .grantEnded:
            [
                "feature": "sso", "effect": "allow", "reason": "x",
                "from": "2020-01-01T00:00:00Z", "ttl_seconds": 60,
            ]
        default: nil
        }
    }

    /// What uses the count up, or gives one.
    private func count(_ account: String) -> (path: String, body: JSON)? {
        let call: JSON = ["account": .string(account), "feature": .string(feature), "reason": "x"]
        func with(_ field: String, _ value: Int64) -> JSON {
            .object((call.object ?? [:]).merging([field: .integer(value)]) { $1 })
        }
        return switch self {
        case .credit:
            (
                "/v1/accounts/\(account)/credits",
                ["feature": .string(feature), "amount": 5, "reason": "x"]
            )
        case .quotaExhausted: ("/v1/adjustments", with("used", 100_001))
        case .rateLimited: ("/v1/adjustments", with("used", 20))
        case .concurrencyReached:
            (
                "/v1/leases",
                [
                    "account": .string(account), "feature": .string(feature),
                    "ttl_seconds": 3_600,
                ]
            )
        default: nil
        }
    }

    /// Brings the state about; tells the session to ask for.
    func arrange(_ live: Live) async throws -> String {
        let account = "acme-\(rawValue)"
        let session = try await live.signUp(account)
        if let subscription {
            let path = "/v1/accounts/\(account)/subscriptions/main"
            #expect(try await live.send("PUT", path, subscription).status < 300)
        }
        if let grant {
            let path = "/v1/accounts/\(account)/grants"
            #expect(try await live.send("POST", path, grant).status == 201)
        }
        if self == .rateLimited {
            // In a time that stands, nothing recovers.
            let path = "/v1/accounts/\(account)/clock"
            #expect(try await live.send("PUT", path, ["advance_seconds": 1]).status == 200)
        }
        if let (path, body) = count(account) {
            let answer = try await live.send("POST", path, body)
            #expect(answer.status < 300, "\(answer.text)")
        }
        switch self {
        case .levelReached:
            _ = try await live.send("PUT", "/v1/accounts/\(account)/levels/storage", ["value": 5])
        case .sessionUnknown: return "ses_none"
        case .sessionRevoked: _ = try await live.send("DELETE", "/v1/sessions/\(session)")
        case .sessionExpired:
            _ = try await live.service.store.pool.query(
                "update session set expires_at = clock_timestamp() where session_id = \(session)"
            )
        case .accountBlocked:
            _ = try await live.send("POST", "/v1/accounts/\(account)/block", ["reason": "fraud"])
        case .featureDisabled: _ = try await live.send("PUT", "/v1/features/sso/disabled")
        case .gateOff:
            _ = try await live.service.store.pool.query(
                "update feature set gate = 'none' where feature_id = 'sso'"
            )
        default: break
        }
        return session
    }
}

@Suite(.database, .timeLimit(.minutes(2))) struct `A decision` {
    @Test func `has a situation for each of its reasons`() {
        let reasons = Decision.Reason.allCases.map(\.rawValue)
        #expect(Set(reasons) == Set(Situation.allCases.map(\.rawValue)))
    }

    @Test func `has exactly the contract's keys, whatever its reason`() async throws {
        try await Live.run { live in
            for situation in Situation.allCases {
                let session = try await situation.arrange(live)
                let answer = try await live.check(session, situation.feature)
                #expect(answer.status == 200)
                #expect(answer.json["reason"] == .string(situation.rawValue))
                #expect(answer.json["session"] == .string(session))
                #expect(answer.headers["content-type"] == "application/json")
                for feature in Samples.features {
                    try Shape.expectDecision(try await live.check(session, feature).json)
                }
                _ = try await live.send("DELETE", "/v1/features/sso/disabled")
                _ = try await live.service.store.pool.query("update feature set gate = null")
            }
        }
    }

    @Test func `has a value or a limit of its feature's own type`() async throws {
        try await Live.run { live in
            let session = try await live.signUp()
            let path = "/v1/accounts/acme/subscriptions/main"
            _ = try await live.send("PUT", path, ["plan": "pro"])
            let expected: [(String, String, JSON)] = [
                ("sso", "value", true), ("report_days", "value", 90),
                ("uptime", "value", 99.95), ("api_calls", "limit", 100_000),
                ("storage", "limit", "unlimited"), ("seats", "limit", 10),
                ("search", "limit", 20),
            ]
            for (feature, key, value) in expected {
                #expect(try await live.check(session, feature).json[key] == value, "\(feature)")
            }
            #expect(try await live.send("DELETE", path).status == 204)
            let support = try await live.check(session, "support").json
            #expect(support["value"] == "none \"yet\" — sorry")
        }
    }
}
