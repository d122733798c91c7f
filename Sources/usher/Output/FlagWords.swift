import Entitlements

/// A flag of the API in words.
struct FlagWords {
    private let flag: JSON

    init(_ flag: JSON) {
        self.flag = flag
    }

    /// `flag new-checkout is on, at version 3`.
    var now: String {
        "flag \(flag.word("key")) is \(state), at version \(flag.word("version"))".printable
    }

    /// Everything that there is to say of it, but for its definition.
    var facts: Facts {
        let usher = definition["usher"] ?? .null
        var facts = Facts()
        facts.add("flag", flag.word("key"), .bold)
        facts.add("type", type)
        facts.add("state", state, paint)
        facts.add("killed", flag.wordIfAny("killed_at"), .red)
        facts.add("owner", usher.wordIfAny("owner"))
        facts.add("about", usher.wordIfAny("description"))
        facts.add("tags", usher.wordIfAny("tags"))
        facts.add("expires", usher.wordIfAny("expires"))
        facts.add("stale", stale, .yellow)
        facts.add("version", flag.word("version"))
        facts.add("changed", flag.word("changed_at"))
        return facts
    }

    static func table(_ flags: ArraySlice<JSON>) -> Table {
        var table = Table("flag", "type", "state", "version", "changed", "stale")
        for flag in flags {
            let words = FlagWords(flag)
            table.add(
                "\(flag.word("key"))",
                "\(words.type)",
                .init(words.state, words.paint),
                "\(flag.word("version"))",
                "\(flag.word("changed_at"))",
                .init(words.stale ?? "-", words.stale.map { _ in .yellow })
            )
        }
        return table
    }

    static func versions(_ versions: ArraySlice<JSON>) -> Table {
        var table = Table("version", "at", "state", "author", "reason")
        for version in versions {
            let isThere = version["definition"]?.isNull == false
            table.add(
                "\(version.word("version"))",
                "\(version.word("at"))",
                isThere ? "\(FlagWords(version).state)" : .init("deleted", .red),
                "\(version.word("author"))",
                "\(version.word("reason"))"
            )
        }
        return table
    }
}

extension FlagWords {
    /// What taking a document in changes, a line each, and whether it did.
    static func changes(_ answer: JSON, on terminal: Terminal) -> [String] {
        var lines = ["added", "changed", "removed"]
            .flatMap { change in
                (answer[change]?.array ?? []).map { "\(change) \($0.word)".printable }
            }
        if answer["shared_changed"] == true {
            lines.append("changed what the flags share: $evaluators, segments or metadata")
        }
        guard !lines.isEmpty else { return ["nothing to change"] }
        let isApplied = answer["applied"]?.bool == true
        lines.append(
            isApplied ? terminal.paint("applied", .green) : terminal.paint("not applied", .yellow)
        )
        return lines
    }

    /// Answers of OpenFeature's protocol; one without a value means the code's default.
    static func answers(_ answers: [JSON]) -> Table {
        var table = Table("flag", "value", "variant", "reason", "detail")
        for answer in answers {
            let error = answer.wordIfAny("errorCode")
            let metadata = answer["metadata"] ?? .null
            table.add(
                "\(answer.word("key"))",
                "\(error == nil ? answer["value"]?.description ?? "code default" : "-")",
                "\(answer.wordIfAny("variant").flatMap { $0.isEmpty ? nil : $0 } ?? "-")",
                .init(error ?? answer.word("reason"), error.map { _ in .red }),
                "\(answer.wordIfAny("errorDetails") ?? metadata.word("step"))"
            )
        }
        return table
    }
}

extension FlagWords {
    private var definition: JSON { flag["definition"] ?? .null }

    private var state: String {
        guard flag.wordIfAny("killed_at") == nil else { return "killed" }
        return definition["state"] == "ENABLED" ? "on" : "off"
    }

    /// `expired since …`, or `one sided since …`; nil where it is in use for all that is known.
    private var stale: String? {
        guard let stale = flag["stale"], let why = stale.wordIfAny("why") else { return nil }
        return "\(why.replacing("_", with: " ")) since \(stale.word("since"))"
    }

    private var paint: Terminal.Paint {
        switch state {
        case "on": .green
        case "killed": .red
        default: .dim
        }
    }

    /// As the service has it: one number with a fraction makes all of them such.
    private var type: String {
        let variants = (definition["variants"]?.object ?? [:]).values
        if variants.contains(where: { if case .number = $0 { true } else { false } }) {
            return "float"
        }
        return switch variants.first {
        case .bool: "boolean"
        case .integer: "integer"
        case .string: "string"
        case .object: "object"
        default: "-"
        }
    }
}
