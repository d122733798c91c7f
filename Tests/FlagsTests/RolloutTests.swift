import Entitlements
import Testing

@testable import Flags

/// Rollouts as they are asked for: through the whole evaluation of a flag.
@Suite struct `A partial rollout` {
    struct Plan: Sendable, CustomTestStringConvertible {
        let bucketing: Bucketing
        let unit: String

        var testDescription: String { "\(bucketing.rawValue) by \(unit)" }
    }

    private static let plans = Bucketing.allCases.flatMap { bucketing in
        ["account", "user", "targetingKey"].map { Plan(bucketing: bucketing, unit: $0) }
    }

    private static let units = 100_000

    @Test(arguments: plans)
    func `takes the share of units that its step says`(plan: Plan) {
        let set = flags(plan)
        var counts = [0, 0, 0]
        for unit in 0..<Self.units {
            let context = context(plan, unit)
            for (index, at) in Self.instants.enumerated() {
                let answer = set.evaluate("ramp", context, at: at)
                if answer.variant == "on" { counts[index] += 1 }
            }
        }
        for (count, percent) in zip(counts, Self.percents) {
            let part = percent / 100
            let standardError = (part * (1 - part) * Double(Self.units)).squareRoot()
            let expected = part * Double(Self.units)
            #expect(abs(Double(count) - expected) < 3 * standardError, "\(count) at \(percent) %")
        }
    }

    @Test(arguments: plans)
    func `keeps who is in, when the share grows`(plan: Plan) {
        let set = flags(plan)
        for unit in 0..<2_000 {
            let context = context(plan, unit)
            let isIn = Self.instants.map { set.evaluate("ramp", context, at: $0).variant == "on" }
            #expect(zip(isIn, isIn.dropFirst()).allSatisfy { !$0 || $1 })
        }
    }

    @Test(arguments: plans)
    func `says which step decided, and by what`(plan: Plan) throws {
        let set = flags(plan)
        let answers = (0..<200)
            .map { set.evaluate("ramp", context(plan, $0), at: Self.instants[1]) }
        let inside = try #require(answers.first { $0.variant == "on" })
        #expect(inside.reason == .split)
        #expect(inside.step == .rollout)
        #expect(inside.metadata["share"] == 33.333)
        #expect(inside.metadata["algorithm"] == .string(plan.bucketing.rawValue))
        let outside = try #require(answers.first { $0.variant == "off" })
        #expect(outside.reason == .default)
        #expect(outside.step == .default)
    }

    @Test(arguments: plans)
    func `of 0 % is nobody's and of 100 % everybody's, with a unit or without`(plan: Plan) {
        let nobody = set(plan, steps: #"[{"at": "2026-01-01T00:00:00Z", "percent": 0}]"#)
        let everybody = set(plan, steps: #"[{"at": "2026-01-01T00:00:00Z", "percent": 100}]"#)
        for context in [FlagContext()] + (0..<5_000).map({ context(plan, $0) }) {
            #expect(nobody.evaluate("ramp", context, at: aTime).variant == "off")
            #expect(everybody.evaluate("ramp", context, at: aTime).variant == "on")
        }
    }

    @Test func `puts a whole account on one side`() {
        let set = flags(Plan(bucketing: .flagd3, unit: "account"))
        let variants = (0..<100)
            .map { user in
                let server: [String: JSON] = ["account": "acme", "user": .string("user-\(user)")]
                let context = FlagContext(server: server, targetingKey: "user-\(user)")
                return set.evaluate("ramp", context, at: Self.instants[1]).variant
            }
        #expect(Set(variants).count == 1)
    }

    // The shares and when each begins.
    private static let percents = [12.5, 33.333, 90.0]
    private static let instants = [1, 2, 3]
        .compactMap { Instant(rfc3339: "2026-12-0\($0)T00:00:00Z") }

    private func flags(_ plan: Plan) -> FlagSet {
        let steps = zip(Self.percents, Self.instants)
            .map { #"{"at": "\#($1)", "percent": \#($0)}"# }
        return set(plan, steps: "[\(steps.joined(separator: ","))]")
    }

    private func set(_ plan: Plan, steps: String) -> FlagSet {
        let text = """
            {"flags": {"ramp": {"state": "ENABLED", "variants": {"on": true, "off": false},
              "defaultVariant": "off", "usher": {"bucketing": "\(plan.bucketing.rawValue)",
                "rollout": {"variant": "on", "unit": "\(plan.unit)", "steps": \(steps)}}}}}
            """
        #expect(faults(text).isEmpty)
        return flagSet(text)
    }

    /// Only the attribute that the rollout goes by is there: another one would be a fault.
    private func context(_ plan: Plan, _ unit: Int) -> FlagContext {
        let name = "unit-\(unit)"
        guard plan.unit != "targetingKey" else { return FlagContext(targetingKey: name) }
        return FlagContext(server: [plan.unit: .string(name)])
    }
}
