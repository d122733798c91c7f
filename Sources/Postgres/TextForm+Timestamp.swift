extension TextForm {
    /// `2026-11-23 15:04:05.123456+00`, years of any length, `BC` after it; nil for ±infinity.
    static func microseconds(_ bytes: ArraySlice<UInt8>) -> Int64? {
        var rest = bytes
        guard
            let year = number(&rest), skip(UInt8(ascii: "-"), &rest),
            let month = number(&rest), skip(UInt8(ascii: "-"), &rest),
            let day = number(&rest), skip(UInt8(ascii: " "), &rest),
            let time = timeOfDay(&rest),
            let offset = offset(&rest)
        else { return nil }
        let isBeforeChrist = rest.elementsEqual(" BC".utf8)
        guard rest.isEmpty || isBeforeChrist else { return nil }
        let days = daysSince1970(year: isBeforeChrist ? 1 - year : year, month: month, day: day)
        let (start, overflow) = days.multipliedReportingOverflow(by: 86_400_000_000)
        let (sum, carry) = start.addingReportingOverflow(time - offset)
        return overflow || carry ? nil : sum
    }

    /// Hours, minutes, seconds and fraction, in microseconds.
    private static func timeOfDay(_ rest: inout ArraySlice<UInt8>) -> Int64? {
        guard
            let hour = number(&rest), skip(UInt8(ascii: ":"), &rest),
            let minute = number(&rest), skip(UInt8(ascii: ":"), &rest),
            let second = number(&rest)
        else { return nil }
        var fraction: Int64 = 0
        if skip(UInt8(ascii: "."), &rest) {
            let before = rest.count
            guard var value = number(&rest) else { return nil }
            let places = before - rest.count
            guard places <= 6 else { return nil }
            for _ in places..<6 { value *= 10 }
            fraction = value
        }
        return ((hour * 60 + minute) * 60 + second) * 1_000_000 + fraction
    }

    /// `+hh`, `-hh:mm` or `+hh:mm:ss`, in microseconds.
    private static func offset(_ rest: inout ArraySlice<UInt8>) -> Int64? {
        let sign: Int64 = rest.first == UInt8(ascii: "-") ? -1 : 1
        guard skip(UInt8(ascii: "-"), &rest) || skip(UInt8(ascii: "+"), &rest) else { return nil }
        guard var seconds = number(&rest).map({ $0 * 3_600 }) else { return nil }
        for unit: Int64 in [60, 1] where skip(UInt8(ascii: ":"), &rest) {
            guard let part = number(&rest) else { return nil }
            seconds += part * unit
        }
        return sign * seconds * 1_000_000
    }

    /// At most nine digits, so that no arithmetic on them can overflow.
    private static func number(_ rest: inout ArraySlice<UInt8>) -> Int64? {
        var value: Int64 = 0
        var count = 0
        while let byte = rest.first, let digit = digit(byte) {
            guard count < 9 else { return nil }
            value = value * 10 + digit
            count += 1
            rest.removeFirst()
        }
        return count > 0 ? value : nil
    }

    private static func skip(_ byte: UInt8, _ rest: inout ArraySlice<UInt8>) -> Bool {
        guard rest.first == byte else { return false }
        rest.removeFirst()
        return true
    }

    /// Howard Hinnant's `days_from_civil`: eras of 400 years that begin on the first of March.
    private static func daysSince1970(year: Int64, month: Int64, day: Int64) -> Int64 {
        let shifted = month <= 2 ? year - 1 : year
        let era = (shifted >= 0 ? shifted : shifted - 399) / 400
        let yearOfEra = shifted - era * 400
        let dayOfYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}
