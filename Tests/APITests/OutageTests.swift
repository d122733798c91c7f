import Entitlements
import Foundation
import Logging
import Postgres
import Service
import Store
import TestSupport
import Testing

@testable import API

@Suite(.timeLimit(.minutes(3))) struct `Without Postgres` {
    private func migrated(_ folder: String) async throws -> EmbeddedCluster {
        let cluster = try await EmbeddedCluster.start(
            dataDirectory: folder,
            settings: TestServer.settings
        )
        try await Migrator(directory: Samples.root.appending(path: "migrations").path)
            .migrate(
                ConnectionSettings(url: cluster.url),
                logger: Logger(label: "migrate") { _ in SwiftLogNoOpLogHandler() }
            )
        return cluster
    }

    @Test func `every call is 503 that says when to come back, and all is well when it is back`()
        async throws
    {
        try await TemporaryFolder.with { folder in
            var cluster = try await migrated(folder)
            try await Live.run(url: cluster.url) { live in
                let session = try await live.signUp()
                let path = "/v1/accounts/acme/subscriptions/main"
                _ = try await live.send("PUT", path, ["plan": "pro"])
                #expect(try await live.check(session, "sso").json["allowed"] == true)

                await cluster.stop()
                try await expectRefusals(live, session)

                cluster = try await EmbeddedCluster.start(
                    dataDirectory: folder,
                    settings: TestServer.settings
                )
                try await eventually { try await live.send("GET", "/readyz").status == 200 }
                #expect(try await live.check(session, "sso").json["allowed"] == true)
                try await eventually {
                    try await live.send("DELETE", "/v1/sessions/\(session)").status == 200
                }
                let last = try await live.check(session, "sso").json
                #expect(last["reason"] == "session_revoked")
            }
            await cluster.stop()
        }
    }

    private func expectRefusals(_ live: Live, _ session: String) async throws {
        let requests = [
            RawRequest("POST", "/v1/check", ["session": .string(session), "feature": "sso"]),
            RawRequest(
                "POST",
                "/v1/check/batch",
                ["session": .string(session), "features": ["sso"]]
            ),
            RawRequest("GET", "/v1/entitlements?session=\(session)"),
            RawRequest("PUT", "/v1/accounts/acme", [:]), RawRequest("GET", "/v1/accounts"),
            RawRequest("POST", "/webhooks/stripe", [:]), RawRequest("GET", "/readyz"),
        ]
        for request in requests {
            for attempt in [request, request.with("Idempotency-Key", "k")] {
                try Shape.expectProblem(try await live.send(attempt), 503, .databaseUnavailable)
            }
        }
        #expect(try await live.send("GET", "/healthz").status == 200)
        let metrics = try await live.send("GET", "/metrics")
        #expect(metrics.text.contains("\nusher_database_up 0\n"))
    }
}
