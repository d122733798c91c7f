extension Buckets {
    /// Resets an allowance at the end of its period, and at every later one until an instant.
    mutating func roll(
        _ index: Int,
        at end: Instant,
        to now: Instant,
        _ schedule: PeriodSchedule?
    ) {
        let allowance = terms.allowances[index]
        var left: Int64 = 0
        if case .units(let amount) = allowance.amount {
            left = amount.subtractingSaturated(allowances[index].taken)
                .subtractingSaturated(held(of: index))
        }
        // A period that ended before the allowance was had is nothing to roll.
        left = end > allowance.heldSince ?? .always ? max(left, 0) : 0
        if let rollover = allowance.rollover, case .units(let amount) = allowance.amount {
            var rolling = Rolling(rollover, amount: amount, rolled: allowances[index].rolled)
            rolling.zone = terms.zone
            rolling.isHourly = allowance.cycle.interval?.unit == .hour
            for closing in rolling.roll(left, at: end, to: now, schedule) {
                close(
                    allowance.slot,
                    left: closing.left,
                    lost: closing.lost,
                    at: closing.end
                )
            }
            allowances[index].rolled = rolling.rolled
        } else {
            close(allowance.slot, left: left, lost: left, at: end, unless: terms.isPlain)
        }
        lose(allowances[index].spent)
        allowances[index].taken = 0
        allowances[index].spent = 0
    }
}

/// What outlives period after period.
private struct Rolling {
    let rollover: MeterTerms.Rollover
    let amount: Int64
    /// The first to expire first.
    var rolled: [Meter.Detail.Rolled]
    var zone = Zone.utc
    var isHourly = false

    init(_ rollover: MeterTerms.Rollover, amount: Int64, rolled: [Meter.Detail.Rolled]) {
        self.rollover = rollover
        self.amount = max(amount, 0)
        self.rolled = rolled
    }

    /// Rolls what is left at an end, and all of the amount at each that follows until an instant.
    mutating func roll(
        _ left: Int64,
        at first: Instant,
        to now: Instant,
        _ schedule: PeriodSchedule?
    ) -> [(end: Instant, left: Int64, lost: Int64)] {
        var closings: [(end: Instant, left: Int64, lost: Int64)] = []
        var end = first
        var left = left
        while true {
            rolled.removeAll { $0.until ?? .never <= end }
            let before = rolled
            let total = rolled.reduce(left) { $0.addingSaturated($1.left) }
            let lost = add(left, at: end)
            if total > 0, end + MeterBounds.lateEvent > now {
                closings.append((end, total, lost))
            }
            guard let schedule else { return closings }
            var next = schedule.boundary(after: end)
            if rolled == before, end != first || left == amount, rollover.months == nil {
                // No later end changes anything, but those that late events may still reach count.
                next = max(next, schedule.period(containing: now - MeterBounds.lateEvent).start)
            } else if let months = rollover.months {
                next = max(next, schedule.period(containing: forgotten(now, months)).start)
            }
            guard next <= now, next > end else { return closings }
            end = next
            left = amount
        }
    }

    /// Adds what was left at an end, and says how much was beyond what may be rolled.
    private mutating func add(_ left: Int64, at end: Instant) -> Int64 {
        if left > 0 {
            let until = expiry(from: end)
            let place = rolled.firstIndex { ($0.until ?? .never) >= (until ?? .never) }
            if let place, rolled[place].until == until {
                rolled[place].left = rolled[place].left.addingSaturated(left)
            } else {
                rolled.insert(.init(until: until, left: left), at: place ?? rolled.endIndex)
            }
        }
        let total = rolled.reduce(Int64(0)) { $0.addingSaturated($1.left) }
        let lost = max(0, total - rollover.most(of: amount))
        var rest = lost
        for place in rolled.indices where rest > 0 {
            let trimmed = min(rest, rolled[place].left)
            rolled[place].left -= trimmed
            rest -= trimmed
        }
        rolled.removeAll { $0.left <= 0 }
        return lost
    }

    /// What an hourly allowance rolls lasts until the end of a day of UTC: a part for each hour of
    /// a year would be more than a meter should carry.
    private func expiry(from end: Instant) -> Instant? {
        guard let months = rollover.months,
            let interval = PeriodInterval(.month, count: max(months, 1))
        else { return nil }
        let until = PeriodSchedule(anchor: end, every: interval, in: zone).boundary(1)
        guard isHourly else { return until }
        let midnight = until.microseconds.dividedTowardsPast(by: WallClock.microsecondsPerDay)
        guard midnight.remainder > 0 else { return until }
        return Instant(
            microseconds: until.microseconds - midnight.remainder
                + WallClock.microsecondsPerDay
        )
    }

    /// An instant so long ago that all that was rolled then has expired.
    private func forgotten(_ now: Instant, _ months: Int64) -> Instant {
        let days = max(months, 1).multipliedSaturated(by: 31).addingSaturated(3)
        let length = days.multipliedSaturated(by: WallClock.microsecondsPerDay)
        return Instant(microseconds: now.microseconds.subtractingSaturated(length))
    }
}
