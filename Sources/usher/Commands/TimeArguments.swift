import ArgumentParser
import Entitlements

/// A length of time such as `90s`, `30m`, `2h`, `14d` or `2w`.
struct TimeSpan: Equatable {
    static let form = "write a number and a unit: 90s, 30m, 2h, 14d or 2w"

    let seconds: Int64

    /// - Throws: The form of a span; the parser puts the option's name before it.
    init(_ text: String) throws(ValidationError) {
        let units: [Character: Int64] = ["s": 1, "m": 60, "h": 3_600, "d": 86_400, "w": 604_800]
        // Strictly digits: `Int64` alone would take a sign. Six of them in weeks are 19,000 years.
        guard let unit = text.last.flatMap({ units[$0] }), text.utf8.count <= 7,
            text.dropLast().utf8.allSatisfy({ (0x30...0x39).contains($0) }),
            let number = Int64(text.dropLast()), number > 0
        else { throw ValidationError(Self.form) }
        seconds = number * unit
    }
}

/// A point in time: RFC 3339, or a span from now by this machine's clock.
struct TimeArgument {
    static let form = "write RFC 3339, such as 2026-12-01T00:00:00Z, or a span from now: 2h, 14d"

    private enum Form {
        case instant(Instant)
        case fromNow(TimeSpan)
    }

    private let form: Form

    init(_ text: String) throws(ValidationError) {
        if let instant = Instant(rfc3339: text) {
            form = .instant(instant)
        } else if let span = try? TimeSpan(text) {
            form = .fromNow(span)
        } else {
            throw ValidationError(Self.form)
        }
    }

    func instant(now: Instant) -> Instant {
        switch form {
        case .instant(let instant): instant
        case .fromNow(let span): now + .seconds(span.seconds)
        }
    }
}

/// A point in time where a span would be ambiguous or would count from the wrong clock: RFC 3339
/// only.
struct InstantArgument {
    static let form = "write RFC 3339, such as 2026-12-01T00:00:00Z"

    let instant: Instant

    init(_ text: String) throws(ValidationError) {
        guard let instant = Instant(rfc3339: text) else { throw ValidationError(Self.form) }
        self.instant = instant
    }

    var json: JSON { .string(instant.description) }
}

/// When a change takes effect.
enum EffectTime {
    static let form = "write now, period-end, RFC 3339 or a span from now: 2h, 14d"

    /// At once, by the account's clock.
    case now
    /// When the period ends that is paid for; in a trial, when the trial does.
    case periodEnd
    case time(TimeArgument)

    init(_ text: String) throws(ValidationError) {
        switch text {
        case "now": self = .now
        case "period-end", "period_end": self = .periodEnd
        default:
            guard let time = try? TimeArgument(text) else { throw ValidationError(Self.form) }
            self = .time(time)
        }
    }

    var word: String {
        switch self {
        case .now: "now"
        case .periodEnd: "period_end"
        case .time(let time): time.instant(now: .now).description
        }
    }
}
