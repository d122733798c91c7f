/// Time. At one instant come, in this order: what lapses; ends and starts; resets; recurrences; the
/// payment of what is owed. What no debt and no hold depend on needs no step of its own, so years
/// without use are one step.
extension Buckets {
    mutating func advance(to now: Instant) {
        begin(by: now)
        pay()
        while sums.at < now {
            payByTheHour(until: now)
            var stop = now
            if sums.over > 0 {
                stop = min(stop, boundary(after: sums.at))
            } else if let lapse = holds.map(\.until).min(), lapse <= now {
                // What ends before a lapse has ended when it comes; what ends with it has not.
                let before = Instant(microseconds: lapse.microseconds.subtractingSaturated(1))
                stop = sums.at < before ? before : lapse
            }
            leap(to: max(stop, sums.at))
        }
        forget()
    }

    /// The base's balance is full again.
    mutating func refillBase() {
        guard terms.base != nil else { return }
        let spent = allowances[0].spent
        allowances[0].taken = 0
        allowances[0].spent = 0
        sums.used = max(0, sums.used.subtractingSaturated(spent))
        pay()
    }

    /// Gives the add-ons that have none yet their period: that in which they came to be had.
    ///
    /// Before that they have no balance, so that what is owed is paid by what starts after it, and
    /// not by a period of it that was over before.
    private mutating func begin(by now: Instant) {
        for index in allowances.indices where !isBase(index) && allowances[index].end == nil {
            let allowance = terms.allowances[index]
            let known = allowance.heldSince.flatMap { $0 <= now ? $0 : nil }
            let since = known ?? (allowance.rollover == nil ? sums.at : now)
            let period = terms.schedule(allowance.cycle)?
                .period(containing: min(now, max(sums.at, since)))
            allowances[index].start = [period?.start, known].compactMap(\.self).max()
            allowances[index].end = period?.end
        }
    }

    /// Goes on to an instant; nothing that bears on what is owed or held is in between.
    private mutating func leap(to now: Instant) {
        let last = sums.at
        sums.at = now
        let lapsing = holds.filter { $0.until <= now }
        for hold in lapsing { _ = end(hold, units: 0) }
        lapsed += lapsing
        if let end = sums.periodEnd, end <= now { resetBase(at: end, now) }
        for index in allowances.indices where !isBase(index) {
            guard let end = allowances[index].end, end <= now else { continue }
            let schedule = terms.schedule(terms.allowances[index].cycle)
            roll(index, at: end, to: now, schedule)
            let period = schedule?.period(containing: now)
            allowances[index].start = period.map { max($0.start, end) }
            allowances[index].end = period?.end
        }
        for index in credits.indices { refill(index, from: last, to: now) }
        expire(at: now)
        pay()
    }

    private mutating func resetBase(at end: Instant, _ now: Instant) {
        if reset == nil { reset = sums.ended }
        let schedule = terms.base.flatMap { terms.schedule($0.cycle) }
        if terms.base != nil { roll(0, at: end, to: now, schedule) }
        orphans.removeAll { $0.slot == Meter.baseSlot }
        let period = schedule?.period(containing: now)
        sums.periodStart = period.map { max($0.start, end) }
        sums.periodEnd = period?.end
        sums.used = 0
        if !terms.carriesOverage { sums.over = 0 }
        for index in allowances.indices {
            allowances[index].spent = 0
            for place in allowances[index].rolled.indices {
                allowances[index].rolled[place].spent = 0
            }
        }
        for index in orphans.indices { orphans[index].spent = 0 }
        for index in credits.indices { credits[index].spent = 0 }
    }

    /// What the time since `last` made of a credit: the last recurrence fills it, and the base's
    /// last reset, which is where its period began, leaves what survives.
    private mutating func refill(_ index: Int, from last: Instant, to now: Instant) {
        let credit = terms.credits[index]
        let end = credit.until ?? .never
        guard credit.from < end, credit.from <= now, last < end else { return }
        let final = min(now, Instant(microseconds: end.microseconds.subtractingSaturated(1)))
        var since = max(last, credit.from)
        if let recurrence = credit.recurrence {
            let schedule = terms.schedule(from: credit.from, every: recurrence)
            let filled = schedule.period(containing: final).start
            if filled > since {
                close(credit.id, left: credits[index].left, at: schedule.boundary(after: since))
                if schedule.boundary(after: since) < filled {
                    close(credit.id, left: credit.amount, at: filled)
                }
                lose(credits[index].spent)
                credits[index] = .init(id: credit.id, left: credit.amount)
                since = filled
            }
        }
        if let start = sums.periodStart, since < start, start < end, start > last {
            close(credit.id, left: credits[index].left, at: start, unless: credit.outlivesResets)
            credits[index].left = credit.surviving(credits[index].left)
        }
    }

    /// Remembers what a balance had left when its time was up.
    mutating func close(
        _ slot: String,
        left: Int64,
        lost: Int64 = 0,
        at end: Instant,
        unless isKept: Bool = false
    ) {
        guard !isKept, left > 0, end + MeterBounds.lateEvent > sums.at else { return }
        closings.append(.init(slot: slot, end: end, left: left, lost: lost))
    }

    /// Drops what has expired of what was rolled, and what is used up and cannot come back.
    private mutating func expire(at now: Instant) {
        let isHeld = !holds.isEmpty
        for index in allowances.indices {
            for rolled in allowances[index].rolled where rolled.until ?? .never <= now {
                lose(rolled.spent)
            }
            allowances[index].rolled
                .removeAll { rolled in
                    rolled.until ?? .never <= now
                        || (rolled.left == 0 && rolled.spent == 0 && !isHeld)
                }
        }
    }

    /// Drops what no event can be late for any more.
    private mutating func forget() {
        let now = sums.at
        closings.removeAll { $0.end + MeterBounds.lateEvent <= now }
        for orphan in orphans where orphan.end ?? .never <= now { lose(orphan.spent) }
        orphans.removeAll { $0.end ?? .never <= now }
        for (index, credit) in terms.credits.enumerated() where credit.isForgotten(at: now) {
            lose(credits[index].spent)
            credits[index] = .init(id: credit.id, left: credit.amount)
        }
    }
}
