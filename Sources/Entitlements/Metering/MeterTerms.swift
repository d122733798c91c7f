/// What holds for a meter at an instant: limits, windows and credits.
///
/// Derived from account and catalog at every call and never stored in the meter, so that a change
/// of plan holds at the next call.
package struct MeterTerms: Sendable, Hashable {
    /// How units are counted.
    package enum Counting: Sendable, Hashable {
        /// Against balances, which come back with their periods.
        case quota
        /// Over the last so many microseconds, by the window before and the present one.
        case sliding(window: Int64)
        /// By GCRA: the limit in so many microseconds, and `burst` units at once.
        case rate(window: Int64, burst: Int64)
        /// So many at a time, by leases that lapse.
        case concurrency
    }

    /// What may be taken beyond the balance.
    package enum Overage: Sendable, Hashable {
        case deny, allow
        /// So many units.
        case units(Int64)
        /// So many percent of the base allowance.
        case percent(Int64)
    }

    /// When to tell that a limit comes near.
    package enum Alert: Sendable, Hashable {
        case percent(Int64)
        case units(Int64)
    }

    package let counting: Counting
    /// What comes back; the first has the slot `base` where there is a base.
    ///
    /// Counts other than quotas have no slots
    /// and no credits: their limit is the sum of the amounts.
    package let allowances: [Allowance]
    /// Those that are not over, and those that ended less than a late event ago.
    package let credits: [Credit]
    package let overage: Overage
    /// Whether what was taken beyond the balance is taken off the next period's.
    package let carriesOverage: Bool
    /// Whether a change of `source` gives the base allowance anew.
    package let resetsOnChange: Bool
    /// Where the base comes from: compared, never read.
    package let source: String
    package let alerts: [Alert]
    package let zone: Zone
    package let zoneChange: PeriodSchedule.ZoneChange?

    /// What a meter remembers of its terms: the kind of window, and the source after a blank.
    let stamp: String
    /// One allowance and nothing that needs more than a sum: no credits, no rollover, no debt.
    let isPlain: Bool

    package init(
        counting: Counting = .quota,
        allowances: [Allowance],
        credits: [Credit] = [],
        overage: Overage = .deny,
        carriesOverage: Bool = false,
        resetsOnChange: Bool = false,
        source: String = "",
        alerts: [Alert] = [],
        zone: Zone = .utc,
        zoneChange: PeriodSchedule.ZoneChange? = nil
    ) {
        self.counting = counting
        self.allowances = allowances
        self.credits = credits
        self.overage = overage
        self.carriesOverage = carriesOverage
        self.resetsOnChange = resetsOnChange
        self.source = source
        self.alerts = alerts
        self.zone = zone
        self.zoneChange = zoneChange
        let base = allowances.first.flatMap { $0.slot == Meter.baseSlot ? $0 : nil }
        // Appended, not interpolated: terms are made for every check.
        var stamp = counting.tag(base?.cycle)
        stamp += " "
        stamp += source
        self.stamp = stamp
        isPlain =
            counting == .quota && credits.isEmpty && allowances.count == 1 && base != nil
            && base?.rollover == nil && !carriesOverage
    }
}

extension MeterTerms {
    /// The allowance that `used` is counted by; nil where only add-ons and credits give any.
    package var base: Allowance? {
        guard let first = allowances.first, first.slot == Meter.baseSlot else { return nil }
        return first
    }

    /// All allowances together; unlimited absorbs.
    var total: Quantity {
        var units: Int64 = 0
        for allowance in allowances {
            guard case .units(let amount) = allowance.amount else { return .unlimited }
            units = units.addingSaturated(amount)
        }
        return .units(max(units, 0))
    }

    /// How many units may be taken beyond the balance; nil is any number.
    var overageAllowed: Int64? {
        switch overage {
        case .deny: return 0
        case .allow: return nil
        case .units(let units): return max(units, 0)
        case .percent(let percent):
            guard case .units(let amount)? = base?.amount else { return 0 }
            return amount.percent(percent)
        }
    }

    /// The periods of a cycle; nil where it never resets.
    func schedule(_ cycle: Cycle) -> PeriodSchedule? {
        switch cycle {
        case .never: nil
        case .calendar(let interval): .calendar(interval, in: zone, changed: zoneChange)
        case .anchored(let anchor, let interval): schedule(from: anchor, every: interval)
        }
    }

    func schedule(from anchor: Instant, every interval: PeriodInterval) -> PeriodSchedule {
        PeriodSchedule(anchor: anchor, every: interval, in: zone, changed: zoneChange)
    }
}

extension MeterTerms.Counting {
    /// What a meter of one kind must not be read as one of another.
    fileprivate func tag(_ cycle: MeterTerms.Cycle?) -> String {
        switch self {
        case .quota: cycle?.tag ?? "none"
        case .sliding(let window): "sliding:\(window)"
        case .rate: Meter.rateTag
        case .concurrency: Meter.concurrencyTag
        }
    }
}

extension Int64 {
    /// So many percent, rounded down; saturates, and is never negative.
    func percent(_ percent: Int64) -> Int64 {
        Int64(clamping: Swift.max(Int128(self) * Int128(percent) / 100, 0))
    }
}
