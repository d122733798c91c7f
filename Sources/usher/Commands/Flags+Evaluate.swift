import ArgumentParser
import Entitlements

extension FlagsCommand {
    struct Evaluate: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "What a flag answers now, or all of them.",
            discussion: """
                For a session with what the service knows of it, which stands over the context. \
                Without one for the context alone.

                  usher flags evaluate new-checkout --session ses_…
                  usher flags evaluate --context '{"targetingKey":"ada","country":"DE"}'
                """
        )

        @Argument(help: "The flag's key. Default: all flags.")
        var key: String?

        @Option(help: "The session, ses_….")
        var session: String?

        @Option(help: ArgumentHelp("The context, as a JSON object.", valueName: "json"))
        var context: ObjectArgument?

        @OptionGroup var service: ServiceOptions

        var request: APIRequest {
            var context = context?.members ?? [:]
            context.set("session", session)
            return APIRequest(
                method: "POST",
                path: ["ofrep", "v1", "evaluate", "flags"] + (key.map { [$0] } ?? []),
                body: .json(["context": .object(context)])
            )
        }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            let answers = answer["flags"]?.array ?? [answer]
            guard !answers.isEmpty else { return [terminal.paint("no flags", .dim)] }
            return FlagWords.answers(answers).lines(on: terminal)
        }
    }
}
