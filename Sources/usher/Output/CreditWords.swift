import Entitlements

/// A credit of the API in words.
struct CreditWords {
    private let credit: JSON

    init(_ credit: JSON) {
        self.credit = credit
    }

    /// `credit crd_… gives 500 of ai_credits to acme every month until …`.
    var given: String {
        if credit["state"] == "pending" {
            return "\(name) will give \(what), once it is confirmed".printable
        }
        let from = credit["state"] == "waiting" ? " from \(credit.word("from"))" : ""
        let until = credit.wordIfAny("to").map { " until \($0)" } ?? ""
        return "\(name) gives \(what)\(from)\(until)".printable
    }

    /// `credit crd_… no longer gives 500 of ai_credits to acme`.
    var voided: String { "\(name) no longer gives \(what)".printable }

    /// Everything that there is to say of it.
    var facts: Facts {
        var facts = Facts()
        facts.add("credit", credit.word("credit"), .bold)
        facts.add("state", credit.word("state"), paint)
        facts.add("account", credit.word("account"))
        facts.add("feature", credit.word("feature"))
        facts.add("amount", credit.word("amount"))
        facts.add("left", credit.wordIfAny("left"))
        facts.add("again", again)
        facts.add("rolls over", rollover)
        facts.add("holds", credit.span("from", "to"))
        facts.add("priority", credit.word("priority"))
        facts.add("kind", isPromotional ? "promotional" : "paid")
        facts.add("reason", credit.wordIfAny("reason"))
        facts.add("author", credit.wordIfAny("author"))
        facts.add("revision", credit.wordIfAny("revision"))
        facts.add("created", credit.wordIfAny("created_at"))
        return facts
    }

    static func table(_ credits: ArraySlice<JSON>) -> Table {
        var table = Table(
            "credit",
            "state",
            "feature",
            "amount",
            "left",
            "again",
            "holds",
            "priority",
            "kind",
            "reason",
            "author"
        )
        for credit in credits {
            let words = CreditWords(credit)
            table.add(
                "\(credit.word("credit"))",
                .init(credit.word("state"), words.paint),
                "\(credit.word("feature"))",
                "\(credit.word("amount"))",
                "\(credit.word("left"))",
                "\(words.again ?? "-")",
                "\(credit.span("from", "to") ?? "-")",
                "\(credit.word("priority"))",
                "\(words.isPromotional ? "promotional" : "paid")",
                "\(credit.word("reason"))",
                "\(credit.word("author"))"
            )
        }
        return table
    }
}

extension CreditWords {
    private var name: String { "credit \(credit.word("credit"))" }
    private var isPromotional: Bool { credit["promotional"]?.bool == true }

    private var what: String {
        let again = again.map { " \($0)" } ?? ""
        let goal = "\(credit.word("feature")) to \(credit.word("account"))"
        return "\(credit.word("amount")) of \(goal)\(again)"
    }

    /// `every month`, `every 3 months`; nil for what is given once.
    private var again: String? {
        guard let unit = credit.wordIfAny("every") else { return nil }
        let count = credit["count"]?.integer ?? 1
        return count == 1 ? "every \(unit)" : "every \(count) \(unit)s"
    }

    /// How much of what is left stays at a reset.
    private var rollover: String? {
        guard let rollover = credit["rollover"], !rollover.isNull else { return nil }
        let parts = [
            rollover.wordIfAny("min").map { "at least \($0)" },
            rollover.wordIfAny("max").map { "at most \($0)" },
        ]
        let words = parts.compactMap(\.self).joined(separator: ", ")
        return words.isEmpty ? nil : words
    }

    private var paint: Terminal.Paint {
        switch credit["state"]?.string {
        case "active": .green
        case "ended", "voided": .dim
        default: .yellow
        }
    }
}
