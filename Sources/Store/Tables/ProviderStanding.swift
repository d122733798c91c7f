package import Entitlements
package import Postgres

/// What is on record of a provider's subscription, whatever items it now consists of.
package struct ProviderStanding: Sendable, Equatable {
    /// The account's time.
    package let now: Instant
    /// Since when it is owed, or its grace runs: whichever of its items was first.
    package let pastDueSince: Instant?
    /// Since when it is paused.
    package let pausedSince: Instant?

    package init(now: Instant, pastDueSince: Instant? = nil, pausedSince: Instant? = nil) {
        self.now = now
        self.pastDueSince = pastDueSince
        self.pausedSince = pausedSince
    }
}

extension Store {
    /// What is on record of a provider's subscription as a whole, at the account's time.
    ///
    /// Its rows are locked to the end of the transaction, all of them before the first is written.
    package func standing(
        of providerID: String,
        source: String,
        account: String,
        on connection: Connection
    ) async throws -> ProviderStanding {
        let rows = try await connection.query(
            """
            with s as (
                select *
                  from subscription
                 where account_id = \(account) and source = \(source)
                   and provider_id = \(providerID)
                 order by subscription_id
                   for update
            )
            select clock.now,
                   min(case when s.status in ('past_due', 'unpaid', 'paused')
                                and s.past_due_since is not null then s.past_due_since
                            when \(raw: Self.graceStart) <= clock.now
                            then \(raw: Self.graceStart) end) as past_due_since,
                   min(s.paused_from) filter (where s.paused_from <= clock.now
                       and (s.paused_until is null or s.paused_until > clock.now))
                       as paused_since
              from (select account_now(\(account)) as now) as clock
              left join s on true
             group by clock.now
            """
        )
        guard let row = rows.first else { throw StoreProblem.vanished }
        return ProviderStanding(
            now: try row.instant("now"),
            pastDueSince: try row.instantIfPresent("past_due_since"),
            pausedSince: try row.instantIfPresent("paused_since")
        )
    }

    /// The instant from which a row `s` that is not said to be owed is in grace, once it has passed.
    static let graceStart = """
        case when s.status in ('active', 'past_due') then s.period_end
             when s.status = 'trialing' and s.payment_method then s.trial_end end
        """
}
