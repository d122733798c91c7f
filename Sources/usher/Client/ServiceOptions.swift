import ArgumentParser
import Entitlements

/// Where the service is, who calls it, and how its answers are shown: the same for all commands.
struct ServiceOptions: ParsableArguments {
    static let standardURL = "http://127.0.0.1:8080"

    @Option(
        help: ArgumentHelp(
            "The service's URL. Default: USHER_URL, else \(standardURL)."
        )
    )
    var url: String?

    @Option(
        name: .customLong("api-key"),
        help: ArgumentHelp(
            "The key to call with. Default: USHER_API_KEY, else USHER_ADMIN_KEY.",
            discussion: "Other users of this machine can see arguments; prefer the variable."
        )
    )
    var apiKey: String?

    @Flag(help: "Print the API's JSON, exactly as it came.")
    var json = false
}

extension ServiceOptions {
    /// A client for the service that the options, or else the environment, name.
    func client() throws(CommandFailure) -> APIClient {
        try APIClient(
            url: url ?? ProcessEnvironment.value("USHER_URL") ?? Self.standardURL,
            key: apiKey ?? ProcessEnvironment.value("USHER_API_KEY")
                ?? ProcessEnvironment.value("USHER_ADMIN_KEY")
        )
    }

    /// Makes one call and prints its answer: as it came with `--json`, otherwise for people.
    func run(
        _ request: APIRequest,
        show: (JSON, Terminal) -> [String]
    ) async throws(CommandFailure) {
        print(try await client().call(request), show: show)
    }

    /// Prints an answer: as it came with `--json`, otherwise for people.
    func print(_ answer: APIAnswer, show: (JSON, Terminal) -> [String]) {
        if json {
            // An answer without content has nothing to print, not even an empty line.
            if !answer.text.isEmpty { Terminal.standard.print(answer.text) }
        } else {
            for line in show(answer.json, .standard) { Terminal.standard.print(line) }
        }
    }
}
