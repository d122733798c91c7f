package import Entitlements
package import Postgres

/// A grant as management calls show it.
package struct GrantRecord: Sendable, Equatable {
    package let account: String
    package let grant: Grant
    /// Where it is in its life, by the account's time.
    package let state: Grant.State
    package let reason: String?
    package let author: String
}

extension Store {
    package func grant(_ id: String, of account: String) async throws -> GrantRecord? {
        try await pool.query(Self.select(grant: id, of: account)).first.map(GrantRecord.init)
    }

    /// Grants of an account, the newest first, from the one after a place.
    package func grants(
        of account: String,
        _ filter: GrantFilter,
        after place: CreationPlace?,
        size: Int
    ) async throws -> Page<GrantRecord> {
        let rows = try await pool.query(
            """
            select *
              from (select \(raw: Self.columns) from access_grant g
                     where g.account_id = \(account)
                       and (\(nullable: filter.feature)::text is null
                            or g.feature_id = \(nullable: filter.feature))
                       and (\(nullable: filter.user)::text is null
                            or g.user_id = \(nullable: filter.user))
                       and (\(nullable: filter.session)::text is null
                            or g.session_id = \(nullable: filter.session))
                       and (\(nullable: place?.id)::text is null
                            or (g.created_at, g.grant_id)
                               < (\(instant: place?.createdAt), \(nullable: place?.id)))
                   ) as listed
             where \(nullable: filter.state?.rawValue)::text is null
                or state = \(nullable: filter.state?.rawValue)
             order by created_at desc, grant_id desc
             limit \(size + 1)
            """
        )
        return Page(
            rows: try rows.map(GrantRecord.init),
            size: size,
            cursor: { CreationPlace(after: $0.grant.createdAt, $0.grant.id).cursor }
        )
    }

    /// How many grants of a scope have not ended at an instant of the account's time.
    package func liveGrants(
        of account: String,
        _ scope: GrantScope,
        at: Instant,
        on connection: Connection
    ) async throws -> Int {
        let isInScope: SQL =
            switch scope {
            case .account: "user_id is null and session_id is null"
            case .user(let user): "user_id = \(user)"
            case .session(let session): "session_id = \(session)"
            }
        let rows = try await connection.query(
            """
            select count(*) as live
              from access_grant
             where account_id = \(account) and \(isInScope)
               and (until_at is null or until_at > greatest(\(instant: at), from_at))
            """
        )
        return Int(try rows.first?.int64("live") ?? 0)
    }

    /// Whose session it is; nil where the account has no such session.
    package func user(
        ofSession id: String,
        account: String,
        on connection: Connection
    ) async throws -> String? {
        try await connection
            .query(
                """
                select user_id from session
                 where account_id = \(account) and session_id = \(id)
                """
            )
            .first?
            .text("user_id")
    }

    package func insert(
        grant content: GrantContent,
        account: String,
        on connection: Connection
    ) async throws -> GrantRecord {
        var units: Int64?
        if case .units(let limit) = content.limit { units = limit }
        do {
            let rows = try await connection.query(
                """
                insert into access_grant as g (account_id, feature_id, effect, mode, value,
                    limit_units, unlimited, user_id, session_id, from_at, until_at, reason)
                values (\(account), \(content.feature), \(content.effect.rawValue),
                    \(content.mode.rawValue), \(json: content.value), \(nullable: units),
                    \(content.limit == .unlimited), \(nullable: content.scope.user),
                    \(nullable: content.scope.session), \(instant: content.from),
                    \(instant: content.until), \(content.reason))
                returning \(raw: Self.columns)
                """
            )
            guard let row = rows.first else { throw StoreProblem.vanished }
            return try GrantRecord(row)
        } catch let error as PostgresError {
            throw Self.refusal(error, of: content, account: account) ?? error
        }
    }

    /// Ends a grant by the account's time; one that waits never comes into force, and one that has
    /// ended stays as it is.
    ///
    /// What is ended on a test clock that runs ahead is over by the database's clock too, or
    /// setting the clock back would bring it back. Nil: the account has no such grant.
    package func end(
        grant id: String,
        of account: String,
        on connection: Connection
    ) async throws -> GrantRecord? {
        let rows = try await connection.query(
            """
            update access_grant as g
               set until_at = greatest(g.from_at,
                       case when g.from_at <= clock_timestamp()
                            then least(\(raw: Self.now), clock_timestamp())
                            else \(raw: Self.now) end)
             where g.account_id = \(account) and g.grant_id = \(id)
               and (g.until_at is null or g.until_at > greatest(g.from_at, \(raw: Self.now)))
            returning \(raw: Self.columns)
            """
        )
        if let row = rows.first { return try GrantRecord(row) }
        return try await connection.query(Self.select(grant: id, of: account))
            .first.map(GrantRecord.init)
    }

    /// Locks a grant to the end of the transaction, before its account is locked, in the order in
    /// which a statement typed by hand locks the two; tells whether there is one.
    package func lock(
        grant id: String,
        of account: String,
        on connection: Connection
    ) async throws -> Bool {
        let rows = try await connection.query(
            """
            select from access_grant
             where account_id = \(account) and grant_id = \(id)
               for update
            """
        )
        return !rows.isEmpty
    }

    private static func select(grant id: String, of account: String) -> SQL {
        """
        select \(raw: columns)
          from access_grant g
         where g.account_id = \(account) and g.grant_id = \(id)
        """
    }

    /// `account_now`, written out: a function in plain SQL that is volatile is not inlined.
    private static let now = """
        (select coalesce(a.clock_at, clock_timestamp()) from account a \
        where a.account_id = g.account_id)
        """

    /// A deny begins by the database's clock, where a test clock stands before it (`Stops`).
    private static let columns = """
        g.account_id, g.grant_id, g.feature_id, g.effect, g.mode, g.value, g.limit_units, \
        g.unlimited, g.user_id, g.session_id, g.from_at, g.until_at, g.reason, g.author, \
        g.created_at, \
        case when g.until_at <= greatest(\(now), g.from_at) then 'ended' \
        when g.from_at <= \(now) or (g.effect = 'deny' and g.from_at <= clock_timestamp()) \
        then 'in_force' else 'waiting' end as state
        """

    private static func refusal(
        _ error: PostgresError,
        of content: GrantContent,
        account: String
    ) -> StoreRefusal? {
        switch error.constraint {
        case "access_grant_account_id_fkey": .unknownAccount(account)
        case "access_grant_feature_id_fkey": .unknownFeature(content.feature)
        case "access_grant_account_id_session_id_fkey":
            .unknownSession(content.scope.session ?? "")
        case "grant_fits_feature", "grant_of_account", "grant_one_amount":
            .wrongFeatureType(content.feature)
        default: nil
        }
    }
}

extension GrantRecord {
    fileprivate init(_ row: Row) throws {
        account = try row.text("account_id")
        grant = try Grant(row)
        state = try row.word("state")
        reason = try row.textIfPresent("reason")
        author = try row.text("author")
    }
}

extension Grant {
    fileprivate init(_ row: Row) throws {
        let units = try row.int64IfPresent("limit_units").map(Quantity.units)
        self.init(
            id: try row.text("grant_id"),
            feature: try row.text("feature_id"),
            effect: try row.word("effect"),
            mode: try row.word("mode"),
            value: try row.jsonIfPresent("value"),
            limit: try row.bool("unlimited") ? .unlimited : units,
            user: try row.textIfPresent("user_id"),
            session: try row.textIfPresent("session_id"),
            from: try row.instant("from_at"),
            until: try row.instantIfPresent("until_at"),
            createdAt: try row.instant("created_at")
        )
    }
}
