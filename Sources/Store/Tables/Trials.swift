package import Entitlements
package import Postgres

/// That an account had the trial of a family of plans; it is kept when the subscription is gone.
package struct TrialUse: Sendable, Equatable {
    package let family: String
    package let subscription: String
    package let startedAt: Instant
}

extension Store {
    /// The trials that an account had, by family, from the one after `cursor`.
    package func trials(
        of account: String,
        after cursor: String?,
        size: Int
    ) async throws -> Page<TrialUse> {
        let rows = try await pool.query(
            """
            select family, subscription_id, started_at
              from trial_use
             where account_id = \(account) and family > \(cursor ?? "")
             order by family
             limit \(size + 1)
            """
        )
        return Page(rows: try rows.map(TrialUse.init), size: size) { $0.family }
    }

    /// All of them, inside a transaction.
    package func trials(of account: String, on connection: Connection) async throws -> [TrialUse] {
        try await connection.query(
            """
            select family, subscription_id, started_at
              from trial_use
             where account_id = \(account)
            """
        )
        .map(TrialUse.init)
    }

    /// Notes that a subscription has the trial of a family, once for an account and for good.
    ///
    /// Whoever comes second, though it be at the same moment, finds the first.
    ///
    /// - Throws: `trialAlreadyUsed` when another subscription had it.
    package func claimTrial(
        family: String,
        subscription: String,
        startedAt: Instant,
        account: String,
        on connection: Connection
    ) async throws {
        _ = try await connection.query(
            """
            insert into trial_use (account_id, family, subscription_id, started_at)
            values (\(account), \(family), \(subscription), \(instant: startedAt))
            on conflict (account_id, family) do nothing
            """
        )
        let holder = try await trials(of: account, on: connection).first { $0.family == family }
        guard let holder, holder.subscription != subscription else { return }
        throw StoreRefusal.trialAlreadyUsed(family: family, subscription: holder.subscription)
    }
}

extension TrialUse {
    fileprivate init(_ row: Row) throws {
        family = try row.text("family")
        subscription = try row.text("subscription_id")
        startedAt = try row.instant("started_at")
    }
}
