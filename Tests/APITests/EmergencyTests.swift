import Entitlements
import Postgres
import Store
import TestSupport
import Testing

@testable import API
@testable import Service

@Suite(.database, .timeLimit(.minutes(2))) struct `An emergency revoke` {
    /// Each as one call, and as one statement (docs/psql.md).
    private static func stops(_ session: String) -> [(call: JSON, sql: String, reason: String)] {
        let columns = "insert into access_grant (account_id, feature_id, effect, reason"
        let deny: JSON = ["feature": "sso", "effect": "deny", "reason": "leak"]
        func with(_ field: String, _ value: String) -> JSON {
            .object((deny.object ?? [:]).merging([field: .string(value)]) { $1 })
        }
        return [
            (deny, "\(columns)) values ('acme', 'sso', 'deny', 'leak')", "denied_by_grant"),
            (
                with("user", "ann"),
                "\(columns), user_id) values ('acme', 'sso', 'deny', 'leak', 'ann')",
                "denied_by_grant"
            ),
            (
                with("session", session),
                "\(columns), session_id) values ('acme', 'sso', 'deny', 'leak', '\(session)')",
                "denied_by_grant"
            ),
            (
                .null, "update feature set disabled_at = now() where feature_id = 'sso'",
                "feature_disabled"
            ),
        ]
    }

    private func expect(
        _ live: Live,
        _ session: String,
        _ reason: String,
        _ what: String
    ) async throws {
        let one = try await live.check(session, "sso").json
        let batch = try await live.send(
            "POST",
            "/v1/check/batch",
            ["session": .string(session), "features": ["report_days", "sso"]]
        )
        let list = try await live.send("GET", "/v1/entitlements?session=\(session)")
        let listed = list.json["entitlements"]?.array?.first { $0["feature"] == "sso" }
        for decision in [one, batch.json["decisions"]?.array?.last, listed] {
            #expect(decision?["reason"] == .string(reason), "\(what)")
            #expect(decision?["allowed"] == .bool(["plan", "grant"].contains(reason)), "\(what)")
            if let decision { try Shape.expectDecision(decision) }
        }
        let other = batch.json["decisions"]?.array?.first
        #expect(other?["allowed"] == true, "only the one feature is closed: \(what)")
    }

    @Test func `is in force at the next check, whoever asks and however`() async throws {
        try await Live.run { live in
            let session = try await live.signUp()
            let account = "/v1/accounts/acme"
            _ = try await live.send("PUT", account + "/subscriptions/main", ["plan": "pro"])
            // An allow, however narrow, does not stand in its way.
            let allow: JSON = [
                "feature": "sso", "effect": "allow", "reason": "x", "session": .string(session),
                "to": "2027-01-01T00:00:00Z",
            ]
            let allowed = try await live.send("POST", account + "/grants", allow)
            try await expect(live, session, "grant", "before")
            let id = allowed.json["grant"]?.string ?? ""
            for (call, sql, reason) in Self.stops(session) {
                if call == .null {
                    _ = try await live.send("PUT", "/v1/features/sso/disabled")
                    try await expect(live, session, reason, "call")
                    _ = try await live.send("DELETE", "/v1/features/sso/disabled")
                } else {
                    let made = try await live.send("POST", account + "/grants", call)
                    try await expect(live, session, reason, "\(call)")
                    let stop = made.json["grant"]?.string ?? ""
                    _ = try await live.send("DELETE", account + "/grants/\(stop)")
                }
                try await expect(live, session, "grant", "after \(call)")
                _ = try await live.service.store.pool.query(SQL(text: sql))
                try await expect(live, session, reason, sql)
                _ = try await live.service.store.pool.query(
                    "delete from access_grant where effect = 'deny'"
                )
                _ = try await live.service.store.pool.query("update feature set disabled_at = null")
            }
            _ = try await live.send("DELETE", account + "/grants/\(id)")
            try await expect(live, session, "plan", "in the end")
        }
    }
}
