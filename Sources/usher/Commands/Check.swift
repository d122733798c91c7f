import ArgumentParser
import Entitlements

struct CheckCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "May this session use these features now?",
        discussion: """
            Exits with 0 when all are allowed, with \(denied.rawValue) when one is denied, and \
            with 1 when the question could not be answered.

              usher check sso --session ses_…
              usher check sso api_calls --session ses_… --json
            """
    )

    static let denied = ExitCode(3)

    @Argument(help: "The features; several are answered from one read.")
    var features: [String]

    @Option(help: "The session, ses_….")
    var session: String

    @OptionGroup var service: ServiceOptions

    func run() async throws {
        let answer = try await service.client().call(request)
        let decisions = answer.json["decisions"]?.array ?? [answer.json]
        service.print(answer) { _, terminal in Self.table(decisions).lines(on: terminal) }
        if let error = decisions.lazy.compactMap({ $0["error"] }).first {
            throw CommandFailure("\(error.word("code")): \(error.word("detail"))".printable)
        }
        if decisions.contains(where: { $0["allowed"]?.bool != true }) { throw Self.denied }
    }

    private var request: APIRequest {
        if features.count == 1 {
            let body: JSON = ["session": .string(session), "feature": .string(features[0])]
            return .post("v1", "check", body: body)
        }
        let body: JSON = [
            "session": .string(session), "features": .array(features.map { .string($0) }),
        ]
        return .post("v1", "check", "batch", body: body)
    }

    private static func table(_ decisions: [JSON]) -> Table {
        var table = Table("feature", "answer", "reason", "from", "value", "until")
        for decision in decisions {
            let isAllowed = decision["allowed"]?.bool
            table.add(
                "\(decision.word("feature"))",
                isAllowed.map { $0 ? .init("allowed", .green) : .init("denied", .red) }
                    ?? .init("error", .yellow),
                "\(decision["error"]?.word("code") ?? decision.word("reason"))",
                "\(decision.sourceInWords ?? "-")",
                "\(decision.amountInWords)",
                "\(decision.word("valid_until"))"
            )
        }
        return table
    }
}

/// Parts of a decision in words.
extension JSON {
    /// `plan pro v3`, `grant grt_…`; nil where the decision rests on neither.
    var sourceInWords: String? {
        guard let source = self["source"], !source.isNull else { return nil }
        let version = source.wordIfAny("version").map { " v\($0)" } ?? ""
        return "\(source.word("kind")) \(source.word("id"))\(version)"
    }

    /// The value, or the limit and what is left of it.
    var amountInWords: String {
        guard let limit = self["limit"], !limit.isNull else { return word("value") }
        guard let remaining = self["remaining"]?.integer else { return limit.word }
        return "\(remaining) of \(limit.word) left"
    }
}
