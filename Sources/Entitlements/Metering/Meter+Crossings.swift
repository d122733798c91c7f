extension Meter {
    /// Something to tell about a limit.
    package enum Crossing: Sendable, Hashable {
        /// So much of the limit was reached; the limit is what it was measured by.
        case threshold(MeterTerms.Alert, limit: Quantity)
        /// Nothing is left under a limit that holds.
        case exhausted
    }

    /// What an act made worth telling, the lower thresholds first.
    ///
    /// What was below a threshold before and is not now. Percentages before are of the limit that
    /// the last write was made under, so a limit that was lowered tells as well.
    ///
    /// - Parameters:
    ///   - before: The reading of the advanced meter, before the act.
    ///   - terms: What holds at the meter's instant.
    /// - Returns: Nothing, mostly.
    package func crossings(since before: Reading, under terms: MeterTerms) -> [Crossing] {
        if terms.alerts.isEmpty, terms.overage != .deny { return [] }
        let after = reading(under: terms)
        var told: [(at: Int128, alert: MeterTerms.Alert)] = []
        for alert in terms.alerts where after.limit != .unlimited {
            guard let now = alert.hundredths(of: after.limit.units) else { continue }
            let was = alert.hundredths(of: before.seenLimit ?? before.limit.units) ?? .max
            guard after.used > 0, Int128(after.used) * 100 >= now else { continue }
            if before.used > 0, Int128(before.used) * 100 >= was { continue }
            told.append((now, alert))
        }
        var crossings = told.sorted { $0.at < $1.at }
            .map { Crossing.threshold($0.alert, limit: after.limit) }
        if terms.tellsExhaustion, before.remaining.fits(1), !after.remaining.fits(1) {
            crossings.append(.exhausted)
        }
        return crossings
    }
}

extension MeterTerms {
    /// A rate is used up all the time, and overage goes on where nothing remains.
    fileprivate var tellsExhaustion: Bool {
        if case .rate = counting { return false }
        return overage == .deny
    }
}

extension MeterTerms.Alert {
    /// The threshold in hundredths of a unit; nil for a share of what has no limit.
    fileprivate func hundredths(of limit: Int64) -> Int128? {
        switch self {
        case .percent(let percent): limit == .max ? nil : Int128(limit) * Int128(percent)
        case .units(let units): Int128(units) * 100
        }
    }
}
