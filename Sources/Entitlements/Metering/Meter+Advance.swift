extension Meter {
    /// The meter at an instant: what ended has ended, what comes back is back, what is owed is paid.
    ///
    /// Advancing in steps comes to the same as at once. An instant a little before `at` counts as
    /// `at`, for clocks differ; one that is long before begins anew, for then a test's clock was
    /// lifted.
    package func advanced(to instant: Instant, under terms: MeterTerms) -> Advance {
        if isPlain(under: terms), source == terms.stamp, at <= instant,
            instant < periodEnd ?? .never
        {
            var meter = self
            meter.at = instant
            meter.payFromBase(under: terms)
            return Advance(meter: meter)
        }
        let now = instant < at && at <= instant + MeterBounds.skew ? at : instant
        var meter = now < at || isOfOtherKind(than: terms) ? beginning(again: now, terms) : self
        if meter.source == nil { meter.at = min(now, terms.rollingSince ?? now) }
        // Who comes a little late comes with terms that others have left behind: they are taken by,
        // and change nothing.
        if instant >= at || meter.isUnused {
            meter.adopt(terms, at: meter.isUnused ? meter.at : now)
        }
        switch terms.counting {
        case .quota: return meter.quotaAdvanced(to: now, under: terms)
        case .sliding(let window): return meter.slid(to: now, window: window)
        case .rate: return Advance(meter: meter.with(at: now))
        case .concurrency: return meter.lapsed(at: now)
        }
    }

    /// Whether sums are all there is.
    func isPlain(under terms: MeterTerms) -> Bool {
        detail == nil && terms.isPlain
    }

    func with(at instant: Instant) -> Meter {
        var meter = self
        meter.at = instant
        return meter
    }

    /// Drops the holds whose time was up.
    func lapsed(at now: Instant) -> Advance {
        var meter = with(at: now)
        guard detail != nil, holds.contains(where: { $0.until <= now }) else {
            return Advance(meter: meter)
        }
        let lapsed = holds.filter { $0.until <= now }
        meter.body.holds.removeAll { $0.until <= now }
        return Advance(meter: meter, lapsed: lapsed)
    }

    /// Pays what is owed from a base that has grown.
    mutating func payFromBase(under terms: MeterTerms) {
        guard over > 0 else { return }
        switch terms.allowances[0].amount {
        case .unlimited: over = 0
        case .units(let amount):
            let left = amount.subtractingSaturated(used.subtractingSaturated(over))
            over -= min(over, max(left, 0))
        }
    }
}

extension Meter {
    private func beginning(again now: Instant, _ terms: MeterTerms) -> Meter {
        let isKept = !isOfOtherKind(than: terms) && periodStart ?? .always <= now
        guard isKept, !source.isTagged(Meter.rateTag) else { return Meter(at: now) }
        return with(at: now)
    }

    /// Whether what was counted means something else: a rate's time, a number of leases.
    private func isOfOtherKind(than terms: MeterTerms) -> Bool {
        guard source != nil, source != terms.stamp else { return false }
        return [Meter.rateTag, Meter.concurrencyTag]
            .contains { source.isTagged($0) != Optional(terms.stamp).isTagged($0) }
    }

    /// Goes over to terms that changed: to another window at once, with what was used.
    ///
    /// An announced end is kept where the window is of the same kind and length.
    private mutating func adopt(_ terms: MeterTerms, at now: Instant) {
        guard source != terms.stamp else { return }
        defer { source = terms.stamp }
        switch terms.counting {
        case .quota, .sliding: break
        case .rate, .concurrency: return
        }
        let (oldTag, oldSource) = source.parts
        let (newTag, newSource) = Optional(terms.stamp).parts
        let isRunning = now < periodEnd ?? .never
        if source != nil, isRunning, terms.resetsOnChange, oldSource != newSource {
            resetBase(under: terms)
        }
        if isRunning, oldTag != newTag {
            let period = terms.period(at: now)
            periodStart = period?.start
            periodEnd = period?.end
            previous = 0
        }
        if case .sliding = terms.counting, detail != nil {
            body = Detail.Body(holds: holds)
        }
    }

    /// The base's balance is full again; what was owed goes as at a reset.
    private mutating func resetBase(under terms: MeterTerms) {
        if !terms.carriesOverage {
            used = max(0, used.subtractingSaturated(over))
            over = 0
        }
        guard terms.counting == .quota, detail != nil else {
            used = min(used, over)
            previous = 0
            return
        }
        var buckets = Buckets(self, under: terms)
        buckets.refillBase()
        self = buckets.meter
    }

    private func quotaAdvanced(to now: Instant, under terms: MeterTerms) -> Advance {
        guard isPlain(under: terms) else {
            var buckets = Buckets(self, under: terms)
            buckets.advance(to: now)
            return buckets.result
        }
        var meter = with(at: now)
        var reset: Reset?
        if let end = periodEnd, end <= now {
            reset = ended
            meter.used = 0
            meter.over = 0
            let period = terms.period(at: now)
            meter.periodStart = period.map { max($0.start, end) }
            meter.periodEnd = period?.end
        }
        meter.payFromBase(under: terms)
        return Advance(meter: meter, reset: reset)
    }

    /// The period as one that ended; nil where nothing was used in it.
    var ended: Reset? {
        guard used > 0, let periodStart, let periodEnd else { return nil }
        return Reset(period: Period(start: periodStart, end: periodEnd), used: used)
    }
}

extension MeterTerms {
    /// Since when a reset changed something, also where nothing was ever counted: what was left was
    /// rolled, or a credit lost.
    fileprivate var rollingSince: Instant? {
        guard counting == .quota, !isPlain else { return nil }
        let rolling = allowances.filter { $0.rollover != nil }
        let held = rolling.compactMap(\.heldSince)
        guard held.count == rolling.count else { return held.min() }
        return (held + credits.filter { !$0.outlivesResets }.map(\.from)).min()
    }

    /// The base's period, or the window, that contains an instant.
    func period(at instant: Instant) -> Period? {
        if case .sliding(let window) = counting {
            let start = instant.microseconds.flooredMultiple(of: window)
            return Period(
                start: Instant(microseconds: start),
                end: Instant(microseconds: start.addingSaturated(max(window, 1)))
            )
        }
        guard counting == .quota, let cycle = base?.cycle else { return nil }
        return schedule(cycle)?.period(containing: instant)
    }
}

extension String? {
    /// The kind of window, and the source after it.
    fileprivate var parts: (tag: Substring, source: Substring) {
        guard let text = self, let blank = text.firstIndex(of: " ") else { return ("", "") }
        return (text[..<blank], text[text.index(after: blank)...])
    }

    fileprivate func isTagged(_ tag: String) -> Bool {
        parts.tag == tag
    }
}

extension Int64 {
    /// The greatest multiple that is not greater; saturates.
    fileprivate func flooredMultiple(of step: Int64) -> Int64 {
        let step = Swift.max(step, 1)
        let rest = self % step
        return subtractingSaturated(rest < 0 ? rest + step : rest)
    }
}
