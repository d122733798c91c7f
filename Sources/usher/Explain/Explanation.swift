import Entitlements

/// A decision with the service's explanation, in human words.
struct Explanation {
    private let decision: JSON
    /// What was considered, in the order of precedence.
    private let considered: [JSON]
    /// What would open it; empty when it is open.
    private let remedies: [Remedy]

    /// - Parameter answer: Of a check that asked for its explanation.
    init(_ answer: JSON) {
        decision = answer
        considered = answer["explanation"]?["considered"]?.array ?? []
        let actions = answer["explanation"]?["would_allow"]?.array ?? []
        remedies = actions.map { Remedy($0, decision: answer) }
    }

    func lines(on terminal: Terminal) -> [String] {
        var lines = [verdict(on: terminal)]
        if !considered.isEmpty { lines += [""] + table.lines(on: terminal) }
        if !remedies.isEmpty {
            lines += ["", terminal.paint("To be allowed:", .dim)]
            lines += remedies.flatMap { $0.lines(on: terminal) }
        }
        return lines
    }
}

extension Explanation {
    private var isAllowed: Bool { decision["allowed"]?.bool == true }

    /// The answer in one sentence.
    private func verdict(on terminal: Terminal) -> String {
        let mark = isAllowed ? terminal.paint("Yes", .green) : terminal.paint("No", .red)
        let account = decision.wordIfAny("account").map { " of account \($0)" } ?? ""
        let may = isAllowed ? "may" : "may not"
        let source = decision.sourceInWords.map { ", \($0)" } ?? ""
        let until = decision.wordIfAny("valid_until").map { ", until \($0)" } ?? ""
        let what = "\(decision.word("feature"))\(amount)\(until)"
        let reason = "(\(decision.word("reason"))\(source))"
        return mark + ": this session\(account) \(may) use \(what) \(reason).".printable
    }

    private var amount: String {
        if let limit = decision["limit"], !limit.isNull {
            return limit == "unlimited" ? ", without limit" : ", \(decision.amountInWords)"
        }
        // A boolean's value says no more than that it is open.
        guard decision["type"] == "config", let value = decision.wordIfAny("value") else {
            return ""
        }
        return ", with the value \(value)"
    }

    private var table: Table {
        var table = Table("step", "source", "part", "why", "gives", "when", "detail")
        for item in considered {
            table.add(
                "\(item.word("step"))",
                "\(Self.source(of: item))",
                part(of: item),
                "\(item.word("why"))",
                "\(item.wordIfAny("limit") ?? item.word("value"))",
                "\(item.span("from", "until") ?? "-")",
                "\(item.word("detail"))"
            )
        }
        return table
    }

    private static func source(of item: JSON) -> String {
        let version = item.wordIfAny("version").map { " v\($0)" } ?? ""
        let holder = item.wordIfAny("subscription").map { " by \($0)" } ?? ""
        return "\(item.word("kind")) \(item.word("id"))\(version)\(holder)"
    }

    /// Whether the item settled the answer, added to it, or did neither.
    private func part(of item: JSON) -> Table.Cell {
        if item["decides"]?.bool == true { return .init("decides", isAllowed ? .green : .red) }
        return item["counts"]?.bool == true ? .init("counts", .bold) : .init("-", .dim)
    }
}
