import Foundation
import Harness

/// A look at what checks answer, one by one: that they are real decisions, and how long they are.
struct Answers {
    let reasons: [String: Int]
    let medianBytes: Int

    private struct Decision: Decodable {
        let session: String
        let feature: String
        let allowed: Bool
        let reason: String
    }

    private struct Question: Decodable {
        let session: String
        let feature: String
    }

    /// Sends the first bodies of some requests and reads every answer.
    init(_ service: UsherService, _ requests: Requests, count: Int) throws {
        let client = try service.client()
        var reasons: [String: Int] = [:]
        var sizes: [Double] = []
        for body in try requests.files.first.map({ try Self.lines($0, count) }) ?? [] {
            let answer = try client.send("POST", requests.path, json: body)
            guard answer.status == 200 else {
                throw BenchmarkError("\(requests.path) gave \(answer.status): \(answer.body)")
            }
            let asked = try JSONDecoder().decode(Question.self, from: Data(body.utf8))
            let decision = try JSONDecoder().decode(Decision.self, from: Data(answer.body.utf8))
            guard decision.session == asked.session, decision.feature == asked.feature else {
                throw BenchmarkError("an answer belongs to another question: \(answer.body)")
            }
            reasons[decision.reason, default: 0] += 1
            sizes.append(Double(answer.body.utf8.count))
        }
        self.reasons = reasons
        medianBytes = Int(sizes.median ?? 0)
    }

    private static func lines(_ file: URL, _ count: Int) throws -> [String] {
        let handle = try FileHandle(forReadingFrom: file)
        defer { try? handle.close() }
        // A body has under 256 bytes: two names and their keys.
        let start = try handle.read(upToCount: count * 256) ?? Data()
        return String(decoding: start, as: UTF8.self).split(separator: "\n").dropLast()
            .prefix(count).map(String.init)
    }
}
