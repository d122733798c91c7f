import Entitlements

/// How a provider writes a point in time.
enum TimeUnit: String, Sendable, CaseIterable {
    case seconds = "s"
    case milliseconds = "ms"
    case rfc3339

    /// 9999-12-31T23:59:59.999999Z: the last instant that RFC 3339 can write.
    private static let last: Int64 = 253_402_300_799_999_999

    /// Reads a JSON value; nil when it is not a time in this unit.
    func instant(from json: JSON) -> Instant? {
        switch (self, json) {
        case (.seconds, .integer(let count)): Self.instant(count, times: 1_000_000)
        case (.milliseconds, .integer(let count)): Self.instant(count, times: 1_000)
        case (.rfc3339, .string(let text)): Instant(rfc3339: text)
        default: nil
        }
    }

    /// Reads a header's text; nil when it is not a time in this unit.
    func instant(from text: some StringProtocol) -> Instant? {
        switch self {
        case .rfc3339: Instant(rfc3339: text)
        case .seconds: Self.count(text).flatMap { Self.instant($0, times: 1_000_000) }
        case .milliseconds: Self.count(text).flatMap { Self.instant($0, times: 1_000) }
        }
    }

    /// Digits only: `Int64.init` would take a sign as well.
    private static func count(_ text: some StringProtocol) -> Int64? {
        let digits = UInt8(ascii: "0")...UInt8(ascii: "9")
        return text.utf8.allSatisfy { digits ~= $0 } ? Int64(text) : nil
    }

    private static func instant(_ count: Int64, times factor: Int64) -> Instant? {
        let (microseconds, overflow) = count.multipliedReportingOverflow(by: factor)
        guard !overflow, 0...last ~= microseconds else { return nil }
        return Instant(microseconds: microseconds)
    }
}
