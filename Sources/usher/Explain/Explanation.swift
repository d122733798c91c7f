import Entitlements

/// A decision in human words.
struct Explanation: Equatable {
    /// What was decided.
    let verdict: String
    /// Because of what.
    let because: [String]
    /// Until when.
    let holds: String
    /// What would change it.
    let changes: [String]

    init(of decision: JSON, evidence: Evidence) {
        let words = DecisionWords(decision: decision, evidence: evidence)
        verdict = words.verdict
        because = words.because
        holds = words.holds
        changes = words.changes
    }
}

extension Explanation {
    var json: JSON {
        [
            "verdict": .string(verdict), "because": .array(because.map { .string($0) }),
            "holds": .string(holds), "changes": .array(changes.map { .string($0) }),
        ]
    }

    func lines(isAllowed: Bool, on terminal: Terminal) -> [String] {
        let mark = isAllowed ? terminal.paint("Yes", .green) : terminal.paint("No", .red)
        return ["\(mark): \(verdict.printable)"]
            + paragraph("Because", because, on: terminal)
            + paragraph("Until", [holds], on: terminal)
            + paragraph("To change it", changes, on: terminal)
    }

    private func paragraph(_ title: String, _ lines: [String], on terminal: Terminal) -> [String] {
        guard !lines.isEmpty else { return [] }
        return [terminal.paint(title, .dim)] + lines.map { "  " + $0.printable }
    }
}
