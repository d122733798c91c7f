import ArgumentParser
import Entitlements

struct ExplainCommand: ServiceCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract:
            "Why may this session use a feature, or not, until when, and what would change it?",
        discussion: """
            Shows everything that was considered, in the order of precedence: what decides, what \
            counts beside it, and what does not, with the reason why. Exits as check does.

              usher explain sso --session ses_…
            """
    )

    @Argument(help: "The feature.")
    var feature: String

    @Option(help: "The session, ses_….")
    var session: String

    @OptionGroup var service: ServiceOptions

    var request: APIRequest {
        let question: JSON = [
            "session": .string(session), "feature": .string(feature), "explain": true,
        ]
        return .post("v1", "check", body: question)
    }

    func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
        Explanation(answer).lines(on: terminal)
    }

    func run() async throws {
        let answer = try await service.client().call(request)
        service.print(answer, show: lines)
        if answer.json["allowed"]?.bool != true { throw CheckCommand.denied }
    }
}
