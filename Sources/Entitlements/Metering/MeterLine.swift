/// One thing that a call takes: so many requests' worth of one meter.
///
/// A call takes several at once: of the account's pool, of the user's and the session's share, and
/// of the pool that the feature draws on, at its cost.
package struct MeterLine: OnMeter, Sendable, Hashable {
    package let key: MeterKey
    /// How many the call asks for.
    package let quantity: Int64
    /// What one of them takes of this meter.
    package let unitsEach: Int64
    package let terms: MeterTerms

    package init(key: MeterKey, quantity: Int64, unitsEach: Int64 = 1, terms: MeterTerms) {
        self.key = key
        self.quantity = quantity
        self.unitsEach = unitsEach
        self.terms = terms
    }

    /// The line of a call that asks for so many.
    package func asking(for quantity: Int64) -> MeterLine {
        MeterLine(key: key, quantity: quantity, unitsEach: unitsEach, terms: terms)
    }

    /// What all of them take.
    package var units: Int64 { quantity.multipliedSaturated(by: unitsEach) }
}

/// Whether a call took all that it asked for.
package enum MeterOutcome: Sendable, Hashable {
    /// Everything, in the order of the lines; `quantity` is the first line's, less with a cap.
    case taken([Meter.Taking], quantity: Int64)
    /// The first line that had no room; nothing was taken of any.
    case refused(line: Int)
}

/// Takes all lines, or none.
///
/// - Parameters:
///   - lines: What to take. Two of them may be of one meter.
///   - cap: Whether to take as many as every line has room for; the lines are of one feature then.
///   - meters: What was counted. A meter that is missing has nothing; nothing changes in it where
///     a line is refused.
///   - instant: When.
/// - Returns: What was taken of each line, or the line that had no room.
package func take(
    _ lines: [MeterLine],
    cap: Bool = false,
    from meters: inout [MeterKey: Meter],
    at instant: Instant
) -> MeterOutcome {
    var quantity = lines.first?.quantity ?? 0
    if cap {
        guard let most = most(of: lines, in: meters, at: instant) else {
            return .refused(line: 0)
        }
        if let empty = most.emptyLine { return .refused(line: empty) }
        quantity = min(quantity, most.quantity)
    }
    if lines.count == 1, let line = lines.first {
        return takeOne(line, quantity: quantity, from: &meters, at: instant)
    }
    var takings: [Meter.Taking] = []
    var before: [(key: MeterKey, meter: Meter?)] = []
    for (index, line) in lines.enumerated() {
        let stored = meters[line.key]
        let asked = cap ? quantity : line.quantity
        var meter = (stored ?? Meter(at: instant)).advanced(to: instant, under: line.terms).meter
        guard
            let taking = meter.take(
                asked.multipliedSaturated(by: line.unitsEach),
                under: line.terms
            )
        else {
            for (key, meter) in before.reversed() { meters[key] = meter }
            return .refused(line: index)
        }
        before.append((line.key, stored))
        meters[line.key] = meter
        takings.append(taking)
    }
    return .taken(takings, quantity: quantity)
}

/// The usual case, which copies nothing.
private func takeOne(
    _ line: MeterLine,
    quantity: Int64,
    from meters: inout [MeterKey: Meter],
    at instant: Instant
) -> MeterOutcome {
    let stored = meters[line.key] ?? Meter(at: instant)
    var meter = stored.advanced(to: instant, under: line.terms).meter
    let units = quantity.multipliedSaturated(by: line.unitsEach)
    guard let taking = meter.take(units, under: line.terms) else { return .refused(line: 0) }
    meters[line.key] = meter
    return .taken([taking], quantity: quantity)
}

/// The most that every line has room for, and the first that has none.
private func most(
    of lines: [MeterLine],
    in meters: [MeterKey: Meter],
    at instant: Instant
) -> (quantity: Int64, emptyLine: Int?)? {
    guard !lines.isEmpty else { return nil }
    var eachOf: [MeterKey: Int64] = [:]
    for line in lines {
        eachOf[line.key, default: 0] = (eachOf[line.key] ?? 0).addingSaturated(line.unitsEach)
    }
    var quantity = Int64.max
    for (index, line) in lines.enumerated() {
        let meter = (meters[line.key] ?? Meter(at: instant))
            .advanced(to: instant, under: line.terms)
        guard case .units(let room) = meter.meter.reading(under: line.terms).room else { continue }
        let fitting = room / max(eachOf[line.key] ?? 1, 1)
        if fitting < 1 { return (0, index) }
        quantity = min(quantity, fitting)
    }
    return (quantity, nil)
}
