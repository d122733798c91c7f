import ArgumentParser
import Entitlements
import FoundationEssentials

/// `key=value`, as in `--device os=ios`.
struct Pair: ExpressibleByArgument {
    let key: String
    let value: String

    init?(argument: String) {
        guard let equals = argument.firstIndex(of: "="), equals > argument.startIndex else {
            return nil
        }
        key = String(argument[..<equals])
        value = String(argument[argument.index(after: equals)...])
    }
}

extension [Pair] {
    /// The pairs as an object; a key that is given twice keeps its last value.
    var json: JSON {
        .object(Dictionary(map { ($0.key, .string($0.value)) }) { _, last in last })
    }
}

/// A length of time such as `45m`, `12h`, `30d` or `2w`.
struct TimeSpan: ExpressibleByArgument {
    let seconds: Int64

    init?(argument: String) {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800]
        // Strictly digits: `Int64` alone would take a sign. Six of them in weeks are 19,000 years.
        guard let unit = argument.last.flatMap({ units[$0] }), argument.utf8.count <= 7,
            argument.dropLast().utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = Int64(argument.dropLast()), number > 0
        else { return nil }
        seconds = number * unit
    }
}

/// A point in time: RFC 3339, or a span from now.
struct TimeArgument: ExpressibleByArgument {
    private enum Form {
        case instant(Instant)
        case fromNow(TimeSpan)
    }

    private let form: Form

    init?(argument: String) {
        if let instant = Instant(rfc3339: argument) {
            form = .instant(instant)
        } else if let span = TimeSpan(argument: argument) {
            form = .fromNow(span)
        } else {
            return nil
        }
    }

    func instant(now: Instant) -> Instant {
        switch form {
        case .instant(let instant): instant
        case .fromNow(let span): now + .seconds(span.seconds)
        }
    }
}

extension Instant {
    /// This machine's clock.
    static var now: Instant {
        Instant(microseconds: Int64(Date.now.timeIntervalSince1970 * 1_000_000))
    }
}

extension [String: JSON] {
    /// Sets a member where the caller gave a value, and otherwise leaves the API its default.
    mutating func set(_ key: String, _ value: String?) {
        if let value { self[key] = .string(value) }
    }

    mutating func set(_ key: String, _ value: Int64?) {
        if let value { self[key] = .integer(value) }
    }

    mutating func set(_ key: String, _ value: TimeArgument?) {
        if let value { self[key] = .string(value.instant(now: .now).description) }
    }
}
