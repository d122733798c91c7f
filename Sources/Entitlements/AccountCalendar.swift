/// On whose clocks an account's days and months are, and since when there is the account.
///
/// An object, since hundreds of thousands of accounts are held and most share what is in it.
package final class AccountCalendar: Sendable, Hashable {
    package let zone: Zone
    /// The last change of the zone, if it ever changed.
    package let change: PeriodSchedule.ZoneChange?
    /// From where the periods of a plan that nobody bought are counted.
    package let createdAt: Instant

    package static let utc = AccountCalendar(createdAt: Instant(microseconds: 0))

    package init(
        zone: Zone = .utc,
        change: PeriodSchedule.ZoneChange? = nil,
        createdAt: Instant
    ) {
        self.zone = zone
        self.change = change
        self.createdAt = createdAt
    }

    package static func == (left: AccountCalendar, right: AccountCalendar) -> Bool {
        left.zone == right.zone && left.change == right.change && left.createdAt == right.createdAt
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(createdAt)
    }
}
