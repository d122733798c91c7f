import ArgumentParser
import Entitlements

struct MetersCommand: ServiceCommand {
    static let configuration = CommandConfiguration(
        commandName: "meters",
        abstract: "What an account has used, what is left, and what it is left of.",
        discussion: """
            Of one feature also its balances, in the order in which they are burnt.

              usher meters --account acme
              usher meters ai_credits --account acme
              usher meters api_calls --account acme --user ada
            """
    )

    @Argument(help: "Only this feature, and everything about it.")
    var feature: String?

    @Option(help: "The account.")
    var account: String

    @Option(help: "The counts of this user, not of the account.")
    var user: String?

    @OptionGroup var page: PageOptions
    @OptionGroup var service: ServiceOptions

    func validate() throws {
        guard feature == nil || (page.limit == nil && page.cursor == nil) else {
            throw ValidationError("--limit and --cursor are for the list; one feature has none.")
        }
    }

    var request: APIRequest {
        let path = ["v1", "accounts", account, "meters"] + (feature.map { [$0] } ?? [])
        return APIRequest(method: "GET", path: path, query: [("user", user)] + page.query)
    }

    func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
        guard feature == nil else { return MeterWords(answer).lines(on: terminal) }
        return PageOptions.show(answer, on: terminal, nothing: "nothing is metered") {
            MeterWords.table($0)
        }
    }
}
