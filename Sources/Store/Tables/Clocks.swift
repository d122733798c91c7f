package import Entitlements
package import Postgres

/// The time of an account, and the test clock that may stand in its place.
package struct ClockRecord: Sendable, Equatable {
    /// What the account's time is, or was when it was read.
    package let now: Instant
    /// Nil while the account goes by the database's clock.
    package let testClock: Instant?
}

extension Store {
    /// An account's clock, which stays to the end of the transaction; nil where there is no such
    /// account.
    package func lockClock(
        of account: String,
        on connection: Connection
    ) async throws -> ClockRecord? {
        try await connection
            .query(
                """
                select clock_at, coalesce(clock_at, clock_timestamp()) as now
                  from account
                 where account_id = \(account)
                   for no key update
                """
            )
            .first
            .map { row in
                ClockRecord(
                    now: try row.instant("now"),
                    testClock: try row.instantIfPresent("clock_at")
                )
            }
    }

    /// Freezes an account's time, or gives it back to the database's clock.
    package func put(
        clock: Instant?,
        account: String,
        on connection: Connection
    ) async throws {
        _ = try await connection.query(
            """
            update account set clock_at = \(instant: clock) where account_id = \(account)
            """
        )
    }

    /// Some accounts whose time a test clock stands for.
    package func accountsOnTestClocks(atMost count: Int) async throws -> [String] {
        try await pool
            .query(
                """
                select account_id from account where clock_at is not null limit \(count)
                """
            )
            .map { try $0.text("account_id") }
    }
}
