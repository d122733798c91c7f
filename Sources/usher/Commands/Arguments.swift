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

/// How much of a counted feature: a number, or `unlimited`.
struct LimitArgument: ExpressibleByArgument {
    let json: JSON

    init?(argument: String) {
        if argument == "unlimited" {
            json = "unlimited"
        } else if let number = Int64(argument), number >= 0 {
            json = .integer(number)
        } else {
            return nil
        }
    }
}

/// A configuration value: JSON where it reads as such (`90`, `true`, `"90"`), otherwise text.
struct ValueArgument: ExpressibleByArgument {
    let json: JSON

    init?(argument: String) {
        json = (try? JSON(parsing: argument)) ?? .string(argument)
    }
}

/// Why something is changed.
struct ReasonOption: ParsableArguments {
    @Option(help: "Why; kept in the change log.")
    var reason: String?
}

/// A name for a change, by which the service knows a repetition of it.
struct RetryOption: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "A name for this change, so that repeating the command does not repeat the change.",
            valueName: "key"
        )
    )
    var idempotencyKey: String?

    var headers: [(name: String, value: String)] {
        idempotencyKey.map { [("Idempotency-Key", $0)] } ?? []
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

    mutating func set(_ key: String, _ value: JSON?) {
        if let value { self[key] = value }
    }

    mutating func set(_ key: String, _ value: TimeArgument?) {
        if let value { self[key] = .string(value.instant(now: .now).description) }
    }
}
