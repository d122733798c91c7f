import Foundation

/// The line of JSON that `requests.lua` and `get.lua` print when a run is over.
package struct WrkOutput: Decodable {
    let requests: Int
    let microseconds: Double
    let failures: Int
    let p50: Double
    let p99: Double

    /// Finds that line in what wrk printed.
    package static func sample(_ output: String) throws -> LoadSample {
        guard let line = output.split(separator: "\n").last(where: { $0.hasPrefix("{") }),
            let read = try? JSONDecoder().decode(WrkOutput.self, from: Data(line.utf8)),
            read.microseconds > 0
        else { throw BenchmarkError("wrk printed no result:\n\(output)") }
        return LoadSample(
            perSecond: Double(read.requests) / (read.microseconds / 1e6),
            p50Milliseconds: read.p50 / 1e3,
            p99Milliseconds: read.p99 / 1e3,
            answers: read.requests,
            failures: read.failures
        )
    }
}
