import ArgumentParser
import Entitlements

struct UsageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "usage",
        abstract: "What was used, by whom and when; and what to correct of it.",
        subcommands: [
            Show.self, Chart.self, Ledger.self, Send.self, Refund.self, Adjust.self,
        ]
    )
}

/// Whose use of which feature, in which windows.
struct WindowOptions: ParsableArguments {
    @Argument(help: "The feature.")
    var feature: String

    @Option(help: "The account.")
    var account: String

    @Option(help: "By hour, day or month of the account's time zone.")
    var window: String = "day"

    @OptionGroup var history: HistoryOptions

    /// The call, for a row a window or for one a window and user.
    func request(isByUser: Bool) -> APIRequest {
        let query: [(name: String, value: String?)] = [
            ("feature", feature), ("window", window), ("by", isByUser ? "user" : nil),
        ]
        return .get("v1", "accounts", account, "usage", query: query + history.query)
    }
}
