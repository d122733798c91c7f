import ArgumentParser
import Entitlements

struct AccountsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accounts",
        abstract: "The customers that pay.",
        subcommands: [Put.self, Show.self, List.self, Block.self, Unblock.self]
    )

    struct Put: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "Create or replace an account.",
            discussion: """
                What is left out takes its default; blocks and subscriptions stay.

                  usher accounts put acme --name 'Acme Inc' --billing stripe=cus_123
                """
        )

        @Argument(help: "The account.")
        var account: String

        @Option(help: "What people call it.")
        var name: String?

        @Option(help: "An IANA name such as Europe/Berlin. Default: UTC.")
        var timezone: String?

        @Option(name: .customLong("billing"), help: "Its customer at a source: stripe=cus_….")
        var billing: [Pair] = []

        @Option(name: .customLong("attribute"), help: "An attribute of the app's own: key=value.")
        var attributes: [Pair] = []

        @OptionGroup var service: ServiceOptions

        var request: APIRequest {
            var body: [String: JSON] = [:]
            body.set("name", name)
            body.set("timezone", timezone)
            if !billing.isEmpty { body["billing"] = billing.json }
            if !attributes.isEmpty { body["attributes"] = attributes.json }
            return .put("v1", "accounts", account, body: .object(body))
        }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            AccountsCommand.facts(answer, on: terminal)
        }
    }

    struct Show: ServiceCommand {
        static let configuration = CommandConfiguration(abstract: "Look at an account.")

        @Argument(help: "The account.")
        var account: String

        @OptionGroup var service: ServiceOptions

        var request: APIRequest { .get("v1", "accounts", account) }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            AccountsCommand.facts(answer, on: terminal)
        }
    }

    struct List: ServiceCommand {
        static let configuration = CommandConfiguration(abstract: "Accounts, ordered by id.")

        @OptionGroup var page: PageOptions
        @OptionGroup var service: ServiceOptions

        var request: APIRequest { .get("v1", "accounts", query: page.query) }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            PageOptions.show(answer, on: terminal, nothing: "no accounts") { accounts in
                var table = Table("account", "name", "billing", "blocked since", "revision")
                for account in accounts {
                    table.add(
                        "\(account.word("account"))",
                        "\(account.word("name"))",
                        "\(account.word("billing"))",
                        .init(account["blocked"]?.word("since") ?? "-", .red),
                        "\(account.word("revision"))"
                    )
                }
                return table
            }
        }
    }

    struct Block: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "The emergency brake: nothing is open to the account from now on.",
            discussion: """
                In force at the very next check, until it is released or --until comes.

                  usher accounts block acme --reason 'stolen card' --until 48h
                """
        )

        @Argument(help: "The account.")
        var account: String

        @Option(help: "Why; kept in the change log.")
        var reason: String

        @Option(
            help: ArgumentHelp(
                "When it releases itself: RFC 3339, or a span from now. Default: never.",
                valueName: "time"
            ),
            transform: TimeArgument.init
        )
        var until: TimeArgument?

        @OptionGroup var service: ServiceOptions

        var request: APIRequest {
            var body: [String: JSON] = ["reason": .string(reason)]
            body.set("until", until)
            return .post("v1", "accounts", account, "block", body: .object(body))
        }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            AccountsCommand.facts(answer, on: terminal)
        }
    }

    struct Unblock: ServiceCommand {
        static let configuration = CommandConfiguration(abstract: "Release the brake.")

        @Argument(help: "The account.")
        var account: String

        @Option(help: "Why; kept in the change log.")
        var reason: String?

        @OptionGroup var service: ServiceOptions

        var request: APIRequest {
            .delete("v1", "accounts", account, "block", reason: reason)
        }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            AccountsCommand.facts(answer, on: terminal)
        }
    }
}

extension AccountsCommand {
    private static func facts(_ account: JSON, on terminal: Terminal) -> [String] {
        var facts = Facts()
        facts.add("account", account.word("account"), .bold)
        facts.add("name", account.wordIfAny("name"))
        facts.add("timezone", account.word("timezone"))
        facts.add("billing", account.word("billing"))
        facts.add("attributes", account.word("attributes"))
        if let blocked = account["blocked"], !blocked.isNull {
            let until = blocked.wordIfAny("until").map { " until \($0)" } ?? ""
            let span = "since \(blocked.word("since"))\(until)"
            facts.add("blocked", "\(span): \(blocked.word("reason"))", .red)
        }
        facts.add("test clock", account.wordIfAny("test_clock"), .yellow)
        facts.add("revision", account.word("revision"))
        facts.add("created", account.word("created_at"))
        return facts.lines(on: terminal)
    }
}
