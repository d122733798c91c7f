import Entitlements
import Postgres
import Store
import TestSupport
import Testing

@testable import API
@testable import Service

@Suite(.database, .timeLimit(.minutes(2))) struct `A flag` {
    private static let region: JSON = [
        "state": "ENABLED", "variants": ["on": true, "off": false], "defaultVariant": "off",
        "targeting": ["if": [["==": [["var": "attributes.region"], "eu"]], "on", .null]],
    ]

    private func gate(_ live: Live, _ feature: String, by flag: String) async throws {
        try await live.service.store.write(as: Author(actor: "test")) { connection in
            _ = try await connection.query(
                "update feature set gate = \(flag) where feature_id = \(feature)"
            )
        }
    }

    private func subscribe(_ live: Live, region: String) async throws -> String {
        let account: JSON = ["attributes": ["region": .string(region)]]
        _ = try await live.send("PUT", "/v1/accounts/acme", account)
        _ = try await live.send(
            "PUT",
            "/v1/accounts/acme/subscriptions/main",
            ["plan": "pro", "status": "active"]
        )
        return try await live.signIn()
    }

    @Test func `as a gate hides what was bought, and opens nothing that was not`() async throws {
        try await Live.run { live in
            let session = try await subscribe(live, region: "us")
            for feature in ["sso", "exports", "api_calls"] {
                try await gate(live, feature, by: "new")
            }
            func reason(_ feature: String) async throws -> String? {
                try await live.check(session, feature).json["reason"]?.string
            }
            #expect(try await reason("sso") == "gate_off", "a flag that is not there says no")
            let made = try await live.send("PUT", "/v1/flags/new", Self.region)
            #expect(made.status == 201)
            #expect(try await reason("sso") == "gate_off")
            let consume: JSON = ["session": .string(session), "feature": "api_calls"]
            let refused = try await live.send("POST", "/v1/consume", consume).json
            #expect(refused["reason"] == "gate_off")
            #expect(refused["consumed"] == 0)
            _ = try await live.send(
                "PUT",
                "/v1/accounts/acme",
                ["attributes": ["region": "eu"]]
            )
            #expect(try await reason("sso") == "plan")
            #expect(try await reason("exports") == "not_in_plan", "locked, and no longer hidden")
            #expect(try await live.send("POST", "/v1/consume", consume).json["consumed"] == 1)
            _ = try await live.send("POST", "/v1/flags/new/kill")
            #expect(try await reason("sso") == "gate_off")
            _ = try await live.send("DELETE", "/v1/flags/new/kill")
            #expect(try await reason("sso") == "plan")
        }
    }

    /// One session asked by five interfaces, of one flag.
    @Test func `is the same flag in a check, a batch, a list, an explanation and OpenFeature`()
        async throws
    {
        try await Live.run { live in
            let session = try await subscribe(live, region: "eu")
            try await gate(live, "sso", by: "new")
            _ = try await live.send("PUT", "/v1/flags/new", Self.region)
            for isOn in [true, false] {
                if !isOn { _ = try await live.send("POST", "/v1/flags/new/kill") }
                let batch =
                    try await live.send(
                        "POST",
                        "/v1/check/batch",
                        [
                            "session": .string(session), "features": ["sso"],
                            "flags": ["new", "none"],
                        ]
                    )
                    .json
                let listed = try await live.send("GET", "/v1/entitlements?session=\(session)").json
                let explained =
                    try await live.send(
                        "POST",
                        "/v1/check",
                        ["session": .string(session), "feature": "sso", "explain": true]
                    )
                    .json
                let asked: JSON = ["context": ["targetingKey": .string(session)]]
                let one = try await live.send("POST", "/ofrep/v1/evaluate/flags/new", asked).json
                let all = try await live.send("POST", "/ofrep/v1/evaluate/flags", asked).json
                let decisions = [
                    batch["decisions"]?.array?.first,
                    listed["entitlements"]?.array?.first { $0["feature"] == "sso" }, explained,
                ]
                #expect(decisions.allSatisfy { $0?["allowed"] == .bool(isOn) })
                let answers = [batch["flags"]?.array?.first, one, all["flags"]?.array?.first]
                #expect(answers.allSatisfy { $0?["value"] == (isOn ? true : nil) })
                #expect(batch["flags"]?.array?.last?["errorCode"] == "FLAG_NOT_FOUND")
                let gate = explained["explanation"]?["considered"]?.array?
                    .first { $0["step"] == "gate" }
                #expect(gate?["why"] == (isOn ? "open" : "off"))
            }
        }
    }

    @Test func `goes by what the server knows of a session, whatever the caller says`()
        async throws
    {
        try await Live.run { live in
            let session = try await subscribe(live, region: "us")
            let byPlan: JSON = [
                "state": "ENABLED", "variants": ["a": "a", "b": "b"], "defaultVariant": "a",
                "targeting": ["if": [["in": [["var": "plan"], ["pro", "forged"]]], "b", "a"]],
            ]
            _ = try await live.send("PUT", "/v1/flags/by-plan", byPlan)
            _ = try await live.send(
                "PUT",
                "/v1/accounts/acme/subscriptions/main",
                ["plan": "pro", "status": "canceled"]
            )
            func variant(_ context: JSON) async throws -> JSON? {
                try await live.send(
                    "POST",
                    "/ofrep/v1/evaluate/flags/by-plan",
                    ["context": context]
                )
                .json["variant"]
            }
            #expect(try await variant(["session": .string(session), "plan": "forged"]) == "a")
            #expect(try await variant(["targetingKey": .string(session), "plan": "pro"]) == "a")
            #expect(try await variant(["targetingKey": "ann", "plan": "pro"]) == "b")
            let strange = try await live.send(
                "POST",
                "/ofrep/v1/evaluate/flags/by-plan",
                ["context": ["session": 7, "plan": "pro"]]
            )
            #expect(strange.json["errorCode"] == "INVALID_CONTEXT")
            _ = try await live.send("DELETE", "/v1/sessions/\(session)")
            let gone = try await live.send(
                "POST",
                "/ofrep/v1/evaluate/flags/by-plan",
                ["context": ["session": .string(session)]]
            )
            #expect(gone.status == 400)
            #expect(gone.json["errorCode"] == "INVALID_CONTEXT")
        }
    }

    @Test func `that a feature has as its gate stays, and stays a yes or a no`() async throws {
        try await Live.run { live in
            _ = try await live.send("PUT", "/v1/flags/new", Self.region)
            try await gate(live, "sso", by: "new")
            let removed = try await live.send("DELETE", "/v1/flags/new")
            #expect(removed.status == 409)
            #expect(removed.json["detail"]?.string?.contains("sso") == true)
            let text: JSON = [
                "state": "ENABLED", "variants": ["x": "a"], "defaultVariant": "x",
            ]
            let retyped = try await live.send("PUT", "/v1/flags/new", text)
            #expect(retyped.status == 422)
            #expect(retyped.json["field"] == "flags.new.variants")
            for whole: JSON in [[:], ["new": text]] {
                let document: JSON = ["document": ["flags": whole], "replace": true]
                let imported = try await live.send("POST", "/v1/flagset", document)
                #expect(imported.status == 422)
                #expect(imported.json["detail"]?.string?.contains("`sso`") == true)
            }
            #expect(try await live.send("GET", "/v1/flags/new").json["version"] == 1)
        }
    }

    /// Its schedule ends what a decision holds for.
    @Test func `says until when a decision holds`() async throws {
        try await Live.run { live in
            let session = try await subscribe(live, region: "eu")
            try await gate(live, "sso", by: "new")
            let until = "2026-12-24T00:00:00.000Z"
            let scheduled: JSON = [
                "state": "ENABLED", "variants": ["on": true, "off": false], "defaultVariant": "on",
                "usher": ["schedule": [["to": .string(until), "state": "on"]]],
            ]
            _ = try await live.send(
                "PUT",
                "/v1/accounts/acme/clock",
                ["now": "2026-12-01T00:00:00Z"]
            )
            let made = try await live.send("PUT", "/v1/flags/new", scheduled)
            #expect(made.status == 201, "\(made.json)")
            let again = try await live.signIn()
            _ = session
            let decision = try await live.check(again, "sso").json
            #expect(decision["allowed"] == true)
            #expect(decision["valid_until"] == .string(until))
        }
    }

    @Test func `says that it looks forgotten, and since when`() async throws {
        try await Live.run { live in
            func stale(_ key: String, _ usher: JSON) async throws -> JSON? {
                let flag: JSON = [
                    "state": "ENABLED", "variants": ["on": true, "off": false],
                    "defaultVariant": "off", "usher": usher,
                ]
                let made = try await live.send("PUT", "/v1/flags/\(key)", flag)
                #expect(made.status == 201, "\(made.json)")
                let list = try await live.send("GET", "/v1/flags").json["items"]?.array
                #expect(list?.first { $0["key"] == .string(key) } == made.json)
                return made.json["stale"]
            }
            func rollout(_ at: String, _ percent: JSON) -> JSON {
                ["variant": "on", "steps": [["at": .string(at), "percent": percent]]]
            }
            let long = "2020-01-01T00:00:00.000Z"
            let expired = try await stale("old", ["expires": "2020-01-01"])
            #expect(expired == ["why": "expired", "since": .string(long)])
            let whole = try await stale("out", ["rollout": rollout(long, 100)])
            #expect(whole == ["why": "one_sided", "since": .string(long)])
            #expect(try await stale("half", ["rollout": rollout(long, 50)]) == .null)
            let kept: JSON = ["expires": "2020-01-01", "permanent": true]
            #expect(try await stale("kept", kept) == .null)
        }
    }

    @Test
    func `has versions that can be gone back to, and is written on the version that was seen`()
        async throws
    {
        try await Live.run { live in
            func put(_ variant: String, _ header: (String, String)? = nil) async throws -> RawAnswer
            {
                let body: JSON = [
                    "state": "ENABLED", "variants": ["a": 1, "b": 2],
                    "defaultVariant": .string(variant),
                ]
                var request = RawRequest("PUT", "/v1/flags/size", body)
                if let header { request.headers.append(header) }
                return try await live.send(request)
            }
            #expect(try await put("a").status == 201)
            #expect(try await put("b", ("If-Match", "\"1\"")).status == 200)
            let late = try await put("a", ("If-Match", "\"1\""))
            #expect(late.status == 412)
            #expect(late.json["code"] == "version_mismatch")
            let back = try await live.send("POST", "/v1/flags/size/revert", ["version": 1])
            #expect(back.json["version"] == 3)
            #expect(back.json["definition"]?["defaultVariant"] == "a")
            #expect(try await live.send("DELETE", "/v1/flags/size").status == 204)
            #expect(try await put("b").json["version"] == 5)
            let versions = try await live.send("GET", "/v1/flags/size/versions").json["items"]?
                .array
            #expect(versions?.map { $0["version"] } == [5, 4, 3, 2, 1])
            #expect(versions?[1]["definition"] == .null)
        }
    }
}
