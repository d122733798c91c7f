import Entitlements

/// Values of the API's answers as people read them.
extension JSON {
    /// The member in words: a dash for null and for what is not there, compact JSON for what has
    /// parts of its own, and times without their milliseconds.
    func word(_ key: String) -> String {
        self[key]?.word ?? "-"
    }

    /// As `word(_:)`, but nil for null and for what is not there.
    func wordIfAny(_ key: String) -> String? {
        guard let value = self[key], !value.isNull else { return nil }
        return value.word
    }

    /// The time between two members in words: `2026-… to 2026-…`, or the half that there is.
    func span(_ from: String, _ until: String) -> String? {
        switch (wordIfAny(from), wordIfAny(until)) {
        case (let from?, let until?): "\(from) to \(until)"
        case (let from?, nil): "since \(from)"
        case (nil, let until?): "until \(until)"
        case (nil, nil): nil
        }
    }

    /// What is used of a limit: `3 of 10 used, 7 left`.
    var usageInWords: String {
        let used = word("used")
        guard let limit = wordIfAny("limit") else { return "\(used) used, no limit in force" }
        if limit == "unlimited" { return "\(used) used, without limit" }
        let isOver = self["over"]?.bool == true || (self["over"]?.integer ?? 0) > 0
        let rest = isOver ? "over the limit" : "\(word("remaining")) left"
        return "\(used) of \(limit) used, \(rest)"
    }

    var word: String {
        switch self {
        case .null: "-"
        case .bool(let value): value ? "yes" : "no"
        case .integer(let value): "\(value)"
        case .number(let value): "\(value)"
        case .string(let value): Moment(apiTime: value)?.description ?? value
        case .array(let values): values.map(\.word).joined(separator: ", ")
        case .object(let members):
            members.isEmpty
                ? "-"
                : members.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value.word)" }
                    .joined(separator: " ")
        }
    }
}

/// A time of the API as people read it: UTC whatever the machine's zone, to the second.
struct Moment: CustomStringConvertible {
    let description: String

    /// Nil for what is not a time in the API's one form, `2026-11-23T15:04:05.123Z`.
    init?(apiTime text: String) {
        guard text.utf8.count == 24, text.hasSuffix("Z"), Instant(rfc3339: text) != nil else {
            return nil
        }
        description = text.prefix(10) + " " + text.dropFirst(11).prefix(8) + " UTC"
    }
}
