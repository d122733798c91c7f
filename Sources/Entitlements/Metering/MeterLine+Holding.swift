// Holds and corrections of all lines of a call, or of none.

/// Sets units of every line aside under one id, or of none.
///
/// They are free again at `until`, unless they were settled or released before. Nothing changes in
/// the meters where a line is refused.
package func hold(
    _ lines: [MeterLine],
    id: String,
    until: Instant,
    in meters: inout [MeterKey: Meter],
    at instant: Instant
) -> MeterOutcome {
    change(lines, in: &meters, at: instant) { meter, line in
        meter.hold(line.units, id: id, until: until, under: line.terms)
    }
}

/// Counts what was really used of a hold, and ends it on every line, or on none.
///
/// What is beyond it needs room on every line, and all of it on a line that has no such hold any
/// more. The lines are for one unit each.
package func settle(
    _ lines: [MeterLine],
    id: String,
    as settled: Int64,
    in meters: inout [MeterKey: Meter],
    at instant: Instant
) -> MeterOutcome {
    let used = lines.map { $0.asking(for: settled) }
    return change(used, in: &meters, at: instant) { meter, line in
        switch meter.settle(id, units: line.units, under: line.terms) {
        case .settled(let taking): return taking
        case .refused: return nil
        case .absent: return meter.take(line.units, under: line.terms)
        }
    }
}

/// Units that go back to one meter.
package struct MeterReturn: Sendable {
    package let line: MeterLine
    /// Where they were taken from, and when; nil is whatever was burnt last.
    package let parts: [Meter.Part]?
    package let takenAt: Instant?

    package init(line: MeterLine, parts: [Meter.Part]? = nil, takenAt: Instant? = nil) {
        self.line = line
        self.parts = parts
        self.takenAt = takenAt
    }
}

/// Gives units back to every meter, or to none: a refused line has used less than that.
package func giveBack(
    _ returns: [MeterReturn],
    to meters: inout [MeterKey: Meter],
    at instant: Instant
) -> MeterOutcome {
    var rest = returns[...]
    return change(returns.map(\.line), in: &meters, at: instant) { meter, line in
        let back = rest.popFirst()
        return meter.giveBack(
            line.units,
            parts: back?.parts,
            takenAt: back?.takenAt,
            under: line.terms
        )
    }
}

/// Does one thing to the meter of each line, and undoes all of it where one is refused.
private func change(
    _ lines: [MeterLine],
    in meters: inout [MeterKey: Meter],
    at instant: Instant,
    _ body: (inout Meter, MeterLine) -> Meter.Taking?
) -> MeterOutcome {
    var changed = meters
    var takings: [Meter.Taking] = []
    for (index, line) in lines.enumerated() {
        var meter = (changed[line.key] ?? Meter(at: instant))
            .advanced(to: instant, under: line.terms).meter
        guard let taking = body(&meter, line) else { return .refused(line: index) }
        changed[line.key] = meter
        takings.append(taking)
    }
    meters = changed
    return .taken(takings, quantity: lines.first?.quantity ?? 0)
}

extension Meter {
    /// Whether it has as many holds as one meter may have.
    package var isFullOfHolds: Bool { holds.count >= MeterBounds.holds }
}

extension [Meter.Part] {
    /// What is left of them after so many units went back: the last go first.
    package func droppingLast(_ units: Int64) -> [Meter.Part] {
        var parts = self
        var rest = units
        while rest > 0, let last = parts.popLast() {
            if last.units > rest { parts.append(Meter.Part(last.slot, last.units - rest)) }
            rest -= Swift.min(rest, last.units)
        }
        return parts
    }
}
