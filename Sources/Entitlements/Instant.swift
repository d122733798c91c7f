/// A point in time, in whole microseconds since 1970-01-01T00:00:00Z: Postgres's own resolution.
package struct Instant: Sendable, Hashable, Comparable {
    package let microseconds: Int64

    package init(microseconds: Int64) {
        self.microseconds = microseconds
    }

    package static func < (left: Instant, right: Instant) -> Bool {
        left.microseconds < right.microseconds
    }

    /// Saturates: Postgres's `infinity` plus a grace must not end the process.
    package static func + (instant: Instant, duration: Duration) -> Instant {
        Instant(microseconds: instant.microseconds.addingSaturated(duration.wholeMicroseconds))
    }

    /// Saturates, as `+` does.
    package static func - (instant: Instant, duration: Duration) -> Instant {
        Instant(microseconds: instant.microseconds.subtractingSaturated(duration.wholeMicroseconds))
    }
}

extension Instant {
    /// Later than every boundary: the end of what has no end.
    package static let never = Instant(microseconds: .max)
    /// Before every boundary: the start of what has no start.
    static let always = Instant(microseconds: .min)
}

extension Duration {
    /// The duration in microseconds, cut towards zero; saturates beyond 292,000 years.
    package var wholeMicroseconds: Int64 {
        let (seconds, attoseconds) = components
        let fraction = attoseconds / 1_000_000_000_000
        return seconds.multipliedSaturated(by: 1_000_000).addingSaturated(fraction)
    }
}
