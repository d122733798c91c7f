import ArgumentParser
import Entitlements

struct AlertsCommand: ServiceCommand {
    static let configuration = CommandConfiguration(
        commandName: "alerts",
        abstract: "The thresholds that an account crossed, what ran out and what began anew.",
        discussion: "  usher alerts --account acme"
    )

    @Option(help: "The account.")
    var account: String

    @OptionGroup var page: PageOptions
    @OptionGroup var service: ServiceOptions

    var request: APIRequest { .get("v1", "accounts", account, "alerts", query: page.query) }

    func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
        PageOptions.show(answer, on: terminal, nothing: "no alerts") { alerts in
            var table = Table(
                "at",
                "kind",
                "feature",
                "for",
                "threshold",
                "used",
                "limit",
                "period"
            )
            for alert in alerts {
                let kind = alert.word("kind")
                table.add(
                    "\(alert.word("at"))",
                    .init(kind, kind == "quota.exhausted" ? .red : nil),
                    "\(alert.word("feature"))",
                    "\(alert.wordIfAny("subject").map(MeterWords.subject) ?? "account")",
                    "\(Self.threshold(alert["threshold"]))",
                    "\(alert.word("used"))",
                    "\(alert.word("limit"))",
                    "\(alert["period"]?.span("start", "end") ?? "-")"
                )
            }
            return table
        }
    }

    /// `80%` of the limit, or `5000 units`.
    private static func threshold(_ json: JSON?) -> String {
        if let percent = json?.integer ?? json?["percent"]?.integer { return "\(percent)%" }
        if let units = json?["units"]?.integer { return "\(units) units" }
        return json?.word ?? "-"
    }
}
