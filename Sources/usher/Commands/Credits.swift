import ArgumentParser
import Entitlements

struct CreditsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "credits",
        abstract: "What an account may use beside what its plans give.",
        subcommands: [Add.self, List.self, Show.self, Confirm.self, Voiding.self]
    )

    struct List: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "An account's credits, those that ended or were voided included.",
            discussion: "  usher credits list --account acme --state active"
        )

        @Option(help: "The account.")
        var account: String

        @Option(help: "Only those of this feature.")
        var feature: String?

        @Option(help: "Only those that are pending, waiting, active, ended or voided.")
        var state: String?

        @OptionGroup var page: PageOptions
        @OptionGroup var service: ServiceOptions

        var request: APIRequest {
            let filter: [(name: String, value: String?)] = [("feature", feature), ("state", state)]
            return .get("v1", "accounts", account, "credits", query: filter + page.query)
        }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            PageOptions.show(answer, on: terminal, nothing: "no credits") { CreditWords.table($0) }
        }
    }

    struct Show: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "Look at a credit, and at what is left of it.",
            discussion: "  usher credits show crd_…"
        )

        @OptionGroup var credit: CreditArgument
        @OptionGroup var service: ServiceOptions

        var request: APIRequest { APIRequest(method: "GET", path: credit.path) }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            CreditWords(answer).facts.lines(on: terminal)
        }
    }

    struct Confirm: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a pending credit count: it is paid for.",
            discussion: """
                Confirming twice is confirming once.

                  usher credits confirm crd_…
                """
        )

        @OptionGroup var credit: CreditArgument
        @OptionGroup var service: ServiceOptions

        var request: APIRequest {
            APIRequest(method: "POST", path: credit.path + ["confirm"], body: .json([:]))
        }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            [CreditWords(answer).given]
        }
    }

    struct Voiding: ServiceCommand {
        static let configuration = CommandConfiguration(
            commandName: "void",
            abstract: "Take back what is left of a credit; it stays in the list.",
            discussion: """
                In force at the very next check. What was used of it stays used; voiding twice is \
                voiding once.

                  usher credits void crd_… --reason 'refunded'
                """
        )

        @OptionGroup var credit: CreditArgument
        @OptionGroup var why: ReasonOption
        @OptionGroup var service: ServiceOptions

        var request: APIRequest {
            APIRequest(method: "DELETE", path: credit.path, query: [("reason", why.reason)])
        }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            [CreditWords(answer).voided]
        }
    }
}

/// Which credit; its id tells its account.
struct CreditArgument: ParsableArguments {
    @Argument(help: ArgumentHelp("The credit, crd_….", valueName: "credit"))
    var id: String

    var path: [String] { ["v1", "accounts", account, "credits", id] }

    /// What follows `crd_`, 26 random characters and `_`.
    private var account: String { String(id.dropFirst(Self.prefix + 1)) }

    private static let prefix = 30

    func validate() throws {
        let mark = id.dropFirst(Self.prefix).first
        guard id.hasPrefix("crd_"), mark == "_", !account.isEmpty else {
            throw ValidationError(
                "'\(id.printable)' is no credit; name its id, crd_…: "
                    + "usher credits list --account …"
            )
        }
    }
}
