import ArgumentParser
import Entitlements

struct WebhooksCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "webhooks",
        abstract: "What billing providers sent, and what came of it.",
        subcommands: [List.self, Replay.self, SendTest.self]
    )

    struct List: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "The inbox, newest first.",
            discussion: "  usher webhooks list --state dead"
        )

        @OptionGroup var filter: EventFilter
        @OptionGroup var page: PageOptions
        @OptionGroup var service: ServiceOptions

        var request: APIRequest {
            .get("v1", "webhooks", "events", query: filter.query + page.query)
        }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            PageOptions.show(answer, on: terminal, nothing: "no events") {
                WebhooksCommand.table($0)
            }
        }
    }
}

/// Which events of the inbox.
struct EventFilter: ParsableArguments {
    @Option(help: "Only those that are pending, applied, ignored, unlinked or dead.")
    var state: String?

    @Option(help: "Only those of this source, such as stripe.")
    var source: String?

    var query: [(name: String, value: String?)] { [("state", state), ("source", source)] }
}

extension WebhooksCommand {
    static func table(_ events: ArraySlice<JSON>) -> Table {
        var table = Table("id", "state", "type", "subject", "tries", "received", "last error")
        for event in events {
            table.add(
                "\(event.word("id"))",
                .init(event.word("state"), paint(event.word("state"))),
                "\(event.word("type"))",
                "\(event["subject"]?["id"]?.string ?? "-")",
                "\(event.word("attempts"))",
                "\(event.word("received_at"))",
                "\(event.word("last_error"))"
            )
        }
        return table
    }

    private static func paint(_ state: String) -> Terminal.Paint {
        switch state {
        case "applied": .green
        case "dead": .red
        case "ignored": .dim
        default: .yellow
        }
    }
}
