import ArgumentParser
import Entitlements

extension UsageCommand {
    struct Ledger: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "Everything that was counted and corrected, newest first.",
            discussion: """
                Each row says from which balances its units came.

                  usher usage ledger --account acme --feature ai_credits --last 24h
                """
        )

        @Option(help: "The account.")
        var account: String

        @Option(help: "Only this feature.")
        var feature: String?

        @OptionGroup var history: HistoryOptions
        @OptionGroup var page: PageOptions
        @OptionGroup var service: ServiceOptions

        var request: APIRequest {
            let query = [("feature", feature)] + history.query + page.query
            return .get("v1", "accounts", account, "ledger", query: query)
        }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            PageOptions.show(answer, on: terminal, nothing: "nothing was counted") {
                Self.table($0)
            }
        }

        private static func table(_ entries: ArraySlice<JSON>) -> Table {
            var table = Table(
                "at",
                "kind",
                "feature",
                "user",
                "units",
                "from",
                "reference",
                "via",
                "reason",
                "author"
            )
            for entry in entries {
                table.add(
                    "\(entry.word("at"))",
                    "\(entry.word("kind"))",
                    "\(entry.word("feature"))",
                    "\(entry.word("user"))",
                    "\(entry.word("units"))",
                    "\(parts(of: entry))",
                    "\(entry.word("reference"))",
                    "\(entry.word("via"))",
                    "\(entry.word("reason"))",
                    "\(entry.word("author"))"
                )
            }
            return table
        }

        /// `3 base, 2 crd_…`: what each balance gave.
        private static func parts(of entry: JSON) -> String {
            let parts = (entry["parts"]?.array ?? [])
                .map { "\($0.word("units")) \($0.word("slot"))" }
            return parts.isEmpty ? "-" : parts.joined(separator: ", ")
        }
    }
}
