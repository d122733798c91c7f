import ArgumentParser
import Entitlements

struct ExplainCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "explain",
        abstract:
            "Why may this session use a feature, or not, until when, and what would change it?",
        discussion: """
            Reads the decision and what it rests on. The scope check is enough for an answer; with \
            sessions, product, billing and catalog it is a whole one. Exits as check does.

            With --json: {"decision", "subscriptions"} as the API gives them, and "explanation".

              usher explain sso --session ses_…
            """
    )

    @Argument(help: "The feature.")
    var feature: String

    @Option(help: "The session, ses_….")
    var session: String

    @OptionGroup var service: ServiceOptions

    func run() async throws {
        let client = try service.client()
        let question: JSON = ["session": .string(session), "feature": .string(feature)]
        let decision = try await client.call(.post("v1", "check", body: question)).json
        let evidence = try await Evidence.gather(for: decision, by: client)
        let explanation = Explanation(of: decision, evidence: evidence)
        let isAllowed = decision["allowed"]?.bool == true
        if service.json {
            let all: JSON = [
                "decision": decision, "subscriptions": .array(evidence.subscriptions),
                "explanation": explanation.json,
            ]
            Terminal.standard.print(all.description)
        } else {
            let terminal = Terminal.standard
            for line in explanation.lines(isAllowed: isAllowed, on: terminal) {
                terminal.print(line)
            }
            for line in evidence.hidden { terminal.print(terminal.paint("(\(line))", .dim)) }
        }
        if !isAllowed { throw CheckCommand.denied }
    }
}
