package import Foundation

extension Report {
    /// For a terminal.
    package var text: String {
        "\n" + ([heading] + tables.map(\.text)).joined(separator: "\n\n") + "\n"
    }

    /// For `docs/performance.md`.
    package var markdown: String {
        ([heading] + tables.map(\.markdown)).joined(separator: "\n\n") + "\n"
    }

    /// Puts the Markdown between the marks of a document, or makes the whole file.
    package func writeMarkdown(to file: URL) throws {
        let old = (try? String(contentsOf: file, encoding: .utf8)) ?? ""
        try Self.replacing(figuresOf: old, with: markdown)
            .write(to: file, atomically: true, encoding: .utf8)
    }

    static func replacing(figuresOf document: String, with figures: String) -> String {
        let marks = (start: "<!-- figures of make bench -->\n", end: "<!-- end of figures -->")
        guard let start = document.firstRange(of: marks.start),
            let end = document[start.upperBound...].firstRange(of: marks.end)
        else { return figures }
        return document[..<start.upperBound] + figures + document[end.lowerBound...]
    }

    /// For programs.
    package var json: Data {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
            return try encoder.encode(WholeReport(report: self, aims: aims))
        }
    }

    /// What was measured, where, and what the checks answered.
    private var heading: String {
        let gibibytes = Format.fixed(Double(machine.memoryBytes) / 1_073_741_824, 0)
        let total = max(1, reasons.values.reduce(0, +))
        let shares = reasons.sorted { ($1.value, $0.key) < ($0.value, $1.key) }
            .map { "\($0.key) \(100 * $0.value / total)%" }
        let decide = decideNanoseconds.map { "\(Format.fixed($0, 0)) ns" } ?? Format.nothing
        var words = [
            "\(machine.processor), \(machine.cores) cores, \(gibibytes) GiB, shared by load "
                + "generator, service and Postgres.",
            "\(sessions) sessions on \(accounts) accounts.",
        ]
        if !shares.isEmpty {
            words.append(
                "Checks are answered with \(answerBytes) bytes: \(shares.joined(separator: ", "))."
            )
        }
        if consumeBytes > 0 { words.append("Consumes are answered with \(consumeBytes) bytes.") }
        if let durability { words.append("Postgres: \(durability.words).") }
        return (words + ["One pure decision: \(decide)."]).joined(separator: " ")
    }
}

/// The figures with what they mean for the aims.
private struct WholeReport: Encodable {
    let report: Report
    let aims: [Aim]
}
