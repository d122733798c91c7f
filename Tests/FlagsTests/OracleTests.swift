import Entitlements
import Foundation
import Testing

@testable import Flags

/// Compares with flagd's own evaluators, on cases that `Tests/oracles/run.sh` makes.
@Suite(.enabled(if: ProcessInfo.processInfo.environment["USHER_ORACLE_CASES"] != nil))
struct `Evaluation, beside the oracles,` {
    @Test func `gives the same answers`() throws {
        let files = ProcessInfo.processInfo.environment["USHER_ORACLE_CASES"] ?? ""
        for file in files.split(separator: ":") {
            let text = try String(contentsOfFile: String(file), encoding: .utf8)
            var differences: [String] = []
            var counts: [String: Int] = [:]
            for line in text.split(separator: "\n") {
                let entry = try JSON(parsing: line.utf8)
                let (answer, expected) = (answer(entry), entry["answer"] ?? .null)
                let rule = entry["rule"]?.string ?? "agreed"
                counts[rule, default: 0] += 1
                // Where the oracle itself stops, an answer of any kind is all that is asked.
                if answer != expected, expected["crash"] == nil {
                    differences.append("\(answer) for \(line)")
                }
            }
            print("ORACLE \(file): \(counts.sorted { $0.key < $1.key })")
            try #require(counts.values.reduce(0, +) >= 1_000, "too few cases in \(file)")
            let shown = differences.prefix(20).joined(separator: "\n")
            #expect(differences.isEmpty, "\(differences.count) differences, such as\n\(shown)")
        }
    }

    /// Value, variant, reason and error as the oracle's side writes them.
    private func answer(_ entry: JSON) -> JSON {
        let set = FlagSet(FlagDocument.read(entry["document"] ?? .null, faults: FaultList()))
        var context = FlagContext(attributes: entry["context"]?.object ?? [:])
        context.targetingKey = entry["key"]?.string
        let answer = set.evaluate("flag", context, at: aTime)
        if let error = answer.error { return ["error": .string(error.code.rawValue)] }
        return [
            "value": answer.value ?? .null, "variant": .string(answer.variant),
            "reason": .string(answer.reason.rawValue),
        ]
    }
}
