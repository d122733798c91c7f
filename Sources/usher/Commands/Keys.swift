import ArgumentParser
import Entitlements

struct KeysCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "keys",
        abstract: "Who may call the API.",
        subcommands: [Create.self, List.self, Rotate.self, Revoke.self]
    )

    struct Create: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a key. It is shown this once.",
            discussion: """
                Scopes: check, usage, sessions, billing, product, catalog, audit; admin implies all.

                  usher keys create --name gateway --scope check --expires 90d
                """
        )

        @Option(help: "What the key is for.")
        var name: String

        @Option(name: .customLong("scope"), help: "What it may do; may be given several times.")
        var scopes: [String]

        @Option(
            help: ArgumentHelp(
                "When it ends: a span such as 90d, or RFC 3339. Default: never.",
                valueName: "time"
            ),
            transform: TimeArgument.init
        )
        var expires: TimeArgument?

        @OptionGroup var service: ServiceOptions

        var request: APIRequest {
            var body: [String: JSON] = [
                "name": .string(name), "scopes": .array(scopes.map { .string($0) }),
            ]
            body.set("expires_at", expires)
            return .post("v1", "keys", body: .object(body))
        }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            KeysCommand.newKey(answer, on: terminal)
        }
    }

    struct List: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "Keys in the order in which they were made, revoked ones included."
        )

        @OptionGroup var page: PageOptions
        @OptionGroup var service: ServiceOptions

        var request: APIRequest { .get("v1", "keys", query: page.query) }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            PageOptions.show(answer, on: terminal, nothing: "no keys") { KeysCommand.table($0) }
        }
    }

    struct Rotate: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "Replace a key by one with the same name, scopes and expiry."
        )

        @OptionGroup var key: KeyArgument
        @OptionGroup var service: ServiceOptions

        var request: APIRequest { .post("v1", "keys", key.id, "rotate") }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            KeysCommand.newKey(answer, on: terminal)
        }
    }

    struct Revoke: ServiceCommand {
        static let configuration = CommandConfiguration(abstract: "Revoke a key.")

        @OptionGroup var key: KeyArgument
        @OptionGroup var service: ServiceOptions

        var request: APIRequest { .delete("v1", "keys", key.id) }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            ["\(key.id.printable) is revoked"]
        }
    }
}

/// Which key.
struct KeyArgument: ParsableArguments {
    @Argument(help: "The key's id, key_…, not the key.")
    var id: String

    func validate() throws {
        // Paths end up in the logs of every proxy on the way; a secret must not be in one.
        guard !id.hasPrefix("uk_") else {
            throw ValidationError("That is the key itself. Name its id: usher keys list")
        }
    }
}

extension KeysCommand {
    private static func newKey(_ key: JSON, on terminal: Terminal) -> [String] {
        var facts = Facts()
        facts.add("key", key.word("key"), .bold)
        facts.add("id", key.word("id"))
        facts.add("name", key.word("name"))
        facts.add("scopes", key.word("scopes"))
        facts.add("created", key.word("created_at"))
        facts.add("expires", key.wordIfAny("expires_at") ?? "never")
        return facts.lines(on: terminal)
            + [terminal.paint("The key is shown this once; Usher keeps only its hash.", .yellow)]
    }

    private static func table(_ keys: ArraySlice<JSON>) -> Table {
        var table = Table("id", "name", "scopes", "created", "expires", "revoked")
        for key in keys {
            table.add(
                "\(key.word("id"))",
                "\(key.word("name"))",
                "\(key.word("scopes"))",
                "\(key.word("created_at"))",
                "\(key.wordIfAny("expires_at") ?? "never")",
                .init(key.word("revoked_at"), key.wordIfAny("revoked_at").map { _ in .red })
            )
        }
        return table
    }
}
