/// One period of billing or quota, half-open: at exactly `end` the next one has begun.
package struct Period: Sendable, Hashable {
    /// The period's first instant; `Instant.always` where nothing came before.
    package let start: Instant
    /// The first instant after the period; `Instant.never` where nothing comes after.
    package let end: Instant

    package init(start: Instant, end: Instant) {
        self.start = start
        self.end = end
    }

    package func contains(_ instant: Instant) -> Bool {
        start <= instant && instant < end
    }
}
