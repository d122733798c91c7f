import ArgumentParser
import Entitlements

struct AuditCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "audit",
        abstract: "What changed, when, by whom, and the proof of it.",
        subcommands: [Verify.self, Changes.self]
    )

    struct Verify: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Recompute the chain of one account, or of all.",
            discussion: "Exits with 1 when a link does not hold, and names the first such link."
        )

        @Option(help: "Only this account.")
        var account: String?

        @OptionGroup var service: ServiceOptions

        func run() async throws {
            let request = APIRequest.get("v1", "audit", "verify", query: [("account", account)])
            let answer = try await service.client().call(request)
            service.print(answer) { verdict, terminal in
                guard verdict["verified"]?.bool == true else { return [] }
                let counts =
                    "chains: \(verdict.word("chains")), changes: \(verdict.word("changes"))"
                return [terminal.paint("verified", .green) + "  \(counts)"]
            }
            guard answer.json["verified"]?.bool != true else { return }
            throw CommandFailure(
                """
                the chain of '\(answer.json.word("account"))' is broken at revision \
                \(answer.json.word("revision")): \(answer.json.word("detail"))
                """
                .printable
            )
        }
    }

    struct Changes: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "Every change of an account, oldest first."
        )

        @Option(help: "The account.")
        var account: String

        @OptionGroup var page: PageOptions
        @OptionGroup var service: ServiceOptions

        var request: APIRequest {
            .get("v1", "accounts", account, "changes", query: page.query)
        }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            PageOptions.show(answer, on: terminal, nothing: "no changes") {
                AuditCommand.table($0)
            }
        }
    }
}

extension AuditCommand {
    private static func table(_ changes: ArraySlice<JSON>) -> Table {
        var table = Table("revision", "at", "operation", "entity", "key", "actor", "reason")
        for change in changes {
            table.add(
                "\(change.word("revision"))",
                "\(change.word("at"))",
                "\(change.word("operation"))",
                "\(change.word("entity"))",
                "\(change.word("key"))",
                "\(change.word("actor"))",
                "\(change.word("reason"))"
            )
        }
        return table
    }
}
