/// Debt that an allowance by the hour pays: a test clock that is moved by years would otherwise be
/// as many steps as there are hours in them.
extension Buckets {
    /// Goes over the periods of which the debt takes up everything, all at once; nothing where
    /// anything else may be in between.
    mutating func payByTheHour(until now: Instant) {
        guard terms.carriesOverage, sums.over > 0, sums.used == 0, holds.isEmpty,
            terms.allowances.count == 1, let base = terms.base,
            case .units(let amount) = base.amount, let every = base.cycle.interval,
            every.unit == .hour, let end = sums.periodEnd, let limit = firstCredit(until: now),
            end <= limit
        else { return }
        let hours = every.count.multipliedSaturated(by: 3_600_000_000)
        let ends = (limit.microseconds - end.microseconds) / hours + 1
        let count = amount > 0 ? min(ends, sums.over / amount) : ends
        let last = Instant(microseconds: end.microseconds + (count - 1) * hours)
        guard count > 1, terms.period(at: last)?.start == last else { return }
        if amount > 0 { sums.over -= count * amount }
        allowances[0] = .init(slot: Meter.baseSlot, taken: max(amount, 0))
        sums.at = last
        sums.periodStart = last
        sums.periodEnd = Instant(microseconds: last.microseconds + hours)
    }

    /// The last instant before a credit begins; nil where one is there that a reset or a recurrence
    /// changes.
    private func firstCredit(until now: Instant) -> Instant? {
        var limit = now
        for credit in terms.credits {
            if credit.from > sums.at {
                let before = credit.from.microseconds.subtractingSaturated(1)
                limit = min(limit, Instant(microseconds: before))
            } else if credit.isLive(at: sums.at) {
                guard credit.recurrence == nil, credit.outlivesResets else { return nil }
            }
        }
        return limit
    }
}
