package import Entitlements
package import Postgres

/// A credit as management calls show it.
package struct CreditRecord: Sendable, Equatable {
    /// Where a credit is in its life, by the account's time.
    package enum State: String, Sendable, CaseIterable {
        /// Not paid yet.
        case pending
        /// Not begun.
        case waiting
        case active, ended, voided
    }

    package let account: String
    package let id: String
    package let content: CreditContent
    package let voidedAt: Instant?
    package let state: State
    package let author: String
    package let createdAt: Instant
}

extension Store {
    package func credit(_ id: String, of account: String) async throws -> CreditRecord? {
        try await pool.query(Self.select(credit: id, of: account)).first.map(CreditRecord.init)
    }

    package func credit(
        _ id: String,
        of account: String,
        on connection: Connection
    ) async throws -> CreditRecord? {
        try await connection.query(Self.select(credit: id, of: account))
            .first.map(CreditRecord.init)
    }

    /// Credits of an account, the newest first, from the one after a place.
    package func credits(
        of account: String,
        _ filter: CreditFilter,
        after place: CreationPlace?,
        size: Int
    ) async throws -> Page<CreditRecord> {
        let rows = try await pool.query(
            """
            select *
              from (select \(raw: Self.columns) from credit c
                     where c.account_id = \(account)
                       and (\(nullable: filter.feature)::text is null
                            or c.feature_id = \(nullable: filter.feature))
                       and (\(nullable: place?.id)::text is null
                            or (c.created_at, c.credit_id)
                               < (\(instant: place?.createdAt), \(nullable: place?.id)))
                   ) as listed
             where \(nullable: filter.state?.rawValue)::text is null
                or state = \(nullable: filter.state?.rawValue)
             order by created_at desc, credit_id desc
             limit \(size + 1)
            """
        )
        return Page(rows: try rows.map(CreditRecord.init), size: size) { record in
            CreationPlace(after: record.createdAt, record.id).cursor
        }
    }

    /// How many credits of a feature are neither voided nor over at an instant of the account's time,
    /// those that wait or are not paid among them.
    package func liveCredits(
        of account: String,
        feature: String,
        at: Instant,
        on connection: Connection
    ) async throws -> Int {
        let rows = try await connection.query(
            """
            select count(*) as live
              from credit
             where account_id = \(account) and feature_id = \(feature) and voided_at is null
               and (until_at is null or until_at > \(instant: at))
            """
        )
        return Int(try rows.first?.int64("live") ?? 0)
    }

    package func insert(
        credit content: CreditContent,
        account: String,
        on connection: Connection
    ) async throws -> CreditRecord {
        do {
            let rows = try await connection.query(
                """
                insert into credit as c (account_id, feature_id, amount, priority, promotional,
                    from_at, until_at, every, count, rollover_min, rollover_max, pending, reason)
                values (\(account), \(content.feature), \(content.amount), \(content.priority),
                    \(content.isPromotional), \(instant: content.from),
                    \(instant: content.until), \(nullable: content.recurrence?.unit.rawValue),
                    \(nullable: content.recurrence?.count), \(content.rollover.min),
                    \(content.rollover.max), \(content.isPending), \(nullable: content.reason))
                returning \(raw: Self.columns)
                """
            )
            guard let row = rows.first else { throw StoreProblem.vanished }
            return try CreditRecord(row)
        } catch let error as PostgresError {
            throw Self.refusal(error, of: content, account: account) ?? error
        }
    }

