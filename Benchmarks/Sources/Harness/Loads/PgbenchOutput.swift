/// What `pgbench` prints when a run is over.
package enum PgbenchOutput {
    package static func sample(_ output: String) throws -> LoadSample {
        guard
            let rate = number(after: "tps = ", in: output),
            let done = number(after: "number of transactions actually processed: ", in: output)
        else { throw BenchmarkError("pgbench printed no result:\n\(output)") }
        return LoadSample(
            perSecond: rate,
            answers: Int(done),
            failures: Int(number(after: "number of failed transactions: ", in: output) ?? 0)
        )
    }

    private static func number(after words: String, in output: String) -> Double? {
        guard let line = output.split(separator: "\n").first(where: { $0.hasPrefix(words) }) else {
            return nil
        }
        return Double(line.dropFirst(words.count).prefix { $0.isNumber || $0 == "." })
    }
}
