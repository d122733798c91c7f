import Entitlements
import Testing

@testable import Flags

@Suite struct `Usher's own steps` {
    private static let document = """
        {"flags": {
          "nav": {"state": "ENABLED", "variants": {"on": true, "off": false},
                  "defaultVariant": "on"},
          "dark": {"state": "DISABLED", "variants": {"on": true}, "defaultVariant": "on"},
          "loop": {"state": "ENABLED", "variants": {"on": true}, "defaultVariant": "on",
                   "usher": {"prerequisites": [{"flag": "loop", "variant": "on"}]}},
          "waits": {"state": "ENABLED", "variants": {"on": true, "off": false},
                    "defaultVariant": "on", "usher": {"off_variant": "off",
                    "prerequisites": [{"flag": "dark", "variant": "on"}]}},
          "all": {"state": "ENABLED", "variants": {"a": "A", "b": "B", "c": "C", "off": "-"},
            "defaultVariant": "a",
            "targeting": {"if": [{"usher_segment": "beta"}, "b", null]},
            "usher": {"off_variant": "off",
              "prerequisites": [{"flag": "nav", "variant": "on"}],
              "targets": [{"variant": "c", "users": ["ada"]}],
              "schedule": [{"from": "2026-12-01T00:00:00Z", "to": "2026-12-24T00:00:00Z"},
                {"from": "2026-12-05T00:00:00Z", "to": "2026-12-06T00:00:00Z", "state": "off"}],
              "rollout": {"variant": "c", "unit": "account", "steps": [
                {"at": "2026-12-02T09:00:00Z", "percent": 100}]}}}},
         "usher": {"segments": {"beta": {"accounts": ["acme"],
            "rule": {"==": [{"var": "plan"}, "pro"]}, "excluded": {"users": ["eve"]}}}}}
        """

    struct Case: Sendable {
        var server: [String: JSON] = [:]
        var forced: [String: String] = [:]
        var at = "2026-12-01T09:00:00Z"
        let variant: String
        let step: Evaluation.Step
    }

    @Test(arguments: [
        Case(variant: "a", step: .default),
        Case(server: ["user": "ada", "plan": "pro"], variant: "c", step: .target),
        Case(server: ["plan": "pro"], variant: "b", step: .targeting),
        Case(server: ["account": "acme"], variant: "b", step: .targeting),
        Case(server: ["account": "acme", "user": "eve"], variant: "a", step: .default),
        Case(server: ["user": "ada"], forced: ["all": "a"], variant: "a", step: .override),
        Case(at: "2026-11-30T23:59:59.999Z", variant: "off", step: .schedule),
        Case(at: "2026-12-01T00:00:00Z", variant: "a", step: .default),
        Case(at: "2026-12-05T00:00:00Z", variant: "off", step: .schedule),
        Case(forced: ["all": "b"], at: "2026-12-24T00:00:00Z", variant: "off", step: .schedule),
        Case(
            server: ["account": "x"],
            at: "2026-12-02T08:59:59.999Z",
            variant: "a",
            step: .default
        ),
        Case(server: ["account": "x"], at: "2026-12-02T09:00:00Z", variant: "c", step: .rollout),
    ])
    func `are taken in their order`(one: Case) throws {
        let context = FlagContext(server: one.server, forced: one.forced)
        let at = try #require(Instant(rfc3339: one.at))
        let answer = flagSet(Self.document).evaluate("all", context, at: at)
        #expect(answer.variant == one.variant)
        #expect(answer.step == one.step)
        #expect(answer.metadata["step"] == .string(one.step.rawValue))
    }

    @Test func `let a kill come first, and off be off`() {
        let set = flagSet(Self.document, killed: ["all", "nav"])
        let killed = set.evaluate("all", FlagContext(forced: ["all": "a"]), at: aTime)
        #expect(killed.reason == .disabled)
        #expect(killed.value == "-")
        #expect(killed.step == .killed)
        #expect(set.evaluate("nav", FlagContext(), at: aTime).value == nil)
        let waits = set.evaluate("waits", FlagContext(), at: aTime)
        #expect(waits.variant == "off")
        #expect(waits.metadata["prerequisite"] == "dark")
    }

    @Test func `end a ring of prerequisites with an error`() {
        let answer = flagSet(Self.document).evaluate("loop", FlagContext(), at: aTime)
        #expect(answer.error?.code == .general)
        #expect(faults(Self.document).map(\.path) == ["flags.loop.usher.prerequisites"])
    }

    @Test(arguments: [
        ("12-20", "01-07", "UTC", "2026-12-19T23:59:59Z", false),
        ("12-20", "01-07", "UTC", "2026-12-20T00:00:00Z", true),
        ("12-20", "01-07", "UTC", "2027-01-01T00:00:00Z", true),
        ("12-20", "01-07", "UTC", "2027-01-07T00:00:00Z", false),
        ("03-29", "03-30", "Europe/Berlin", "2026-03-28T22:59:59Z", false),
        ("03-29", "03-30", "Europe/Berlin", "2026-03-28T23:00:00Z", true),
        ("03-29", "03-30", "Europe/Berlin", "2026-03-29T21:59:59Z", true),
        ("03-29", "03-30", "Europe/Berlin", "2026-03-29T22:00:00Z", false),
        ("02-29", "03-02", "UTC", "2027-02-28T23:59:59Z", false),
        ("02-29", "03-02", "UTC", "2027-03-01T00:00:00Z", true),
        ("02-29", "03-02", "UTC", "2028-02-29T00:00:00Z", true),
    ])
    func `know the seasons of a place`(
        from: String,
        to: String,
        zone: String,
        at: String,
        isOn: Bool
    ) throws {
        let set = flagSet(
            """
            {"flags": {"s": {"state": "ENABLED", "variants": {"on": true}, "defaultVariant": "on",
              "usher": {"season": [{"from": "\(from)", "to": "\(to)", "zone": "\(zone)"}]}}}}
            """
        )
        let instant = try #require(Instant(rfc3339: at))
        let answer = set.evaluate("s", FlagContext(), at: instant)
        #expect((answer.reason != .disabled) == isOn)
        #expect((answer.step == .season) == !isOn)
    }

    @Test func `say what a missing unit means`() throws {
        let text = """
            {"flags": {"r": {"state": "ENABLED", "variants": {"on": true, "off": false},
              "defaultVariant": "off", "usher": {"rollout": {"variant": "on", "steps": [
                {"at": "2026-01-01T00:00:00Z", "percent": 50},
                {"at": "2027-01-01T00:00:00Z", "percent": 100}]}}}}}
            """
        let set = flagSet(text)
        #expect(faults(text).isEmpty)
        let none = set.evaluate("r", FlagContext(), at: aTime)
        #expect(none.error?.code == .targetingKeyMissing)
        let later = try #require(Instant(rfc3339: "2027-01-01T00:00:00Z"))
        #expect(set.evaluate("r", FlagContext(), at: later).reason == .split)
        #expect(set.evaluate("no", FlagContext(), at: later).error?.code == .flagNotFound)
    }
}
