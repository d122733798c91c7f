import Limits
import Postgres

/// What keeps the ledger short to read, and of bounded length.
extension Store {
    /// Makes the ledger ready to be written: numbers that go on where another server's ended, and
    /// partitions for the months to come.
    ///
    /// - Returns: Whether the ledger came from another server.
    @discardableResult
    package func prepareLedger() async throws -> Bool {
        try await pool.transaction { connection in
            let healed = try await connection.query(
                """
                update usage_rollup
                   set shift = greatest(upto, (select max(number) + 1 from meter_entry))
                               - pg_snapshot_xmin(pg_current_snapshot())::text::bigint
                 where upto > pg_snapshot_xmax(pg_current_snapshot())::text::bigint + shift
                """
            )
            _ = try await connection.query(
                "select create_ledger_partitions(now(), \(Limits.ledgerMonthsAhead))"
            )
            return healed.affected > 0
        }
    }

    /// Sums up a bounded number of lines of the ledger that are final.
    ///
    /// One instance does at a time; the others have nothing to do meanwhile.
    ///
    /// - Returns: Whether there are more, which are final already.
    package func sumUpUsage(atMost most: Int) async throws -> Bool {
        try await pool.transaction { connection in
            let locked = try await connection.query(
                """
                select upto, pg_snapshot_xmin(pg_current_snapshot())::text::bigint + shift as final
                  from usage_rollup
                   for update skip locked
                """
            )
            guard let row = locked.first else { return false }
            let from = try row.int64("upto")
            let final = try row.int64("final")
            guard final > from else { return false }
            // The lines of one transaction stay together.
            let further = try await connection.query(
                """
                select number from meter_entry
                 where number >= \(from) and number < \(final)
                 order by number
                offset \(most) limit 1
                """
            )
            let next = try further.first?.int64("number")
            let upto = next.map { $0 > from ? $0 : $0 + 1 } ?? final
            _ = try await connection.query(Self.sumUp(from: from, upto: upto))
            _ = try await connection.query("update usage_rollup set upto = \(upto)")
            return next != nil
        }
    }

    /// The ledger has one line for what is counted on several meters, so nothing is summed up twice;
    /// what concerns a share alone is no usage.
    private static func sumUp(from: Int64, upto: Int64) -> SQL {
        """
        with final as materialized (
            select e.account_id, e.feature_id, coalesce(e.user_id, '') as user_id,
                   usage_slot(e.at, a.timezone, a.previous_timezone) as hour,
                   case when e.is_share then 0 else e.units end as units,
                   case when e.units > 0 then e.requests else 0 end as requests
              from meter_entry e
              left join account a using (account_id)
             where e.number >= \(from) and e.number < \(upto)
        ),
        users as (
            insert into usage_hour_user as u
                   (account_id, feature_id, user_id, hour, units, requests)
            select account_id, feature_id, user_id, hour, saturated(sum(units)), sum(requests)
              from final
             where units <> 0
             group by account_id, feature_id, user_id, hour
            on conflict (account_id, feature_id, user_id, hour) do update
               set units = saturated(u.units::numeric + excluded.units),
                   requests = u.requests + excluded.requests
        ),
        hours as (
            insert into usage_hour as u (account_id, feature_id, hour, units, requests)
            select account_id, feature_id, hour, saturated(sum(units)), sum(requests)
              from final
             where units <> 0
             group by account_id, feature_id, hour
            on conflict (account_id, feature_id, hour) do update
               set units = saturated(u.units::numeric + excluded.units),
                   requests = u.requests + excluded.requests
        )
        select
        """
    }

    /// Drops what is older than it is kept.
    ///
    /// - Returns: How many months of the ledger were dropped.
    package func forgetUsage(ledger: Duration, sums: Duration) async throws -> Int {
        _ = try await prune("usage_hour", "hour", after: sums)
        _ = try await prune("usage_hour_user", "hour", after: sums)
        _ = try await prune("meter_entry_rest", "recorded_at", after: ledger)
        _ = try await prune("outbox", "created_at", after: ledger)
        return try await pool.transaction { connection in
            // Whoever writes meanwhile waits behind the lock that this one waits for.
            _ = try await connection.query("set local lock_timeout = '200ms'")
            let rows = try await connection.query(
                """
                select drop_ledger_partitions(
                    now() - make_interval(secs => \(ledger.components.seconds))) as dropped
                """
            )
            return Int(try rows.first?.int64("dropped") ?? 0)
        }
    }

    /// Forgets what is remembered of requests and events, so that they count once, and of what was
    /// held.
    package func forgetRequests() async throws {
        _ = try await prune("consume_key", "created_at", after: Limits.consumeKeys)
        _ = try await prune("usage_event", "created_at", after: Limits.usageEventsKept)
        try await forgetReservations()
    }

    /// Forgets reservations and leases that are long over, by their account's own time.
    private func forgetReservations() async throws {
        let age = Limits.reservationsKept.components.seconds
        let ofRealClocks: SQL = """
            select r.ctid
              from reservation r
              join account a using (account_id)
             where a.clock_at is null and r.expires_at < now() - make_interval(secs => \(age))
            """
        let ofTestClocks: SQL = """
            select r.ctid
              from account a
              join reservation r using (account_id)
             where a.clock_at is not null
               and r.expires_at < a.clock_at - make_interval(secs => \(age))
            """
        for old in [ofRealClocks, ofTestClocks] { _ = try await prune("reservation", old) }
    }

    /// Deletes old rows, in bounded steps.
    private func prune(
        _ table: String,
        _ column: String,
        after retention: Duration
    ) async throws -> Int {
        try await prune(
            table,
            """
            select ctid from \(raw: table)
             where \(raw: column) < now() - make_interval(secs => \(retention.components.seconds))
            """
        )
    }

    private func prune(_ table: String, _ old: SQL) async throws -> Int {
        var deleted = 0
        for _ in 0..<Limits.pruneSteps {
            let rows = try await pool.query(
                """
                delete from \(raw: table)
                 where ctid = any (array(\(old) limit \(Limits.pruneRows)))
                """
            )
            deleted += rows.affected
            guard rows.affected == Limits.pruneRows else { break }
        }
        return deleted
    }
}
