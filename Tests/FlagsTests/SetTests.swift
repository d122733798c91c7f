import Entitlements
import Limits
import Testing

@testable import Flags

@Suite struct `A set of flags` {
    private static let text = """
        {"metadata": {"set": "shop", "owner": "all"},
         "$evaluators": {"paid": {"in": [{"var": "plan"}, ["pro", "team"]]}},
         "flags": {
          "base": {"state": "ENABLED", "variants": {"on": true, "off": false},
            "defaultVariant": "off", "metadata": {"owner": "me"},
            "targeting": {"if": [{"$ref": "paid"}, "on", null]}},
          "price": {"state": "ENABLED", "variants": {"low": 10, "high": 12.5},
            "defaultVariant": "low"},
          "top": {"state": "ENABLED", "variants": {"on": true}, "defaultVariant": "on",
            "targeting": {"if": [{"usher_until": "2026-12-03T00:00:00Z"}, "on", null]},
            "usher": {"prerequisites": [{"flag": "base", "variant": "on"}], "expires": "2027-03-01",
              "rollout": {"variant": "on", "unit": "account",
                "steps": [{"at": "2026-12-02T00:00:00Z", "percent": 12.5}]}}}},
         "usher": {"segments": {"beta": {"users": ["ada"], "rule": {"var": "beta"}}}}}
        """

    @Test func `gives all answers in the order of keys, metadata merged`() throws {
        #expect(faults(Self.text).isEmpty)
        let context = try FlagContext(sent: ["plan": "free"], server: ["plan": "pro"])
        let all = flagSet(Self.text).evaluateAll(context, at: aTime)
        #expect(all.map(\.key) == ["base", "price", "top"])
        #expect(all[0].evaluation.variant == "on")
        #expect(all[0].evaluation.metadata["owner"] == "me")
        #expect(all[0].evaluation.metadata["set"] == "shop")
        #expect(all[1].evaluation.value?.description == "10.0")
        #expect(all[1].evaluation.reason == .static)
        #expect(all[1].evaluation.expecting(.integer).value == 10)
        #expect(all[1].evaluation.expecting(.string).error?.code == .typeMismatch)
    }

    @Test func `is not changed against those that wait`() {
        let set = flagSet(Self.text)
        #expect(set.dependants(of: "base") == ["top"])
        #expect(set.faults(removing: "base").count == 1)
        #expect(set.faults(removing: "top").isEmpty)
        let retyped = json(#"{"state": "ENABLED", "variants": {"on": "x"}}"#)
        #expect(set.faults(putting: "base", retyped).map(\.path) == ["flags.base.variants"])
        let shorter = json(#"{"state": "ENABLED", "variants": {"off": false}}"#)
        #expect(
            set.faults(putting: "base", shorter).map(\.path) == ["flags.top.usher.prerequisites[0]"]
        )
        let moved = json(
            #"{"state": "ENABLED", "variants": {"on": true}, "usher": {"salt": "other"}}"#
        )
        #expect(set.faults(putting: "base", moved).map(\.path) == ["flags.base.usher.salt"])
        #expect(set.faults(putting: "new", moved).isEmpty)
    }

    @Test func `reads again what it wrote, and says what flagd cannot`() throws {
        let document = try FlagDocument(json: json(Self.text))
        #expect(try FlagDocument(json: document.json).json == document.json)
        let flagd = document.flagd
        #expect(
            flagd.leftOut == [
                "usher.segments.beta", "flags.top.usher.prerequisites", "flags.top.usher.rollout",
                "flags.top.targeting",
            ]
        )
        #expect(flagd.json["flags"]?["top"]?["usher"] == nil)
    }

    @Test(arguments: [
        ("2026-12-01T00:00:00Z", "2026-12-02T00:00:00Z"),
        ("2026-12-02T00:00:00Z", "2026-12-03T00:00:00Z"),
        ("2026-12-03T00:00:00Z", nil),
    ])
    func `knows when time alone changes an answer`(at: String, next: String?) throws {
        let instant = try #require(Instant(rfc3339: at))
        let set = flagSet(Self.text)
        #expect(set.boundary(of: "top", after: instant) == next.flatMap(Instant.init(rfc3339:)))
        #expect(set.boundary(of: "price", after: instant) == nil)
    }

    @Test func `knows what looks forgotten`() throws {
        let flag = try #require(flagSet(Self.text).definition("top"))
        let end = try #require(Instant(rfc3339: "2027-03-01T00:00:00Z"))
        #expect(flag.staleness(at: end, window: .seconds(1)) == .expired(since: end))
        #expect(flag.staleness(at: end - .seconds(1), window: .seconds(1)) == nil)
    }

    @Test(arguments: 0..<40)
    func `answers whatever a rule says`(seed: UInt64) {
        var random = Seeded(seed: seed)
        for _ in 0..<50 {
            let rule = tree(&random, depth: 6)
            let flag: JSON = [
                "state": "ENABLED", "variants": ["a": 1], "defaultVariant": "a",
                "targeting": ["if": [rule, "a", .null]],
            ]
            let list = FaultList()
            let set = FlagSet(FlagDocument.read(["flags": ["f": flag]], faults: list))
            let context = FlagContext(attributes: [
                "x": [1, "a", .null, [2.5]], "y": .number(-1e300),
            ])
            let answer = set.evaluate("f", context, at: aTime)
            #expect(answer.error != nil || answer.value == 1)
        }
    }

    private func tree(_ random: inout Seeded, depth: Int) -> JSON {
        let leaves: [JSON] = [
            .integer(.max), .integer(.min), 0, -1, 1e308, 0.5, "", "a", .null, true, [],
            ["var": "x"], ["var": "y"], ["var": ""], ["var": "current"], ["var": "accumulator"],
        ]
        guard depth > 0, Int.random(in: 0..<6, using: &random) > 0 else {
            return leaves.randomElement(using: &random) ?? .null
        }
        let name = Operator.names.randomElement(using: &random) ?? "if"
        let count = Int.random(in: 0...3, using: &random)
        return [name: .array((0..<count).map { _ in tree(&random, depth: depth - 1) })]
    }

    @Test func `bounds the work of a rule`() throws {
        let doubling =
            #"{"reduce": [{"var": "x"}, {"cat": [{"var": "accumulator"}, {"var": "accumulator"}]}, "ab"]}"#
        let nesting = #"{"reduce": [{"var": "x"}, [{"var": "accumulator"}], 1]}"#
        let items = JSON.object(["x": .array(Array(repeating: 1, count: 1_000))]).description
        for rule in [doubling, nesting] {
            let error = try #require(throws: FlagError.self) { try result(rule, items) }
            #expect(error.code == .general)
        }
    }
}
