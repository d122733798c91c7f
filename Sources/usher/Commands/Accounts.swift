import ArgumentParser
import Entitlements

struct AccountsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "accounts",
        abstract: "The customers that pay.",
        subcommands: [Put.self, Show.self, List.self, Block.self, Unblock.self]
    )

    struct Put: AsyncParsableCommand {
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

        func run() async throws {
            var body: [String: JSON] = [:]
            body.set("name", name)
            body.set("timezone", timezone)
            if !billing.isEmpty { body["billing"] = billing.json }
            if !attributes.isEmpty { body["attributes"] = attributes.json }
            let request = APIRequest.put("v1", "accounts", account, body: .object(body))
            try await service.run(request, show: AccountsCommand.facts)
        }
    }

    struct Show: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Look at an account.")

        @Argument(help: "The account.")
        var account: String

        @OptionGroup var service: ServiceOptions

        func run() async throws {
            try await service.run(.get("v1", "accounts", account), show: AccountsCommand.facts)
        }
    }

    struct List: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Accounts, ordered by id.")

        @OptionGroup var page: PageOptions
        @OptionGroup var service: ServiceOptions

        func run() async throws {
            try await service.run(.get("v1", "accounts", query: page.query)) { answer, terminal in
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
    }

    struct Block: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "The emergency brake: nothing is open to the account from now on."
        )

        @Argument(help: "The account.")
        var account: String

        @Option(help: "Why; kept in the change log.")
        var reason: String

        @OptionGroup var service: ServiceOptions

        func run() async throws {
            let body: JSON = ["reason": .string(reason)]
            let request = APIRequest.post("v1", "accounts", account, "block", body: body)
            try await service.run(request, show: AccountsCommand.facts)
        }
    }

    struct Unblock: AsyncParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Release the brake.")

        @Argument(help: "The account.")
        var account: String

        @Option(help: "Why; kept in the change log.")
        var reason: String?

        @OptionGroup var service: ServiceOptions

        func run() async throws {
            let request = APIRequest.delete("v1", "accounts", account, "block", reason: reason)
            try await service.run(request, show: AccountsCommand.facts)
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
            facts.add("blocked", "since \(blocked.word("since")): \(blocked.word("reason"))", .red)
        }
        facts.add("revision", account.word("revision"))
        facts.add("created", account.word("created_at"))
        return facts.lines(on: terminal)
    }
}
