import ArgumentParser
import Entitlements

/// Who uses something: a session, or an account and perhaps one of its users.
struct ConsumerOptions: ParsableArguments {
    @Option(help: "The session, ses_….")
    var session: String?

    @Option(help: "The account, where there is no session.")
    var account: String?

    @Option(help: "With --account: its user.")
    var user: String?

    func validate() throws {
        guard (session == nil) != (account == nil) else {
            throw ValidationError("Name either --session or --account.")
        }
        guard user == nil || account != nil else {
            throw ValidationError("--user goes with --account; a session has its own user.")
        }
    }

    /// As a member of a call's body each.
    var members: [String: JSON] {
        var members: [String: JSON] = [:]
        members.set("session", session)
        members.set("account", account)
        members.set("user", user)
        return members
    }

    /// `session ses_…`, `user ada of acme` or `acme`.
    var words: String {
        if let session { return "session \(session)" }
        let account = account ?? "-"
        return user.map { "user \($0) of \(account)" } ?? account
    }
}

/// A key by which the service knows a repetition of what was consumed.
struct KeyOption: ParsableArguments {
    @Option(
        name: [.customLong("key"), .customLong("idempotency-key")],
        help: ArgumentHelp(
            "A name for this call, so that repeating the command does not count twice.",
            valueName: "key"
        )
    )
    var key: String?

    var headers: [(name: String, value: String)] {
        key.map { [("Idempotency-Key", $0)] } ?? []
    }
}

/// Which part of the history.
struct HistoryOptions: ParsableArguments {
    @Option(help: .time("From when on, RFC 3339."), transform: InstantArgument.init)
    var from: InstantArgument?

    @Option(help: .time("Until when, RFC 3339. Default: now."), transform: InstantArgument.init)
    var to: InstantArgument?

    @Option(
        help: ArgumentHelp(
            "Instead of --from: so long until now, 24h or 30d, by this machine's clock.",
            valueName: "span"
        ),
        transform: TimeSpan.init
    )
    var last: TimeSpan?

    @Option(help: "Only this user's.")
    var user: String?

    func validate() throws {
        guard last == nil || (from == nil && to == nil) else {
            throw ValidationError("Name either --last, or --from and --to.")
        }
    }

    var query: [(name: String, value: String?)] {
        let start = last.map { Instant.now - .seconds($0.seconds) } ?? from?.instant
        return [
            ("from", start?.description), ("to", to?.instant.description), ("user", user),
        ]
    }
}

/// A command whose call may be refused by the limits in force, which is an answer and no failure.
protocol LimitedCommand: ServiceCommand {
    /// The answer's line where it is allowed.
    func line(_ answer: JSON) -> String
    /// What was asked for: `5 of image for acme`.
    var asked: String { get }
}

extension LimitedCommand {
    func lines(_ answer: JSON, on terminal: Terminal) -> [String] {
        lines(answer, on: terminal, retryAfter: nil)
    }

    /// The answer in one line, and of a denial when time alone will have made room.
    func lines(_ answer: JSON, on terminal: Terminal, retryAfter: Duration?) -> [String] {
        guard answer["allowed"]?.bool != true else { return [line(answer)] }
        let reason = answer.word("reason")
        let room = retryAfter.map { "; try again in \($0.components.seconds) s" } ?? ""
        let words = ": \(asked) (\(reason))\(MeterWords(answer).ending)\(room)".printable
        return [terminal.paint("denied", .red) + words]
    }

    func run() async throws {
        let answer = try await service.client().call(try request)
        service.print(answer) { lines($0, on: $1, retryAfter: answer.retryAfter) }
        if answer.json["allowed"]?.bool != true { throw CheckCommand.denied }
    }
}
