import Entitlements

/// The move of a plan's subscriptions to another of its versions, page by page.
struct CatalogMigration {
    let plan: String
    /// Only subscriptions on this version; nil: on any.
    let from: Int64?
    /// The version to stay on; nil: follow the plan.
    let to: Int64?
    /// Whether subscriptions move, or the service only says which would.
    let isApplied: Bool

    /// The subscriptions that moved or would, so far.
    private(set) var moves: [JSON] = []
    /// Whether all pages were seen.
    private var isComplete = false

    init(plan: String, from: Int64?, to: Int64?, isApplied: Bool) {
        self.plan = plan
        self.from = from
        self.to = to
        self.isApplied = isApplied
    }

    /// Goes through all pages.
    ///
    /// - Parameters:
    ///   - call: Makes a call that must succeed.
    ///   - page: Is told of each answer as it comes.
    /// - Throws: Why the service would not go on, and how much had moved by then.
    mutating func run(
        call: (APIRequest) async throws(CommandFailure) -> APIAnswer,
        page: (APIAnswer, _ moves: Int) -> Void
    ) async throws(CommandFailure) {
        var cursor: String?
        repeat {
            let answer: APIAnswer
            do {
                answer = try await call(request(cursor: cursor))
            } catch {
                throw interrupted(by: error)
            }
            moves += answer.json["items"]?.array ?? []
            page(answer, moves.count)
            let next = answer.json["next_cursor"]?.string
            guard next == nil || next != cursor else {
                // Asked on, it would be asked forever.
                throw interrupted(by: CommandFailure("The service named the same page twice."))
            }
            cursor = next
        } while cursor != nil
        isComplete = true
    }

    private func request(cursor: String?) -> APIRequest {
        var body: [String: JSON] = ["plan": .string(plan), "dry_run": .bool(!isApplied)]
        body.set("from_version", from)
        body.set("to_version", to)
        body.set("cursor", cursor)
        return .post("v1", "catalog", "migrations", body: .object(body))
    }

    /// A page that moved stays moved, and a further run passes over it.
    private func interrupted(by failure: CommandFailure) -> CommandFailure {
        guard isApplied, !moves.isEmpty else { return failure }
        let rest = "\(count) had moved by then; the same command moves the rest."
        return CommandFailure(failure.message, details: failure.details + [rest])
    }
}

extension CatalogMigration {
    /// Who gains and loses what, and in all where all pages were seen.
    func lines(on terminal: Terminal) -> [String] {
        let rows = moves.isEmpty ? [] : table.lines(on: terminal)
        return rows + (isComplete ? [summary(on: terminal)] : [])
    }

    private var table: Table {
        var table = Table("account", "subscription", "from", "to", "gains", "loses", "changes")
        for move in moves {
            let loss = move.wordIfAny("loses").flatMap { $0.isEmpty ? nil : $0 }
            let gain = move.wordIfAny("gains").flatMap { $0.isEmpty ? nil : $0 }
            table.add(
                "\(move.word("account"))",
                "\(move.word("subscription"))",
                "\(Self.version(move["from_version"]))",
                "\(Self.version(move["to_version"]))",
                .init(gain ?? "-", gain.map { _ in .green }),
                .init(loss ?? "-", loss.map { _ in .red }),
                "\(Self.changes(move))"
            )
        }
        return table
    }

    /// How many move, and whether they did.
    private func summary(on terminal: Terminal) -> String {
        guard !moves.isEmpty else {
            return "no subscription to plan \(plan) is to be moved".printable
        }
        let target = to.map { "version \($0) of plan \(plan)" } ?? "following plan \(plan)"
        let losers = moves.count { $0["loses"]?.array?.isEmpty == false }
        let loss =
            switch losers {
            case 0: "none loses anything"
            case 1: "1 of them loses something"
            default: "\(losers) of them lose something"
            }
        let accounts = Set(moves.map { $0.word("account") }).count
        let owners = accounts == 1 ? "1 account" : "\(accounts) accounts"
        let verdict =
            isApplied
            ? terminal.paint("moved", .green) + ": "
            : terminal.paint("not moved", .yellow) + ", as --apply was not given: "
        return verdict + "\(count) of \(owners) to \(target); \(loss)".printable
    }

    private var count: String {
        moves.count == 1 ? "1 subscription" : "\(moves.count) subscriptions"
    }

    private static func version(_ json: JSON?) -> String {
        json?.integer.map { "v\($0)" } ?? "follows"
    }

    private static func changes(_ move: JSON) -> String {
        let changes = (move["changes"]?.array ?? [])
            .map { "\($0.word("feature")) \($0.word("before")) → \($0.word("after"))" }
        return changes.isEmpty ? "-" : changes.joined(separator: ", ")
    }
}
