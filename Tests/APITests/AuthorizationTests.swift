import Entitlements
import Hummingbird
import TestSupport
import Testing

@testable import API
@testable import Service

@Suite(.database, .timeLimit(.minutes(2))) struct `A call without leave` {
    struct Route: Sendable {
        let method: String
        let path: String
        let scope: String

        init(_ method: String, _ path: String, _ scope: String) {
            self.method = method
            self.path = path
            self.scope = scope
        }
    }

    static let routes = [
        Route("POST", "/v1/check", "check"), Route("POST", "/v1/check/batch", "check"),
        Route("GET", "/v1/entitlements", "check"), Route("GET", "/v1/accounts", "product"),
        Route("PUT", "/v1/accounts/acme", "product"), Route("GET", "/v1/accounts/acme", "product"),
        Route("POST", "/v1/accounts/acme/block", "product"),
        Route("DELETE", "/v1/accounts/acme/block", "product"),
        Route("GET", "/v1/accounts/acme/subscriptions", "billing"),
        Route("PUT", "/v1/accounts/acme/subscriptions/main", "billing"),
        Route("GET", "/v1/accounts/acme/subscriptions/main", "billing"),
        Route("DELETE", "/v1/accounts/acme/subscriptions/main", "billing"),
        Route("POST", "/v1/accounts/acme/grants", "product"),
        Route("GET", "/v1/accounts/acme/grants", "product"),
        Route("GET", "/v1/accounts/acme/grants/grt_x", "product"),
        Route("DELETE", "/v1/accounts/acme/grants/grt_x", "product"),
        Route("POST", "/v1/accounts/acme/credits", "billing"),
        Route("GET", "/v1/accounts/acme/credits", "billing"),
        Route("GET", "/v1/accounts/acme/credits/crd_x", "billing"),
        Route("DELETE", "/v1/accounts/acme/credits/crd_x", "billing"),
        Route("POST", "/v1/accounts/acme/credits/crd_x/confirm", "billing"),
        Route("GET", "/v1/accounts/acme/seats/seats", "usage"),
        Route("PUT", "/v1/accounts/acme/seats/seats/ann", "usage"),
        Route("DELETE", "/v1/accounts/acme/seats/seats/ann", "usage"),
        Route("POST", "/v1/accounts/acme/seats/seats/swap", "usage"),
        Route("PUT", "/v1/accounts/acme/seats/seats/swap", "usage"),
        Route("DELETE", "/v1/accounts/acme/seats/seats/swap", "usage"),
        Route("GET", "/v1/accounts/acme/levels", "usage"),
        Route("GET", "/v1/accounts/acme/levels/storage", "usage"),
        Route("PUT", "/v1/accounts/acme/levels/storage", "usage"),
        Route("POST", "/v1/consume", "usage"), Route("POST", "/v1/usage", "usage"),
        Route("POST", "/v1/reservations", "usage"), Route("GET", "/v1/reservations/rsv_x", "usage"),
        Route("POST", "/v1/reservations/rsv_x/settle", "usage"),
        Route("DELETE", "/v1/reservations/rsv_x", "usage"), Route("POST", "/v1/leases", "usage"),
        Route("POST", "/v1/leases/lea_x/heartbeat", "usage"),
        Route("DELETE", "/v1/leases/lea_x", "usage"),
        Route("GET", "/v1/accounts/acme/leases", "usage"), Route("POST", "/v1/refunds", "usage"),
        Route("POST", "/v1/adjustments", "billing"),
        Route("GET", "/v1/accounts/acme/meters", "usage"),
        Route("GET", "/v1/accounts/acme/meters/api_calls", "usage"),
        Route("GET", "/v1/accounts/acme/usage", "usage"),
        Route("GET", "/v1/accounts/acme/ledger", "usage"),
        Route("GET", "/v1/accounts/acme/alerts", "usage"),
        Route("GET", "/v1/accounts/acme/clock", "admin"),
        Route("PUT", "/v1/accounts/acme/clock", "admin"),
        Route("POST", "/v1/accounts/acme/subscriptions/main/trial/extend", "billing"),
        Route("POST", "/v1/accounts/acme/subscriptions/main/trial/end", "billing"),
        Route("POST", "/v1/accounts/acme/subscriptions/main/pause", "billing"),
        Route("POST", "/v1/accounts/acme/subscriptions/main/resume", "billing"),
        Route("POST", "/v1/accounts/acme/subscriptions/main/cancel", "billing"),
        Route("POST", "/v1/accounts/acme/subscriptions/main/uncancel", "billing"),
        Route("POST", "/v1/accounts/acme/subscriptions/main/change", "billing"),
        Route("DELETE", "/v1/accounts/acme/subscriptions/main/change", "billing"),
        Route("GET", "/v1/accounts/acme/trials", "billing"),
        Route("POST", "/v1/catalog/migrations", "catalog"),
        Route("POST", "/v1/sessions", "sessions"), Route("GET", "/v1/sessions/ses_x", "sessions"),
        Route("DELETE", "/v1/sessions/ses_x", "sessions"),
        Route("GET", "/v1/accounts/acme/sessions", "sessions"),
        Route("DELETE", "/v1/accounts/acme/sessions", "sessions"),
        Route("DELETE", "/v1/accounts/acme/users/ann/sessions", "sessions"),
        Route("GET", "/v1/features", "product"), Route("GET", "/v1/flags", "product"),
        Route("GET", "/v1/flags/new", "product"), Route("PUT", "/v1/flags/new", "product"),
        Route("DELETE", "/v1/flags/new", "product"), Route("POST", "/v1/flags/new/kill", "product"),
        Route("DELETE", "/v1/flags/new/kill", "product"),
        Route("GET", "/v1/flags/new/versions", "product"),
        Route("POST", "/v1/flags/new/revert", "product"), Route("GET", "/v1/flagset", "product"),
        Route("POST", "/v1/flagset", "product"),
        Route("POST", "/ofrep/v1/evaluate/flags", "check"),
        Route("POST", "/ofrep/v1/evaluate/flags/new", "check"),
        Route("PUT", "/v1/features/sso/disabled", "product"),
        Route("DELETE", "/v1/features/sso/disabled", "product"),
        Route("GET", "/v1/catalog", "catalog"), Route("PUT", "/v1/catalog", "catalog"),
        Route("POST", "/v1/catalog/diff", "catalog"), Route("POST", "/v1/keys", "admin"),
        Route("GET", "/v1/keys", "admin"), Route("DELETE", "/v1/keys/key_x", "admin"),
        Route("POST", "/v1/keys/key_x/rotate", "admin"),
        Route("GET", "/v1/webhooks/events", "billing"),
        Route("POST", "/v1/webhooks/events/1/replay", "billing"),
        Route("POST", "/v1/sync", "billing"),
        Route("GET", "/v1/accounts/acme/changes", "audit"),
        Route("GET", "/v1/configuration/changes", "audit"),
        Route("GET", "/v1/audit/verify", "audit"),
    ]

    @Test func `is refused on every route before anything else is looked at`() async throws {
        try await Live.run { live in
            let scopes = Set(Self.routes.map(\.scope)).subtracting(["admin"])
            var without: [String: String] = [:]
            for scope in scopes.union(["admin"]) {
                let others = scopes.subtracting([scope]).sorted()
                without[scope] = try await live.key(others)
            }
            try await RawClient.connected(to: live.port) { client in
                for route in Self.routes {
                    // A body that no route takes: it must not be told so.
                    let request = RawRequest(route.method, route.path, ["stranger": true])
                    for key in [nil, "uk_nobody", "nonsense"] {
                        let answer = try await client.send(request.with(key: key))
                        try Shape.expectProblem(answer, 401, .unauthenticated)
                        #expect(answer.json["field"] == "Authorization")
                    }
                    let answer = try await client.send(request.with(key: without[route.scope]))
                    try Shape.expectProblem(answer, 403, .missingScope)
                    #expect(answer.json["detail"]?.string?.hasSuffix(route.scope) == true)
                    let allowed = try await client.send(request)
                    #expect(![401, 403].contains(allowed.status), "\(route)")
                }
            }
        }
    }

    @Test func `covers every route that there is`() async throws {
        try await Live.run { live in
            let open: Set = [
                "/healthz", "/readyz", "/metrics", "/openapi.json", "/webhooks/{source}",
            ]
            let router = Routes(
                service: live.service,
                checkMetrics: CheckMetrics(),
                edgeMetrics: EdgeMetrics(),
                openAPI: nil
            )
            .router()
            let known = router.routes.filter { !open.contains($0.path.description) }
            let told = known.map { "\($0.method) \($0.path)" }.sorted()
            #expect(known.count == Self.routes.count, "\(told)")
        }
    }

    @Test func `is not helped by a second Authorization header, or another scheme`() async throws {
        try await Live.run { live in
            let request = RawRequest("GET", "/v1/accounts")
            let twice = request.with("Authorization", "Bearer \(Live.bootstrap)")
            try Shape.expectProblem(try await live.send(twice), 401, .unauthenticated)
            let basic = request.with(key: nil).with("Authorization", "Basic \(Live.bootstrap)")
            try Shape.expectProblem(try await live.send(basic), 401, .unauthenticated)
            let lower = request.with(key: nil).with("Authorization", "bearer \(Live.bootstrap)")
            #expect(try await live.send(lower).status == 200)
        }
    }

    @Test func `by a key that was revoked is refused at the very next call`() async throws {
        try await Live.run { live in
            let made = try await live.send(
                "POST",
                "/v1/keys",
                ["name": "test", "scopes": ["product", "check"]]
            )
            let members = Set(made.json.object?.keys.map(\.self) ?? [])
            #expect(members == ["id", "name", "scopes", "created_at", "expires_at", "key"])
            let key = try #require(made.json["key"]?.string)
            let id = try #require(made.json["id"]?.string)
            let list = RawRequest("GET", "/v1/accounts").with(key: key)
            let check = RawRequest("POST", "/v1/check", ["session": "s", "feature": "sso"])
                .with(key: key)
            #expect(try await live.send(list).status == 200)
            #expect(try await live.send(check).status == 200)
            #expect(try await live.send("DELETE", "/v1/keys/\(id)").status == 204)
            for request in [list, check] {
                try Shape.expectProblem(try await live.send(request), 401, .keyRevoked)
            }
        }
    }
}
