/// How a subscription's billing periods follow each other, where it says so.
package struct BillingCycle: Sendable, Hashable {
    package let interval: PeriodInterval
    /// A boundary of periods; nil where nobody named one.
    package let anchor: Instant?

    package init(interval: PeriodInterval, anchor: Instant?) {
        self.interval = interval
        self.anchor = anchor
    }
}

extension Subscription {
    /// The billing period that an instant is in; nil where nothing tells.
    ///
    /// What a provider or an app announced counts while it lasts. Else periods are computed: from
    /// the anchor, or without one from the start of the last known period, the end of the trial,
    /// the start of the subscription, or its making, whichever is there first. A trial is one
    /// period by itself where periods count from its end.
    ///
    /// - Parameters:
    ///   - instant: The account's time.
    ///   - cycle: How periods follow each other; nil where the subscription does not say.
    ///   - zone: The account's zone.
    ///   - change: The last change of that zone, if it ever changed.
    ///   - createdAt: When the subscription was made.
    /// - Returns: The period, with nil for a start that nobody knows.
    package func period(
        at instant: Instant,
        cycle: BillingCycle?,
        zone: Zone,
        changed change: PeriodSchedule.ZoneChange?,
        createdAt: Instant
    ) -> (start: Instant?, end: Instant)? {
        if let periodEnd, instant < periodEnd, periodStart ?? .always <= instant {
            return (periodStart, periodEnd)
        }
        guard let cycle else { return nil }
        let hasAnchor = cycle.anchor != nil || periodStart != nil
        let schedule = PeriodSchedule(
            anchor: cycle.anchor ?? periodStart ?? trialEnd ?? startsAt ?? createdAt,
            every: cycle.interval,
            in: zone,
            changed: change,
            endFloor: hasAnchor ? nil : trialEnd,
            startFloor: hasAnchor ? nil : startsAt ?? trialStart
        )
        let period = schedule.period(containing: instant)
        // An end that cannot be written is none.
        guard period.end <= .latestWritten else { return nil }
        return (period.start < .earliestWritten ? nil : period.start, period.end)
    }
}
