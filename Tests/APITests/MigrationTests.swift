import Catalog
import Entitlements
import Store
import TestSupport
import Testing

@testable import API
@testable import Service

@Suite(.database, .timeLimit(.minutes(2))) struct `A migration of subscriptions` {
    /// `pro` loses `uptime`, gets more days, and becomes version 2, for new subscriptions only.
    private func grandfather(_ live: Live) async throws {
        for account in ["a", "b", "c"] {
            _ = try await live.send("PUT", "/v1/accounts/\(account)", [:])
            let answer = try await live.send(
                "PUT",
                "/v1/accounts/\(account)/subscriptions/main",
                ["plan": "pro"]
            )
            #expect(answer.status == 201)
        }
        let files = Samples.catalog.map { file in
            CatalogFile(
                path: file.path,
                text: file.path == "pro.yaml"
                    ? file.text.replacing("  uptime: 99.95\n", with: "")
                        .replacing("report_days: 90", with: "report_days: 120") : file.text
            )
        }
        let outcome = try await live.service.applyCatalog(
            files,
            grandfather: true,
            as: .init(actor: "test")
        )
        #expect(outcome.isApplied)
    }

    private func migrate(_ live: Live, _ fields: [String: JSON]) async throws -> JSON {
        let body = JSON.object(["plan": "pro"].merging(fields) { $1 })
        let answer = try await live.send("POST", "/v1/catalog/migrations", body)
        #expect(answer.status == 200, "\(answer.text)")
        return answer.json
    }

    @Test func `tells who gains and loses what, and moves nothing until it is told to`()
        async throws
    {
        try await Live.run { live in
            try await grandfather(live)
            let dry = try await migrate(live, [:])
            #expect(dry["dry_run"] == true && dry["would_move"] == 3 && dry["accounts"] == 3)
            #expect(dry["moved"] == nil && dry["next_cursor"] == .null)
            #expect(
                dry["items"]?[0] == [
                    "account": "a", "subscription": "main", "from_version": 1, "to_version": .null,
                    "gains": [], "loses": ["uptime"],
                    "changes": [["feature": "report_days", "before": 90, "after": 120]],
                ]
            )
            #expect(try await migrate(live, [:]) == dry)
            let real = try await migrate(live, ["dry_run": false, "reason": "new prices"])
            #expect(real["moved"] == 3 && real["items"] == dry["items"])
            #expect(try await migrate(live, [:])["would_move"] == 0)
            let held = try await live.send("GET", "/v1/accounts/a/subscriptions/main").json
            #expect(held["version"] == .null && held["effective"]?["version"] == 2)
            let changes = try await live.send("GET", "/v1/accounts/a/changes")
            #expect(changes.text.contains("new prices"))
        }
    }

    @Test func `goes by pages, forth and back`() async throws {
        try await Live.run { live in
            try await grandfather(live)
            var accounts: [JSON] = []
            var cursor: JSON = .null
            repeat {
                let page = try await migrate(
                    live,
                    ["dry_run": false, "limit": 2, "cursor": cursor, "to_version": 2]
                )
                accounts += page["items"]?.array?.compactMap { $0["account"] } ?? []
                cursor = page["next_cursor"] ?? .null
            } while cursor != .null
            #expect(accounts == ["a", "b", "c"])
            let back = try await migrate(
                live,
                ["dry_run": false, "from_version": 2, "to_version": 1]
            )
            #expect(back["moved"] == 3)
            #expect(back["items"]?[0]?["gains"] == ["uptime"])
        }
    }

    @Test func `is moved once under an Idempotency-Key`() async throws {
        try await Live.run { live in
            try await grandfather(live)
            let request = RawRequest(
                "POST",
                "/v1/catalog/migrations",
                ["plan": "pro", "dry_run": false]
            )
            .with("Idempotency-Key", "k")
            let first = try await live.send(request)
            #expect(first.json["moved"] == 3)
            #expect(try await live.send(request).body == first.body)
        }
    }

    @Test(
        arguments: [
            (["plan": "nope"], .unknownPlan, "plan"),
            ([:], .missingField, "plan"),
            (["plan": "pro", "from_version": 9], .invalidField, "from_version"),
            (["plan": "pro", "to_version": 9], .invalidField, "to_version"),
            (["plan": "pro", "limit": 501], .invalidField, "limit"),
            (["plan": "pro", "cursor": "a"], .invalidField, "cursor"),
            (["plan": "pro", "dry_run": "no"], .invalidField, "dry_run"),
            (["plan": "pro", "apply": true], .unknownField, "apply"),
        ] as [(JSON, Refusal.Code, String)]
    )
    func `that makes no sense is refused by field`(
        body: JSON,
        code: Refusal.Code,
        field: String
    ) async throws {
        try await Live.run { live in
            let answer = try await live.send("POST", "/v1/catalog/migrations", body)
            try Shape.expectProblem(answer, code.status, code, field: field)
        }
    }
}
