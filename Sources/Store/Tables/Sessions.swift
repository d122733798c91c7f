package import Entitlements
package import Postgres

/// A session as management calls show it.
package struct SessionRecord: Sendable, Equatable {
    package let session: Session
    package let device: JSON
    package let source: String?
    package let revokedReason: String?
}

/// A session to create.
package struct SessionContent: Sendable {
    package var id: String
    package var account: String
    package var user: String
    package var device: JSON
    package var source: String?
    package var lifetime: Duration

    package init(
        id: String,
        account: String,
        user: String,
        device: JSON,
        source: String?,
        lifetime: Duration
    ) {
        self.id = id
        self.account = account
        self.user = user
        self.device = device
        self.source = source
        self.lifetime = lifetime
    }
}

extension Store {
    /// Creates a session; it begins and ends by the database's clock.
    package func insert(
        session content: SessionContent,
        on connection: Connection
    ) async throws -> SessionRecord {
        do {
            let rows = try await connection.query(
                """
                insert into session (account_id, session_id, user_id, device, source, created_at,
                    expires_at)
                select \(content.account)::text, \(content.id)::text, \(content.user)::text,
                       \(json: content.device), \(nullable: content.source)::text, clock.now,
                       clock.now + make_interval(secs => \(content.lifetime.components.seconds))
                  from (select account_now(\(content.account)) as now) as clock
                returning \(raw: Self.sessionColumns)
                """
            )
            guard let row = rows.first else { throw StoreRefusal.unknownAccount(content.account) }
            return try SessionRecord(row)
        } catch let error as PostgresError where error.constraint == "session_account_id_fkey" {
            throw StoreRefusal.unknownAccount(content.account)
        }
    }

    package func session(_ id: String, of account: String) async throws -> SessionRecord? {
        try await pool.query(
            """
            select \(raw: Self.sessionColumns)
              from session
             where account_id = \(account) and session_id = \(id)
            """
        )
        .first.map(SessionRecord.init)
    }

    /// Sessions of an account by id, from the one after `cursor`.
    package func sessions(
        of account: String,
        after cursor: String?,
        size: Int
    ) async throws -> Page<SessionRecord> {
        let rows = try await pool.query(
            """
            select \(raw: Self.sessionColumns)
              from session
             where account_id = \(account) and session_id > \(cursor ?? "")
             order by session_id
             limit \(size + 1)
            """
        )
        return Page(rows: try rows.map(SessionRecord.init), size: size) { $0.session.id }
    }

    /// Revokes one session; the first revocation's instant and reason stay, unless it lies ahead:
    /// who revokes a session means now.
    ///
    /// Nil: no such session.
    package func revoke(
        session id: String,
        of account: String,
        reason: String?,
        on connection: Connection
    ) async throws -> SessionRecord? {
        try await connection.query(
            """
            update session
               set revoked_reason = case when revoked_at <= clock_timestamp() then revoked_reason
                                         else \(nullable: reason)::text end,
                   revoked_at = least(revoked_at, clock_timestamp())
             where account_id = \(account) and session_id = \(id)
            returning \(raw: Self.sessionColumns)
            """
        )
        .first.map(SessionRecord.init)
    }

    /// Revokes every session of an account, or of one of its users; tells how many were live.
    ///
    /// Also those that have expired, because a test clock that is set back would bring them to life.
    package func revokeSessions(
        of account: String,
        user: String?,
        reason: String?,
        on connection: Connection
    ) async throws -> Int {
        let rows = try await connection.query(
            """
            with revoked as (
                update session
                   set revoked_at = clock_timestamp(), revoked_reason = \(nullable: reason)
                 where account_id = \(account) and user_id = coalesce(\(nullable: user), user_id)
                   and (revoked_at is null or revoked_at > clock_timestamp())
                returning expires_at
            )
            select count(*) as n
              from revoked
             where expires_at > least(clock_timestamp(), account_now(\(account)))
            """
        )
        return Int(try rows.first?.int64("n") ?? 0)
    }

    private static let sessionColumns = """
        session_id, account_id, user_id, created_at, expires_at, revoked_at, null, null, device, \
        source, revoked_reason
        """
}

extension SessionRecord {
    /// Reads `sessionColumns`: the session's own first, in the order in which the barrier reads them.
    fileprivate init(_ row: Row) throws {
        session = try Session(row)
        device = try row.json("device")
        source = try row.textIfPresent("source")
        revokedReason = try row.textIfPresent("revoked_reason")
    }
}
