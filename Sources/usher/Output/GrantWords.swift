import Entitlements

/// A grant of the API in words.
struct GrantWords {
    private let grant: JSON

    init(_ grant: JSON) {
        self.grant = grant
    }

    /// `grant grt_… denies sso to user ann of acme until …`.
    var made: String {
        let verb = isDenial ? "denies" : "allows"
        let until = grant.wordIfAny("to") ?? "it is ended"
        let from = isWaiting ? " from \(grant.word("from"))" : ""
        return "\(name) \(verb) \(what) to \(whom)\(from) until \(until)".printable
    }

    /// `grant grt_… no longer denies sso to user ann of acme`.
    var ended: String {
        "\(name) no longer \(isDenial ? "denies" : "allows") \(what) to \(whom)".printable
    }

    /// Everything that there is to say of it.
    var facts: Facts {
        var facts = Facts()
        facts.add("grant", grant.word("grant"), .bold)
        facts.add("state", grant.word("state"), paint)
        facts.add("effect", isDenial ? "deny" : "allow", isDenial ? .red : .green)
        facts.add("feature", grant.word("feature"))
        facts.add("for", whom)
        facts.add("amount", amount)
        facts.add("holds", grant.span("from", "to"))
        facts.add("reason", grant.wordIfAny("reason"))
        facts.add("author", grant.wordIfAny("author"))
        facts.add("revision", grant.word("revision"))
        facts.add("created", grant.word("created_at"))
        return facts
    }

    static func table(_ grants: ArraySlice<JSON>) -> Table {
        var table = Table(
            "grant",
            "state",
            "effect",
            "feature",
            "for",
            "amount",
            "holds",
            "reason",
            "author"
        )
        for grant in grants {
            let words = GrantWords(grant)
            table.add(
                "\(grant.word("grant"))",
                .init(grant.word("state"), words.paint),
                .init(words.isDenial ? "deny" : "allow", words.isDenial ? .red : .green),
                "\(grant.word("feature"))",
                "\(words.whom)",
                "\(words.amount ?? "-")",
                "\(grant.span("from", "to") ?? "-")",
                "\(grant.word("reason"))",
                "\(grant.word("author"))"
            )
        }
        return table
    }
}

extension GrantWords {
    private var isDenial: Bool { grant["effect"] == "deny" }
    private var isWaiting: Bool { grant["state"] == "waiting" }

    private var name: String { "grant \(grant.word("grant"))" }
    private var what: String { grant.word("feature") + (amount.map { ", \($0)," } ?? "") }

    private var whom: String {
        let account = grant.word("account")
        if let session = grant.wordIfAny("session") { return "session \(session) of \(account)" }
        return grant.wordIfAny("user").map { "user \($0) of \(account)" } ?? "account \(account)"
    }

    /// How much of the feature it gives; nil where it only opens or closes.
    private var amount: String? {
        let more = grant["mode"] == "stack" ? " more" : ""
        if let limit = grant.wordIfAny("limit") {
            return limit == "unlimited" ? "without limit" : "\(limit)\(more)"
        }
        // A boolean's `true` says no more than that it is allowed.
        guard let value = grant["value"], !value.isNull, value != true else { return nil }
        return "value \(value.word)\(more)"
    }

    private var paint: Terminal.Paint {
        switch grant["state"]?.string {
        case "in_force": .green
        case "ended": .dim
        default: .yellow
        }
    }
}
