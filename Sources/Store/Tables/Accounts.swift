package import Entitlements
package import Postgres

/// An account as management calls show it.
package struct AccountRecord: Sendable, Equatable {
    package let id: String
    package let name: String?
    package let timezone: String
    package let attributes: JSON
    /// Source → the provider's customer.
    package let customers: [String: String]
    /// Since when it is blocked; nil where it is not, or not any more.
    package let blockedAt: Instant?
    /// When the block ends by itself.
    package let blockedUntil: Instant?
    package let blockedReason: String?
    /// What its time stands at, while it has a test clock.
    package let testClock: Instant?
    package let revision: Int64
    package let createdAt: Instant
}

/// What a caller says about an account.
package struct AccountContent: Sendable, Equatable {
    package var name: String?
    package var timezone: String
    package var attributes: JSON
    package var customers: [String: String]

    package init(
        name: String? = nil,
        timezone: String = "UTC",
        attributes: JSON = .object([:]),
        customers: [String: String] = [:]
    ) {
        self.name = name
        self.timezone = timezone
        self.attributes = attributes
        self.customers = customers
    }
}

extension Store {
    package func account(_ id: String) async throws -> AccountRecord? {
        try await pool.query(Self.selectAccounts(where: "a.account_id = \(id)"))
            .first.map(AccountRecord.init)
    }

    package func account(_ id: String, on connection: Connection) async throws -> AccountRecord? {
        try await connection.query(Self.selectAccounts(where: "a.account_id = \(id)"))
            .first.map(AccountRecord.init)
    }

    /// Accounts by id in order, from the one after `cursor`.
    package func accounts(after cursor: String?, size: Int) async throws -> Page<AccountRecord> {
        let rows = try await pool.query(
            Self.selectAccounts(
                where: "a.account_id > \(cursor ?? "") order by a.account_id limit \(size + 1)"
            )
        )
        return Page(rows: try rows.map(AccountRecord.init), size: size) { $0.id }
    }

    /// Creates or replaces; tells whether it is new.
    package func put(
        account id: String,
        _ content: AccountContent,
        on connection: Connection
    ) async throws -> Bool {
        let rows = try await connection.query(
            """
            insert into account as a (account_id, name, timezone, attributes)
            values (\(id), \(nullable: content.name), \(content.timezone), \(json: content.attributes))
            on conflict (account_id) do update
               set name = excluded.name,
                   timezone = excluded.timezone,
                   attributes = excluded.attributes
            returning xmax = 0 as created
            """
        )
        try await link(account: id, customers: content.customers, on: connection)
        return try rows.first?.bool("created") ?? false
    }

    /// Blocks the account from now on; a block that is in force keeps its first instant.
    ///
    /// It counts by the earlier of the two clocks, so that taking a test clock away lifts nothing.
    /// Tells whether there is such an account.
    package func block(
        account id: String,
        until: Instant?,
        reason: String,
        on connection: Connection
    ) async throws -> Bool {
        let rows = try await connection.query(
            """
            update account
               set blocked_at = least(
                       case when blocked_until is null
                                 or blocked_until > coalesce(clock_at, clock_timestamp())
                            then blocked_at end,
                       clock_at, clock_timestamp()),
                   blocked_until = \(instant: until),
                   blocked_reason = \(reason)
             where account_id = \(id)
            returning account_id
            """
        )
        return !rows.isEmpty
    }

    /// Lifts the block; tells whether there is such an account.
    package func unblock(account id: String, on connection: Connection) async throws -> Bool {
        let rows = try await connection.query(
            """
            update account
               set blocked_at = null, blocked_until = null, blocked_reason = null
             where account_id = \(id)
            returning account_id
            """
        )
        return !rows.isEmpty
    }

    /// Makes the links of an account exactly these.
    ///
    /// A customer that it no longer is takes its subscriptions along; what waited for one that it
    /// is now is woken.
    private func link(
        account: String,
        customers: [String: String],
        on connection: Connection
    ) async throws {
        let rows = try await connection.query(
            """
            select source, customer_id from account_customer
             where account_id = \(account)
             order by source
               for update
            """
        )
        var held: [String: String] = [:]
        for row in rows { held[try row.text("source")] = try row.text("customer_id") }
        for (source, customer) in held.sorted(by: { $0.key < $1.key })
        where customers[source] != customer {
            try await lock(customer: customer, source: source, on: connection)
            _ = try await connection.query(
                "delete from account_customer where account_id = \(account) and source = \(source)"
            )
            try await withdraw(
                customer: customer,
                source: source,
                account: account,
                on: connection
            )
        }
        for (source, customer) in customers.sorted(by: { $0.key < $1.key })
        where held[source] != customer {
            try await lock(customer: customer, source: source, on: connection)
            try await insert(
                customer: customer,
                source: source,
                account: account,
                on: connection
            )
            try await wakeUnlinked(source: source, customer: customer, on: connection)
        }
    }

    private func insert(
        customer: String,
        source: String,
        account: String,
        on connection: Connection
    ) async throws {
        do {
            _ = try await connection.query(
                """
                insert into account_customer (account_id, source, customer_id)
                values (\(account), \(source), \(customer))
                """
            )
        } catch {
            guard error.constraint == "account_customer_once" else { throw error }
            throw StoreRefusal.customerLinkedElsewhere(source: source, customer: customer)
        }
    }

    private static func selectAccounts(where condition: SQL) -> SQL {
        """
        select a.account_id, a.name, a.timezone, a.attributes, a.blocked_at, a.blocked_until,
               a.blocked_reason, a.clock_at, a.created_at,
               a.blocked_until <= coalesce(a.clock_at, clock_timestamp()) as was_blocked,
               coalesce(h.revision, 0) as revision,
               (select coalesce(jsonb_object_agg(c.source, c.customer_id), '{}')
                  from account_customer c
                 where c.account_id = a.account_id) as customers
          from account a
          left join chain_head h on h.account_id = a.account_id
         where \(condition)
        """
    }
}

extension AccountRecord {
    fileprivate init(_ row: Row) throws {
        id = try row.text("account_id")
        name = try row.textIfPresent("name")
        timezone = try row.text("timezone")
        attributes = try row.json("attributes")
        customers = (try row.json("customers").object ?? [:]).compactMapValues(\.string)
        let wasBlocked = try row.boolIfPresent("was_blocked") ?? false
        blockedAt = wasBlocked ? nil : try row.instantIfPresent("blocked_at")
        blockedUntil = wasBlocked ? nil : try row.instantIfPresent("blocked_until")
        blockedReason = wasBlocked ? nil : try row.textIfPresent("blocked_reason")
        testClock = try row.instantIfPresent("clock_at")
        revision = try row.int64("revision")
        createdAt = try row.instant("created_at")
    }
}
