import Testing

@testable import Entitlements

/// Short ways to write times, periods and zones in rows.
enum PeriodFixture {
    /// Reads `2026-03-29 02:30` as UTC, with seconds where the row has them.
    static func utc(_ text: String, _ location: SourceLocation = #_sourceLocation) throws -> Instant
    {
        var text = text.replacing(" ", with: "T")
        if text.utf8.count == 10 { text += "T00:00" }
        if text.utf8.count == 16 { text += ":00" }
        return try #require(Instant(rfc3339: text + "Z"), sourceLocation: location)
    }

    /// Reads the same text off the clocks of a zone.
    static func local(_ text: String, _ zone: String) throws -> Instant {
        try named(zone).instant(of: Zone.utc.wallClock(at: utc(text)))
    }

    static func period(_ start: String, _ end: String) throws -> Period {
        Period(start: try utc(start), end: try utc(end))
    }

    static func named(_ name: String) throws -> Zone {
        try #require(Zone(named: name), "\(name) is a zone")
    }

    static func every(_ unit: PeriodInterval.Unit, _ count: Int64 = 1) throws -> PeriodInterval {
        try #require(PeriodInterval(unit, count: count))
    }

    /// The boundaries that a walk through the periods meets, from the one after an instant on.
    static func walk(_ schedule: PeriodSchedule, from instant: Instant, steps: Int) -> [Instant] {
        var boundaries: [Instant] = []
        var last = instant
        for _ in 0..<steps {
            last = schedule.boundary(after: last)
            boundaries.append(last)
        }
        return boundaries
    }
}
