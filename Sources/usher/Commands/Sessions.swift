import ArgumentParser
import Entitlements

struct SessionsCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sessions",
        abstract: "Signed-in devices.",
        subcommands: [Create.self, List.self, Revoke.self]
    )

    struct Create: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "Sign a device in.",
            discussion:
                "  usher sessions create --account acme --user ada --device os=ios --ttl 30d"
        )

        @Option(help: "The account.")
        var account: String

        @Option(help: "One of the account's people.")
        var user: String

        @Option(name: .customLong("device"), help: "What is known of the device: key=value.")
        var device: [Pair] = []

        @Option(help: "What signed it in, such as web or ios.")
        var source: String?

        @Option(
            help: ArgumentHelp("How long it holds: 12h, 30d. Default: 30d.", valueName: "span"),
            transform: TimeSpan.init
        )
        var ttl: TimeSpan?

        @OptionGroup var service: ServiceOptions

        var request: APIRequest {
            var body: [String: JSON] = ["account": .string(account), "user": .string(user)]
            if !device.isEmpty { body["device"] = device.json }
            body.set("source", source)
            body.set("ttl_seconds", ttl?.seconds)
            return .post("v1", "sessions", body: .object(body))
        }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            SessionsCommand.facts(answer, on: terminal)
        }
    }

    struct List: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "An account's sessions, newest first, revoked and expired ones included."
        )

        @Option(help: "The account.")
        var account: String

        @OptionGroup var page: PageOptions
        @OptionGroup var service: ServiceOptions

        var request: APIRequest {
            .get("v1", "accounts", account, "sessions", query: page.query)
        }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            PageOptions.show(answer, on: terminal, nothing: "no sessions") {
                SessionsCommand.table($0, now: .now)
            }
        }
    }

    struct Revoke: ServiceCommand {
        static let configuration = CommandConfiguration(
            abstract: "Revoke a session, or all of an account or of one of its users.",
            discussion: """
                In force at the very next check.

                  usher sessions revoke ses_… --reason 'lost phone'
                  usher sessions revoke --account acme --user ada --reason 'left the company'
                """
        )

        @Argument(help: "The session, ses_….")
        var session: String?

        @Option(help: "Instead of a session: all of this account.")
        var account: String?

        @Option(help: "With --account: all of this user.")
        var user: String?

        @Option(help: "Why; kept in the change log.")
        var reason: String?

        @OptionGroup var service: ServiceOptions

        func validate() throws {
            guard (session == nil) != (account == nil) else {
                throw ValidationError("Name either a session or --account.")
            }
            guard user == nil || account != nil else {
                throw ValidationError("--user goes with --account.")
            }
        }

        var request: APIRequest {
            if let session { return .delete("v1", "sessions", session, reason: reason) }
            let owner = ["v1", "accounts", account ?? ""] + (user.map { ["users", $0] } ?? [])
            return APIRequest(
                method: "DELETE",
                path: owner + ["sessions"],
                query: [("reason", reason)]
            )
        }

        func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
            guard session == nil else { return SessionsCommand.facts(answer, on: terminal) }
            let count = answer["revoked"]?.integer ?? 0
            return [count == 1 ? "1 session revoked" : "\(count) sessions revoked"]
        }
    }
}

extension SessionsCommand {
    private static func facts(_ session: JSON, on terminal: Terminal) -> [String] {
        var facts = Facts()
        facts.add("session", session.word("session"), .bold)
        facts.add("account", session.word("account"))
        facts.add("user", session.word("user"))
        facts.add("device", session.word("device"))
        facts.add("source", session.wordIfAny("source"))
        facts.add("created", session.word("created_at"))
        facts.add("expires", session.word("expires_at"))
        facts.add("revoked", session.wordIfAny("revoked_at"), .red)
        facts.add("reason", session.wordIfAny("revoked_reason"))
        return facts.lines(on: terminal)
    }

    private static func table(_ sessions: ArraySlice<JSON>, now: Instant) -> Table {
        var table = Table("session", "user", "state", "device", "source", "created", "expires")
        for session in sessions {
            table.add(
                "\(session.word("session"))",
                "\(session.word("user"))",
                state(session, now: now),
                "\(session.word("device"))",
                "\(session.word("source"))",
                "\(session.word("created_at"))",
                "\(session.word("expires_at"))"
            )
        }
        return table
    }

    private static func state(_ session: JSON, now: Instant) -> Table.Cell {
        if session.wordIfAny("revoked_at") != nil { return .init("revoked", .red) }
        let end = session["expires_at"]?.string.flatMap { Instant(rfc3339: $0) }
        return end.map { $0 <= now } == true ? .init("expired", .yellow) : .init("open", .green)
    }
}
