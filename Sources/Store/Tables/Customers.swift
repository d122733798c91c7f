import Entitlements
package import Postgres

/// How a provider's customers and prices map to accounts and plans, and what waits for a link.
extension Store {
    /// Lets one transaction at a time link a customer, or look up what it is linked to: whoever
    /// finds no account must have noted that before a link can look for who waits for it.
    package func lock(
        customer: String,
        source: String,
        on connection: Connection
    ) async throws {
        _ = try await connection.query(
            """
            select pg_advisory_xact_lock(
                hashtextextended(\("customer \(source) \(customer)"), 0))
            """
        )
    }

    /// The account a provider's customer is; the link stays until the commit.
    package func account(
        ofCustomer customer: String,
        source: String,
        on connection: Connection
    ) async throws -> String? {
        try await connection
            .query(
                """
                select account_id
                  from account_customer
                 where source = \(source) and customer_id = \(customer)
                   for key share
                """
            )
            .first?
            .text("account_id")
    }

    /// Takes from an account what a source's customer brought it: that customer is no longer its
    /// own.
    ///
    /// Whoever the customer is linked to next gets it.
    func withdraw(
        customer: String,
        source: String,
        account: String,
        on connection: Connection
    ) async throws {
        _ = try await connection.query(
            """
            delete from subscription
             where account_id = \(account) and source = \(source)
            """
        )
        _ = try await connection.query(
            """
            update subject
               set unlinked = true
             where source = \(source) and customer_id = \(customer)
            """
        )
    }

    /// The plans that a source's prices belong to, by price.
    package func plans(
        ofPrices prices: [String],
        source: String,
        on connection: Connection
    ) async throws -> [String: String] {
        let rows = try await connection.query(
            """
            select price_id, plan_id
              from plan_price
             where source = \(source) and price_id = any (\(prices)::text[])
            """
        )
        var plans: [String: String] = [:]
        for row in rows { plans[try row.text("price_id")] = try row.text("plan_id") }
        return plans
    }

    /// Wants again what waited for this customer to be linked to an account.
    func wakeUnlinked(
        source: String,
        customer: String,
        on connection: Connection
    ) async throws {
        let rows = try await connection.query(
            """
            update subject
               set wanted = wanted + 1, unlinked = false, attempts = 0, next_at = clock_timestamp()
             where source = \(source) and customer_id = \(customer) and unlinked
            returning kind, id, wanted
            """
        )
        for row in rows {
            _ = try await connection.query(
                """
                update inbox
                   set state = 'pending', generation = \(try row.int64("wanted")),
                       settled_at = null
                 where source = \(source) and subject_kind = \(try row.text("kind"))
                   and subject_id = \(try row.text("id")) and state = 'unlinked'
                """
            )
        }
    }

    /// Wants every subscription again whose instant has passed since it was last verified, or that
    /// was not verified for a day: a webhook that never came is found here.
    ///
    /// Tells how many.
    package func sweep(sources: [String]) async throws -> Int {
        try await pool.query(
            """
            update subject s
               set wanted = s.wanted + 1, next_at = clock_timestamp()
              from subscription held
             where s.source = any (\(sources)::text[]) and s.kind = 'subscription'
               and s.wanted = s.done and s.next_at < 'infinity'
               and held.source = s.source and held.provider_id = s.id
               and held.status not in ('canceled', 'incomplete_expired')
               and (s.verified_at < clock_timestamp() - interval '1 day'
                    or exists (
                        select from (values (held.trial_end), (held.period_end), (held.cancel_at),
                                            (held.change_at), (held.quantity_at),
                                            (held.paused_until),
                                            (case held.status when 'scheduled'
                                                  then held.starts_at end)) as due (at)
                         where due.at > s.verified_at
                           and due.at < clock_timestamp() - interval '1 minute'))
            """
        )
        .affected
    }

    /// A customer's subscriptions that are still to be fetched, each with what would settle it.
    package func undone(customer: String, source: String) async throws -> [(SubjectKey, Int64)] {
        try await pool.query(
            """
            select id, wanted
              from subject
             where source = \(source) and customer_id = \(customer) and kind = 'subscription'
               and wanted > done
            """
        )
        .map { row in
            let id = try row.text("id")
            return (
                SubjectKey(source: source, kind: "subscription", id: id), try row.int64("wanted")
            )
        }
    }

    /// The account that a subject belongs to, and its revision; nil while that is not known.
    package func account(of key: SubjectKey) async throws -> (id: String, revision: Int64)? {
        let rows = try await pool.query(
            """
            select c.account_id, coalesce(h.revision, 0) as revision
              from account_customer c
              left join chain_head h using (account_id)
             where c.source = \(key.source)
               and c.customer_id = case when \(key.kind)::text = 'customer' then \(key.id)
                                   else (select customer_id from subject s
                                          where s.source = \(key.source) and s.kind = \(key.kind)
                                            and s.id = \(key.id)) end
            """
        )
        guard let row = rows.first else { return nil }
        return (try row.text("account_id"), try row.int64("revision"))
    }
}
