import Postgres

/// The feed of changed keys has no history: what every reader has long passed is deleted.
extension Store {
    /// The oldest transaction that may still be running; noted now, pruned below later.
    package func feedHorizon() async throws -> String {
        try await pool.query("select pg_snapshot_xmin(pg_current_snapshot()) as horizon")
            .first?
            .text("horizon") ?? "0"
    }

    /// Deletes the feed below a horizon that was noted longer ago than the retention, and raises
    /// the floor with it: a reader that stands below starts afresh.
    ///
    /// Tells how many rows went.
    package func pruneFeed(below horizon: String) async throws -> Int {
        try await pool.transaction { connection in
            // A horizon of the server's former life may lie in this one's future: it says nothing.
            let raised = try await connection.query(
                """
                update feed_floor
                   set floor = \(horizon)::xid8
                 where floor < \(horizon)::xid8
                   and \(horizon)::xid8 <= pg_snapshot_xmin(pg_current_snapshot())
                """
            )
            guard raised.affected > 0 else { return 0 }
            return try await connection.query("delete from feed where txid < \(horizon)::xid8")
                .affected
        }
    }

    /// Puts a feed right that came with a dump from another cluster.
    ///
    /// Its transaction ids mean nothing here. A row that one can see was committed before one's
    /// snapshot, and a floor was once the oldest running transaction; whatever contradicts that is
    /// foreign. Tells whether something was.
    package func healFeed() async throws -> Bool {
        try await pool.transaction { connection in
            let floors = try await connection.query(
                """
                update feed_floor
                   set floor = pg_snapshot_xmax(pg_current_snapshot())
                 where floor > pg_snapshot_xmax(pg_current_snapshot())
                """
            )
            let rows = try await connection.query(
                "delete from feed where txid >= pg_snapshot_xmax(pg_current_snapshot())"
            )
            return floors.affected + rows.affected > 0
        }
    }

    /// Rows in the feed, and the oldest wanted-but-undone subject's age in seconds, for metrics.
    package func gauges() async throws -> (feed: Int64, undone: Int64, oldestSeconds: Double) {
        let row =
            try await pool.query(
                """
                select (select count(*) from feed) as feed,
                       (select count(*) from subject where wanted > done) as undone,
                       coalesce((select extract(epoch from clock_timestamp() - min(received_at))
                                   from inbox where state = 'pending'), 0)::float8 as oldest
                """
            )
            .first
        return (
            try row?.int64("feed") ?? 0, try row?.int64("undone") ?? 0,
            try row?.double("oldest") ?? 0
        )
    }
}
