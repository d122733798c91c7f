import Entitlements

/// What is counted, in words: of a decision, a meter, a reservation or a lease.
struct MeterWords {
    private let count: JSON

    init(_ count: JSON) {
        self.count = count
    }

    /// `3 of 10 used, 7 left, 2 held; resets at …`; nil where nothing is counted.
    var standing: String? {
        guard let used = count.wordIfAny("used"), let limit = count.wordIfAny("limit") else {
            return nil
        }
        var parts =
            limit == "unlimited"
            ? ["\(used) used, without limit"]
            : ["\(used) of \(limit) used", "\(count.word("remaining")) left"]
        if let held = positive("held") { parts.append("\(held) held") }
        if let over = positive("over") { parts.append("\(over) over the limit") }
        let reset = count.wordIfAny("resets_at").map { "; resets at \($0)" } ?? ""
        return parts.joined(separator: ", ") + reset
    }

    /// `: ` and the standing, as what is said last in a sentence; empty where nothing is counted.
    var ending: String { standing.map { ": \($0)" } ?? "" }

    /// Whose count it is: `user ada of acme`, `session ses_… of acme` or `acme`.
    var whose: String {
        let account = count.word("account")
        guard let subject = count.wordIfAny("subject"), !subject.isEmpty else { return account }
        return "\(Self.subject(subject)) of \(account)"
    }

    /// Everything that there is to say of a meter, and below it what it is made of.
    func lines(on terminal: Terminal) -> [String] {
        let slots = count["slots"]?.array ?? []
        let facts = facts.lines(on: terminal)
        return slots.isEmpty ? facts : facts + [""] + Self.slots(slots[...]).lines(on: terminal)
    }

    static func table(_ meters: ArraySlice<JSON>) -> Table {
        var table = Table(
            "feature",
            "type",
            "for",
            "used",
            "limit",
            "left",
            "held",
            "over",
            "resets"
        )
        for meter in meters {
            let over = MeterWords(meter).positive("over")
            table.add(
                "\(meter.word("feature"))",
                "\(meter.word("type"))",
                "\(meter.wordIfAny("subject").map(subject) ?? "account")",
                "\(meter.word("used"))",
                "\(meter.word("limit"))",
                .init(meter.word("remaining"), meter["remaining"] == 0 ? .red : nil),
                "\(meter.word("held"))",
                .init(meter.word("over"), over.map { _ in .red }),
                "\(meter.word("resets_at"))"
            )
        }
        return table
    }

    /// `user ada` for `user:ada`, `session ses_…` for `session:ses_…`, `account` for the pool.
    static func subject(_ subject: String) -> String {
        guard !subject.isEmpty else { return "account" }
        guard let colon = subject.firstIndex(of: ":") else { return subject }
        return subject[..<colon] + " " + subject[subject.index(after: colon)...]
    }
}

extension MeterWords {
    private var facts: Facts {
        var facts = Facts()
        facts.add("feature", count.word("feature"), .bold)
        facts.add("type", count.wordIfAny("type"))
        facts.add("of", whose)
        facts.add("limit", count.word("limit"))
        facts.add("used", count.word("used"))
        facts.add("left", count.word("remaining"), count["remaining"] == 0 ? .red : nil)
        facts.add("held", positive("held"), .yellow)
        facts.add("over", positive("over"), .red)
        facts.add("period", count["period"]?.span("start", "end"))
        facts.add("resets", count.wordIfAny("resets_at"))
        facts.add("revision", count.wordIfAny("revision"))
        return facts
    }

    private func positive(_ key: String) -> String? {
        guard let value = count[key]?.integer, value > 0 else { return nil }
        return "\(value)"
    }

    /// The balances that the limit is made of, in the order in which they are burnt.
    private static func slots(_ slots: ArraySlice<JSON>) -> Table {
        var table = Table("burnt", "slot", "kind", "amount", "left", "priority", "lost")
        for (place, slot) in slots.enumerated() {
            table.add(
                "\(place + 1).",
                "\(slot.word("slot"))",
                "\(slot.word("kind"))",
                "\(slot.word("amount"))",
                "\(slot.word("left"))",
                "\(slot.word("priority"))",
                "\(slot.wordIfAny("lost_at") ?? "never")"
            )
        }
        return table
    }
}
