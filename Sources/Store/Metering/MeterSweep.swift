package import Entitlements
import Postgres

/// A meter whose period ended with something in it, used or left over, and when.
package struct EndedPeriod: Sendable, Equatable {
    package let key: MeterKey
    package let end: Instant
}

/// How far the ends of periods were looked at: what is before needs no look again.
package struct SweepPlace: Sendable, Equatable {
    package var upto: Instant
    /// The last meter that was looked at of those whose period ended exactly then.
    package var after: MeterKey?

    package init(upto: Instant, after: MeterKey? = nil) {
        self.upto = upto
        self.after = after
    }
}

extension Store {
    /// Where the sweep stands.
    package func sweepPlace() async throws -> SweepPlace {
        let rows = try await pool.query("select upto from meter_sweep")
        return SweepPlace(upto: try rows.first?.instant("upto") ?? .earliestWritten)
    }

    /// Notes that everything up to an instant was looked at.
    package func noteSweep(upto: Instant) async throws {
        _ = try await pool.query("update meter_sweep set upto = greatest(upto, \(instant: upto))")
    }

    /// Meters whose period ended behind a place with something used or left over, in the order of their ends.
    ///
    /// Without those of accounts on a test clock, whose time goes where it likes.
    package func endedPeriods(
        after place: SweepPlace,
        atMost most: Int
    ) async throws
        -> [EndedPeriod]
    {
        try await pool.query(
            """
            select m.account_id, m.subject, m.feature_id, m.period_end
              from meter m
              join account a using (account_id)
             where m.period_end <= now() and a.clock_at is null
               and (m.used > 0 or m.detail is not null)
               and m.period_end >= \(instant: place.upto)
               and (m.period_end, m.account_id, m.subject, m.feature_id)
                   > (\(instant: place.upto), \(place.after?.account ?? ""),
                      \(place.after?.subject ?? ""), \(place.after?.feature ?? ""))
             order by m.period_end, m.account_id, m.subject, m.feature_id
             limit \(most)
            """
        )
        .map(EndedPeriod.init)
    }

    /// The same of accounts on a test clock, by that clock, in the order of their keys: from the
    /// first one behind a meter.
    package func endedPeriodsOnTestClocks(
        after key: MeterKey?,
        atMost most: Int
    ) async throws -> [EndedPeriod] {
        try await pool.query(
            """
            select m.account_id, m.subject, m.feature_id, m.period_end
              from account a
              join meter m using (account_id)
             where a.clock_at is not null and m.period_end <= a.clock_at
               and (m.used > 0 or m.detail is not null)
               and (m.account_id, m.subject, m.feature_id)
                   > (\(key?.account ?? ""), \(key?.subject ?? ""), \(key?.feature ?? ""))
             order by m.account_id, m.subject, m.feature_id
             limit \(most)
            """
        )
        .map(EndedPeriod.init)
    }
}

extension EndedPeriod {
    fileprivate init(_ row: Row) throws {
        key = MeterKey(
            account: try row.text("account_id"),
            subject: try row.text("subject"),
            feature: try row.text("feature_id")
        )
        end = try row.instant("period_end")
    }
}
