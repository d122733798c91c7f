package import Entitlements
package import Postgres

/// When it is for an account, and on whose clocks.
package struct AccountTime: Sendable, Equatable {
    package let account: String
    /// The test clock, or the database's.
    package let now: Instant
    package let timezone: String
    /// The zone before the last change of zone, and when that was; nil when it never changed.
    package let previousTimezone: String?
    package let timezoneChangedAt: Instant?
    package let revision: Int64
}

extension Store {
    /// The account's time; nil where there is no such account.
    package func time(ofAccount id: String) async throws -> AccountTime? {
        try await pool.query(Self.selectTime(id)).first.map(AccountTime.init)
    }

    package func time(
        ofAccount id: String,
        on connection: Connection
    ) async throws -> AccountTime? {
        try await connection.query(Self.selectTime(id)).first.map(AccountTime.init)
    }

    /// Lets one change of these accounts at a time be under way, to the end of the transaction: the
    /// lock is the one that recording a change takes.
    ///
    /// What is read afterwards is as the last change left it.
    package func lock(accounts ids: [String], on connection: Connection) async throws {
        _ = try await connection.query(Self.lock(ids))
    }

    static func lock(_ accounts: [String]) -> SQL {
        """
        select from chain_head
         where account_id = any (\(accounts)::text[])
         order by account_id
           for update
        """
    }

    private static func selectTime(_ id: String) -> SQL {
        """
        select a.account_id, coalesce(a.clock_at, clock_timestamp()) as now, a.timezone,
               a.previous_timezone, a.timezone_changed_at, coalesce(h.revision, 0) as revision
          from account a
          left join chain_head h using (account_id)
         where a.account_id = \(id)
        """
    }
}

extension AccountTime {
    fileprivate init(_ row: Row) throws {
        account = try row.text("account_id")
        now = try row.instant("now")
        timezone = try row.text("timezone")
        previousTimezone = try row.textIfPresent("previous_timezone")
        timezoneChangedAt = try row.instantIfPresent("timezone_changed_at")
        revision = try row.int64("revision")
    }
}
