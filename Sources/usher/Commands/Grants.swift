import ArgumentParser
import Entitlements

struct GrantsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "grants",
        abstract: "What is allowed or denied by hand, beside the plans.",
        subcommands: [Add.self, List.self, Show.self, End.self]
    )

    struct List: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "An account's grants, those that wait or ended included.",
            discussion: "  usher grants list --account acme --state in_force"
        )

        @Option(help: "The account.")
        var account: String

        @Option(help: "Only those of this feature.")
        var feature: String?

        @Option(help: "Only those for this user.")
        var user: String?

        @Option(help: "Only those for this session, ses_….")
        var session: String?

        @Option(help: "Only those that are waiting, in_force or ended.")
        var state: String?

        @OptionGroup var page: PageOptions
        @OptionGroup var service: ServiceOptions

        var request: APIRequest {
            let filter: [(name: String, value: String?)] = [
                ("feature", feature), ("user", user), ("session", session), ("state", state),
            ]
            return .get("v1", "accounts", account, "grants", query: filter + page.query)
        }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            PageOptions.show(answer, on: terminal, nothing: "no grants") { GrantWords.table($0) }
        }
    }

    struct Show: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "Look at a grant.",
            discussion: "  usher grants show grt_…"
        )

        @OptionGroup var grant: GrantArgument
        @OptionGroup var service: ServiceOptions

        var request: APIRequest { .get("v1", "accounts", grant.account, "grants", grant.id) }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            GrantWords(answer).facts.lines(on: terminal)
        }
    }

    struct End: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "End a grant now; it stays in the list.",
            discussion: """
                In force at the very next check. Ending twice is ending once.

                  usher grants end grt_… --reason 'case closed'
                """
        )

        @OptionGroup var grant: GrantArgument
        @OptionGroup var why: ReasonOption
        @OptionGroup var service: ServiceOptions

        var request: APIRequest {
            .delete("v1", "accounts", grant.account, "grants", grant.id, reason: why.reason)
        }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            [GrantWords(answer).ended]
        }
    }
}

/// Which grant; its id tells its account.
struct GrantArgument: ParsableArguments {
    @Argument(help: ArgumentHelp("The grant, grt_….", valueName: "grant"))
    var id: String

    /// What follows `grt_`, 26 random characters and `_`.
    var account: String { String(id.dropFirst(Self.prefix + 1)) }

    private static let prefix = 30

    func validate() throws {
        let mark = id.dropFirst(Self.prefix).first
        guard id.hasPrefix("grt_"), mark == "_", !account.isEmpty else {
            throw ValidationError(
                "'\(id.printable)' is no grant; name its id, grt_…: usher grants list --account …"
            )
        }
    }
}