    /// Takes away what is left of a credit; one that is voided or over stays as it is.
    ///
    /// The instant is the earlier of the two clocks: what is voided on a test clock that runs ahead
    /// is voided also when the clock is lifted. Nil: the account has no such credit.
    package func void(
        credit id: String,
        of account: String,
        on connection: Connection
    ) async throws -> CreditRecord? {
        let rows = try await connection.query(
            """
            update credit as c
               set voided_at = least(\(raw: Self.now), clock_timestamp())
             where c.account_id = \(account) and c.credit_id = \(id)
               and (c.voided_at is null
                    or c.voided_at > greatest(\(raw: Self.now), clock_timestamp()))
               and (c.until_at is null or c.until_at > \(raw: Self.now))
            returning \(raw: Self.columns)
            """
        )
        if let row = rows.first { return try CreditRecord(row) }
        return try await credit(id, of: account, on: connection)
    }

    /// Makes a credit that was not paid one that is, unless it is voided or over.
    ///
    /// Nil: the account has no such credit.
    package func confirm(
        credit id: String,
        of account: String,
        on connection: Connection
    ) async throws -> CreditRecord? {
        let rows = try await connection.query(
            """
            update credit as c
               set pending = false
             where c.account_id = \(account) and c.credit_id = \(id) and c.pending
               and (c.voided_at is null
                    or c.voided_at > greatest(\(raw: Self.now), clock_timestamp()))
               and (c.until_at is null or c.until_at > \(raw: Self.now))
            returning \(raw: Self.columns)
            """
        )
        if let row = rows.first { return try CreditRecord(row) }
        return try await credit(id, of: account, on: connection)
    }

    private static func select(credit id: String, of account: String) -> SQL {
        """
        select \(raw: columns)
          from credit c
         where c.account_id = \(account) and c.credit_id = \(id)
        """
    }

    /// `account_now`, written out: a function in plain SQL that is volatile is not inlined.
    private static let now = """
        (select coalesce(a.clock_at, clock_timestamp()) from account a \
        where a.account_id = c.account_id)
        """

    private static let columns = """
        c.account_id, c.credit_id, c.feature_id, c.amount, c.priority, c.promotional, c.from_at, \
        c.until_at, c.every, c.count, c.rollover_min, c.rollover_max, c.pending, c.voided_at, \
        c.reason, c.author, c.created_at, \
        case when c.voided_at <= greatest(\(now), clock_timestamp()) then 'voided' \
        when c.until_at <= \(now) then 'ended' \
        when c.pending then 'pending' \
        when c.from_at > \(now) then 'waiting' else 'active' end as state
        """

    private static func refusal(
        _ error: PostgresError,
        of content: CreditContent,
        account: String
    ) -> StoreRefusal? {
        switch error.constraint {
        case "credit_account_id_fkey": .unknownAccount(account)
        case "credit_feature_id_fkey": .unknownFeature(content.feature)
        case "credit_feature_type": .wrongFeatureType(content.feature)
        default: nil
        }
    }
}

extension CreditRecord {
    fileprivate init(_ row: Row) throws {
        account = try row.text("account_id")
        id = try row.text("credit_id")
        content = try CreditContent(row)
        voidedAt = try row.instantIfPresent("voided_at")
        state = try row.word("state")
        author = try row.text("author")
        createdAt = try row.instant("created_at")
    }
}

extension CreditContent {
    fileprivate init(_ row: Row) throws {
        let amount = try row.int64("amount")
        let unit: Recurrence.Unit? = try row.wordIfPresent("every")
        let count = try row.int64IfPresent("count").map(Int.init)
        var rollover = Rollover.standard(amount: amount, recurs: unit != nil)
        rollover.min = try row.int64IfPresent("rollover_min") ?? rollover.min
        rollover.max = try row.int64IfPresent("rollover_max") ?? rollover.max
        self.init(
            feature: try row.text("feature_id"),
            amount: amount,
            priority: Int(try row.int64("priority")),
            isPromotional: try row.bool("promotional"),
            from: try row.instant("from_at"),
            until: try row.instantIfPresent("until_at"),
            recurrence: unit.map { Recurrence($0, count: count ?? 1) },
            rollover: rollover,
            isPending: try row.bool("pending"),
            reason: try row.textIfPresent("reason")
        )
    }
}
