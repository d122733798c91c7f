/// A time zone as a value: its name, and every change of its offset from UTC.
///
/// Before the first transition the first offset holds, after the last one the last. A zone of the
/// tz database (`Zone(named:)`) has its transitions from 1900 to 2200.
///
/// Two zones are equal when their names are: within one process a name has one table.
package struct Zone: Sendable {
    /// A change of the offset.
    package struct Transition: Sendable, Hashable {
        package let at: Instant
        /// Seconds east of UTC from `at` on.
        package let offsetSeconds: Int64

        package init(at: Instant, offsetSeconds: Int64) {
            self.at = at
            self.offsetSeconds = offsetSeconds
        }
    }

    /// The same two numbers in the unit that lookups add and compare.
    private struct Segment {
        let start: Int64
        let offset: Int64
    }

    package let name: String
    private let firstOffset: Int64
    private let segments: [Segment]

    /// Makes a zone from a table.
    ///
    /// Nil for transitions out of order, and for an offset or a jump of more than a day, with which
    /// the periods of a day could not stay in order. No zone ever had one.
    ///
    /// - Parameters:
    ///   - name: What the zone is called, and known by.
    ///   - firstOffsetSeconds: Seconds east of UTC before the first transition.
    ///   - transitions: In order of time.
    package init?(name: String, firstOffsetSeconds: Int64, transitions: [Transition]) {
        var last = (at: Instant.always, offset: firstOffsetSeconds)
        guard Self.aDay.contains(firstOffsetSeconds) else { return nil }
        for transition in transitions {
            guard transition.at > last.at, Self.aDay.contains(transition.offsetSeconds),
                Self.aDay.contains(transition.offsetSeconds - last.offset)
            else { return nil }
            last = (transition.at, transition.offsetSeconds)
        }
        self.name = name
        firstOffset = firstOffsetSeconds * 1_000_000
        segments = transitions.map {
            Segment(start: $0.at.microseconds, offset: $0.offsetSeconds * 1_000_000)
        }
    }

    private init(offsetless name: String) {
        self.name = name
        firstOffset = 0
        segments = []
    }

    private static let aDay: ClosedRange<Int64> = -86_400...86_400
}

extension Zone {
    package static let utc = Zone(offsetless: "UTC")

    /// Seconds east of UTC at an instant.
    package func offsetSeconds(at instant: Instant) -> Int64 {
        offset(at: instant.microseconds) / 1_000_000
    }

    /// What the clocks of the zone show at an instant.
    package func wallClock(at instant: Instant) -> WallClock {
        WallClock(microseconds: wallMicroseconds(at: instant))
    }

    /// When the clocks of the zone show a day and time; saturates.
    ///
    /// A time that is skipped (clocks go forward) moves later by the length of the gap, and one
    /// that is shown twice (clocks go back) is the first of both.
    package func instant(of wall: WallClock) -> Instant {
        instant(ofWall: wall.microseconds)
    }

    /// `WallClock.microseconds` at an instant; saturates.
    func wallMicroseconds(at instant: Instant) -> Int64 {
        instant.microseconds.addingSaturated(offset(at: instant.microseconds))
    }

    /// `instant(of:)` for `WallClock.microseconds`.
    func instant(ofWall wall: Int64) -> Instant {
        // What saturated is beyond every calendar and has no offset.
        guard wall != .max, wall != .min else { return Instant(microseconds: wall) }
        guard !segments.isEmpty else {
            return Instant(microseconds: wall.subtractingSaturated(firstOffset))
        }
        // No offset is longer than a day, so whatever ended by then ended before this wall time.
        var index = segmentsStarted(by: wall.subtractingSaturated(WallClock.microsecondsPerDay))
        var offset = index == 0 ? firstOffset : segments[index - 1].offset
        while index < segments.count, wall.subtractingSaturated(offset) >= segments[index].start {
            let next = segments[index]
            // Shown neither before nor after the transition: skipped, and read by the old offset.
            if wall.subtractingSaturated(next.offset) < next.start { break }
            offset = next.offset
            index += 1
        }
        return Instant(microseconds: wall.subtractingSaturated(offset))
    }

    private func offset(at microseconds: Int64) -> Int64 {
        guard !segments.isEmpty else { return firstOffset }
        let started = segmentsStarted(by: microseconds)
        return started == 0 ? firstOffset : segments[started - 1].offset
    }

    /// How many segments have started at an instant.
    private func segmentsStarted(by microseconds: Int64) -> Int {
        var low = 0
        var high = segments.count
        while low < high {
            let middle = (low + high) / 2
            if segments[middle].start <= microseconds { low = middle + 1 } else { high = middle }
        }
        return low
    }
}

extension Zone: Hashable {
    package static func == (left: Zone, right: Zone) -> Bool {
        left.name == right.name
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(name)
    }
}
