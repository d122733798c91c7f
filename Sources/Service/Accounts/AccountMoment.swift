package import Entitlements
package import Store

/// An account at one moment: what is needed to say what its subscriptions come to.
package struct AccountMoment: Sendable {
    let time: AccountTime
    let configuration: Configuration

    package var revision: Int64 { time.revision }
    var now: Instant { time.now }

    /// The account's zone; a name that this program does not know, which only a typed statement can
    /// have left, counts as UTC.
    var zone: Zone { Zone(named: time.timezone) ?? .utc }

    private var zoneChange: PeriodSchedule.ZoneChange? {
        guard let name = time.previousTimezone, let at = time.timezoneChangedAt else { return nil }
        return PeriodSchedule.ZoneChange(from: Zone(named: name) ?? .utc, at: at)
    }

    /// The subscription with what it comes to now.
    package func view(_ record: SubscriptionRecord) -> SubscriptionView {
        SubscriptionView(
            record: record,
            revision: revision,
            period: period(of: record),
            effective: record.subscription.state(in: configuration, at: now)
        )
    }

    func period(of record: SubscriptionRecord) -> (start: Instant?, end: Instant)? {
        let cycle = record.periodUnit.flatMap(PeriodInterval.Unit.init(rawValue:))
            .flatMap { PeriodInterval($0, count: Int64(record.periodCount ?? 1)) }
            .map { BillingCycle(interval: $0, anchor: record.periodAnchor) }
        return record.subscription.period(
            at: now,
            cycle: cycle,
            zone: zone,
            changed: zoneChange,
            createdAt: record.createdAt
        )
    }
}

/// A subscription as management calls show it: as it is kept, and what it comes to by now.
package struct SubscriptionView: Sendable {
    package let record: SubscriptionRecord
    /// The account's, as of the answer.
    package let revision: Int64
    /// The billing period that runs; nil where nothing tells.
    package let period: (start: Instant?, end: Instant)?
    package let effective: Subscription.State
}
