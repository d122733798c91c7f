import Entitlements
import Flags
import Harness

/// What evaluating flags costs: one of each kind, and 200 mixed ones for one context.
package struct FlagsBenchmark {
    package struct Figure {
        package let name: String
        package let nanoseconds: Double
        /// What an evaluation may cost at most.
        package let aim: Double
    }

    private let set: FlagSet
    private let context: FlagContext
    private let start = Instant(microseconds: 1_800_000_000_000_000)

    package init() throws {
        let kinds = [Self.plain, Self.targeted, Self.fractional]
        let flags = try (0..<200)
            .map { number in
                let json = try JSON(parsing: kinds[number % kinds.count])
                return try FlagDefinition(key: "flag-\(number)", json: json)
            }
        set = FlagSet(FlagDocument(flags: flags))
        precondition(set.faults.isEmpty, "the sample flags have no faults")
        context = FlagContext(
            attributes: ["email": "ada@example.com", "app": ["version": "2.4.1"]],
            server: ["plan": "pro", "account": "acme", "user": "ada", "country": "DE"],
            targetingKey: "ses_7c0a6f31"
        )
    }

    /// The medians of the rounds.
    package func figures(rounds: Int, passes: Int) -> [Figure] {
        let keys = [("static", "flag-0", 300.0), ("targeted", "flag-1", 2_000.0)]
        let more = [("fractional", "flag-2", 1_000.0)]
        var figures = (keys + more)
            .map { name, key, aim in
                let cost = median(rounds, passes) {
                    set.evaluate(key, context, at: $0).value != nil
                }
                return Figure(name: name, nanoseconds: cost, aim: aim)
            }
        let bulk = median(rounds, max(1, passes / 100)) {
            set.evaluateAll(context, at: $0).count == 200
        }
        figures.append(Figure(name: "bulk of 200", nanoseconds: bulk, aim: 150_000))
        return figures
    }

    private func median(_ rounds: Int, _ passes: Int, _ evaluate: (Instant) -> Bool) -> Double {
        let costs = (0...rounds)
            .map { _ in
                let clock = ContinuousClock.now
                var answered = 0
                for step in 0..<passes where evaluate(start + .microseconds(step)) { answered += 1 }
                let elapsed = ContinuousClock.now - clock
                // Using the answers keeps the optimiser from leaving the questions out.
                precondition(answered == passes, "every flag of the sample has a value")
                return elapsed.seconds * 1e9 / Double(passes)
            }
        // The first round warms up.
        return Array(costs.dropFirst()).median ?? 0
    }

    private static let plain = """
        {"state": "ENABLED", "variants": {"on": true, "off": false}, "defaultVariant": "on"}
        """

    private static let targeted = """
        {"state": "ENABLED", "variants": {"on": true, "off": false}, "defaultVariant": "off",
         "targeting": {"if": [{"and": [
           {"in": [{"var": "plan"}, ["team", "business", "pro"]]},
           {"ends_with": [{"var": "email"}, "@example.com"]},
           {"sem_ver": [{"var": "app.version"}, ">=", "2.0.0"]}]}, "on", null]}}
        """

    private static let fractional = """
        {"state": "ENABLED", "variants": {"a": "A", "b": "B", "c": "C"}, "defaultVariant": "a",
         "targeting": {"fractional": [["a", 50], ["b", 30], ["c", 20]]}}
        """
}
