/// What `redis-benchmark --csv` prints: a heading and one row a test.
package enum RedisOutput {
    package static func sample(_ output: String, answers: Int) throws -> LoadSample {
        let rows = output.split(separator: "\n").map(fields)
        guard let heading = rows.first(where: { $0.first == "test" }),
            let row = rows.first(where: { $0.first == "GET" }), row.count == heading.count
        else { throw BenchmarkError("redis-benchmark printed no result:\n\(output)") }
        let values = Dictionary(zip(heading, row)) { first, _ in first }
        guard let rate = values["rps"].flatMap(Double.init) else {
            throw BenchmarkError("redis-benchmark printed no rate:\n\(output)")
        }
        return LoadSample(
            perSecond: rate,
            p50Milliseconds: values["p50_latency_ms"].flatMap(Double.init),
            p99Milliseconds: values["p99_latency_ms"].flatMap(Double.init),
            answers: answers
        )
    }

    private static func fields(_ line: Substring) -> [String] {
        line.split(separator: ",").map { $0.filter { $0 != "\"" } }
    }
}
