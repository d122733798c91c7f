/// RFC 3339, in and out. Both sides are on the check's path: no Foundation, no formatter.
extension Instant {
    /// The first instant that four digits of year can write.
    package static let earliestWritten = Instant(microseconds: -62_135_596_800_000_000)
    /// The last instant that four digits of year can write.
    package static let latestWritten = Instant(microseconds: 253_402_300_799_999_999)

    /// Reads an RFC 3339 time such as `2026-11-23T15:04:05.123Z` or `…+01:00`.
    ///
    /// Up to nine digits of fraction are taken and cut to microseconds; `t` and `z` may be lower
    /// case. Everything else is strict: no blank between date and time, no leap second (Postgres
    /// has none), no time without a zone. Nil for what is not such a time, or outside the years
    /// 0001 to 9999 in UTC.
    package init?(rfc3339 text: some StringProtocol) {
        var reader = TimeReader(bytes: [UInt8](text.utf8.prefix(TimeReader.mostBytes + 1)))
        guard let microseconds = reader.microseconds() else { return nil }
        let instant = Instant(microseconds: microseconds)
        guard instant >= .earliestWritten, instant <= .latestWritten else { return nil }
        self = instant
    }

    /// Appends the instant in UTC with exactly milliseconds: `2026-11-23T15:04:05.123Z`.
    ///
    /// Microseconds are cut towards the past, so a `valid_until` never promises too much. What
    /// four digits of year cannot write is written as the nearest instant that they can.
    package func write(into output: inout [UInt8]) {
        let clamped = min(max(self, .earliestWritten), .latestWritten).microseconds
        let (days, inDay) = clamped.flooredDivision(by: 86_400_000_000)
        let date = CivilDate(daysSinceEpoch: days)
        let seconds = inDay / 1_000_000
        output.reserveCapacity(output.count + 24)
        output.appendPair(date.year / 100)
        output.appendPair(date.year % 100)
        output.append(UInt8(ascii: "-"))
        output.appendPair(date.month)
        output.append(UInt8(ascii: "-"))
        output.appendPair(date.day)
        output.append(UInt8(ascii: "T"))
        output.appendPair(seconds / 3_600)
        output.append(UInt8(ascii: ":"))
        output.appendPair(seconds / 60 % 60)
        output.append(UInt8(ascii: ":"))
        output.appendPair(seconds % 60)
        output.append(UInt8(ascii: "."))
        let milliseconds = inDay / 1_000 % 1_000
        output.append(UInt8(ascii: "0") + UInt8(milliseconds / 100))
        output.appendPair(milliseconds % 100)
        output.append(UInt8(ascii: "Z"))
    }
}

extension Instant: CustomStringConvertible {
    package var description: String {
        var bytes: [UInt8] = []
        write(into: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Reads the fields of a time from left to right.
private struct TimeReader {
    /// `2026-11-23T15:04:05.123456789+01:00`; more is refused unread.
    static let mostBytes = 35

    let bytes: [UInt8]
    var position = 0

    init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    mutating func microseconds() -> Int64? {
        guard bytes.count <= Self.mostBytes, let days = date(), takes("T", or: "t"),
            let inDay = timeOfDay(), let fraction = fraction(), let offset = offsetSeconds(),
            position == bytes.count
        else { return nil }
        return (days * 86_400 + inDay - offset) * 1_000_000 + fraction
    }

    private mutating func date() -> Int64? {
        guard let year = number(digits: 4), takes("-"), let month = number(digits: 2), takes("-"),
            let day = number(digits: 2)
        else { return nil }
        let date = CivilDate(year: year, month: month, day: day)
        return date.exists ? date.daysSinceEpoch : nil
    }

    private mutating func timeOfDay() -> Int64? {
        guard let hour = number(digits: 2), hour < 24, takes(":"),
            let minute = number(digits: 2), minute < 60, takes(":"),
            let second = number(digits: 2), second < 60
        else { return nil }
        return hour * 3_600 + minute * 60 + second
    }

    private mutating func fraction() -> Int64? {
        guard takes(".") else { return 0 }
        var digits = 0
        var value: Int64 = 0
        while digits < 9, let digit = number(digits: 1) {
            digits += 1
            if digits <= 6 { value = value * 10 + digit }
        }
        guard digits > 0 else { return nil }
        for _ in digits..<max(digits, 6) { value *= 10 }
        return value
    }

    private mutating func offsetSeconds() -> Int64? {
        if takes("Z", or: "z") { return 0 }
        let isEast = takes("+")
        guard isEast || takes("-"), let hours = number(digits: 2), hours < 24, takes(":"),
            let minutes = number(digits: 2), minutes < 60
        else { return nil }
        let seconds = hours * 3_600 + minutes * 60
        return isEast ? seconds : -seconds
    }

    private mutating func takes(_ byte: Unicode.Scalar, or other: Unicode.Scalar? = nil) -> Bool {
        guard position < bytes.count else { return false }
        let next = Unicode.Scalar(bytes[position])
        guard next == byte || next == other else { return false }
        position += 1
        return true
    }

    private mutating func number(digits: Int) -> Int64? {
        guard position + digits <= bytes.count else { return nil }
        var value: Int64 = 0
        for byte in bytes[position..<position + digits] {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) else { return nil }
            value = value * 10 + Int64(byte - UInt8(ascii: "0"))
        }
        position += digits
        return value
    }
}

extension Int64 {
    /// Quotient towards negative infinity, and the remainder that is never negative.
    fileprivate func flooredDivision(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

extension [UInt8] {
    fileprivate mutating func appendPair(_ number: Int64) {
        append(UInt8(ascii: "0") + UInt8(number / 10))
        append(UInt8(ascii: "0") + UInt8(number % 10))
    }
}
