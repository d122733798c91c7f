import Entitlements
import Testing

@testable import Flags

@Suite struct `A definition with faults` {
    /// A flag `f` whose parts a case replaces.
    private func document(_ parts: String) -> String {
        var flag =
            json(
                #"{"state": "ENABLED", "variants": {"a": 1, "b": 2}, "defaultVariant": "a"}"#
            )
            .object ?? [:]
        for (key, value) in json(parts).object ?? [:] { flag[key] = value }
        return JSON.object(["flags": ["f": .object(flag)]]).description
    }

    @Test func `is told all of them at once`() {
        let parts =
            #"{"state": "ON", "variants": {"a": 1, "b": "x"}, "defaultVariant": "c", "colour": 1}"#
        let faults = faults(document(parts))
        #expect(
            faults.map(\.path) == [
                "flags.f.colour", "flags.f.state", "flags.f.variants", "flags.f.defaultVariant",
            ]
        )
        #expect(faults.last?.remedy == "did you mean `a`?")
    }

    @Test(arguments: [
        (#"{"state": 1}"#, "state"), (#"{"variants": {}}"#, "variants"),
        (#"{"variants": {"a": [1]}}"#, "variants.a"), (#"{"variants": {"a": null}}"#, "variants.a"),
        (#"{"variants": {"a": 9007199254740992}}"#, "variants.a"),
        (#"{"variants": {"a": true, "b": 1}}"#, "variants"),
        (#"{"defaultVariant": "c"}"#, "defaultVariant"),
        (#"{"metadata": {"x": []}}"#, "metadata.x"),
        (#"{"targeting": []}"#, "targeting"),
        (#"{"targeting": {"iff": [1, "a"]}}"#, "targeting.iff"),
        (#"{"targeting": {"if": [true, "c"]}}"#, "targeting.if[1]"),
        (#"{"targeting": {"if": [{"==": [1]}, "a"]}}"#, "targeting.if[0].=="),
        (#"{"targeting": {"if": [{"a": 1, "b": 2}, "a"]}}"#, "targeting.if[0]"),
        (#"{"targeting": {"fractional": [["a", -1], ["b", 1]]}}"#, "targeting.fractional[0][1]"),
        (#"{"targeting": {"fractional": [["a", 1.5]]}}"#, "targeting.fractional[0][1]"),
        (#"{"targeting": {"fractional": [["z", 1]]}}"#, "targeting.fractional[0][0]"),
        (#"{"targeting": {"fractional": ["x", ["a", 1]]}}"#, "targeting.fractional[0]"),
        (#"{"targeting": {"fractional": [["a", 2147483647], ["b", 1]]}}"#, "targeting.fractional"),
        (
            #"{"targeting": {"if": [{"sem_ver": ["x", "=", {"var": "v"}]}, "a"]}}"#,
            "targeting.if[0].sem_ver[0]"
        ),
        (#"{"targeting": {"if": [{"$ref": "no"}, "a"]}}"#, "targeting.if[0].$ref"),
        (
            #"{"targeting": {"if": [{"usher_segment": "no"}, "a"]}}"#,
            "targeting.if[0].usher_segment"
        ),
        (#"{"targeting": {"if": [{"usher_from": "soon"}, "a"]}}"#, "targeting.if[0].usher_from"),
        (#"{"usher": {"bucketing": "flagd/1"}}"#, "usher.bucketing"),
        (#"{"usher": {"offvariant": "a"}}"#, "usher.offvariant"),
        (#"{"usher": {"off_variant": "z"}}"#, "usher.off_variant"),
        (
            #"{"usher": {"prerequisites": [{"flag": "g", "variant": "a"}]}}"#,
            "usher.prerequisites[0].flag"
        ),
        (#"{"usher": {"season": [{"from": "02-30", "to": "03-01"}]}}"#, "usher.season[0].from"),
        (
            #"{"usher": {"season": [{"from": "02-01", "to": "03-01", "zone": "Mars"}]}}"#,
            "usher.season[0].zone"
        ),
        (
            #"{"usher": {"schedule": [{"from": "2026-01-02T00:00:00Z", "to": "2026-01-01T00:00:00Z"}]}}"#,
            "usher.schedule[0]"
        ),
        (
            #"{"usher": {"rollout": {"variant": "a", "steps": [{"at": "2026-01-01T00:00:00Z", "percent": 101}]}}}"#,
            "usher.rollout.steps[0].percent"
        ),
        (
            #"{"usher": {"rollout": {"variant": "a", "steps": [{"at": "2026-01-01T00:00:00Z", "percent": 0.0001}]}}}"#,
            "usher.rollout.steps[0].percent"
        ),
    ])
    func `is refused with the path of the fault`(parts: String, path: String) {
        let found = faults(document(parts))
        #expect(found.map(\.path).contains("flags.f.\(path)"), "\(found)")
        #expect(found.allSatisfy { !$0.remedy.isEmpty })
    }

    @Test func `names the operator that was meant`() {
        let found = faults(document(#"{"targeting": {"if": [{"start_with": ["a", "b"]}, "a"]}}"#))
        #expect(found.first?.remedy == "did you mean `starts_with`?")
    }

    @Test func `may neither refer to itself nor grow without end`() {
        let ring = #""$evaluators": {"x": {"!": {"$ref": "y"}}, "y": {"!": {"$ref": "x"}}}"#
        let found = faults(#"{"flags": {}, \#(ring)}"#)
        #expect(found.contains { $0.message.contains("x → y → x") })
        let doubling = (0..<40)
            .map { #""r\#($0)": {"and": [{"$ref": "r\#($0 + 1)"}, {"$ref": "r\#($0 + 1)"}]}"# }
        let all = (doubling + [#""r40": true"#]).joined(separator: ",")
        #expect(
            faults(#"{"flags": {}, "$evaluators": {\#(all)}}"#)
                .contains { $0.message.contains("parts") }
        )
    }
}
