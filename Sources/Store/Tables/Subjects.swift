import Entitlements
import Limits
package import Postgres

/// A subject that this worker, and no other, may fetch and apply until its lease runs out.
package struct ClaimedSubject: Sendable, Equatable {
    package let key: SubjectKey
    /// The generation the coming fetch answers: events up to it were recorded before the fetch.
    package let generation: Int64
    package let attempts: Int
    package let token: String
}

/// Where a subject stands.
package struct SubjectProgress: Sendable, Equatable {
    package let wanted: Int64
    package let done: Int64
    package let isDead: Bool
    package let isUnlinked: Bool
    /// Not due yet: an attempt failed, or the provider asked to wait.
    package let isWaiting: Bool
    package let attempts: Int
    package let lastError: String?
}

extension Store {
    /// Marks a subject dirty; a dead one lives again.
    ///
    /// Returns the generation that settles it.
    package func want(
        _ key: SubjectKey,
        customer: String? = nil,
        on connection: Connection
    ) async throws -> Int64 {
        let rows = try await connection.query(
            """
            insert into subject as s (source, kind, id, wanted, customer_id)
            values (\(key.source), \(key.kind), \(key.id), 1, \(nullable: customer))
            on conflict (source, kind, id) do update
               set wanted = s.wanted + 1,
                   customer_id = coalesce(excluded.customer_id, s.customer_id),
                   attempts = case when s.next_at = 'infinity' then 0 else s.attempts end,
                   next_at = least(s.next_at, clock_timestamp())
            returning wanted
            """
        )
        guard let row = rows.first else { throw StoreProblem.vanished }
        return try row.int64("wanted")
    }

    package func progress(of key: SubjectKey) async throws -> SubjectProgress? {
        let rows = try await pool.query(
            """
            select wanted, done, next_at = 'infinity' as dead, unlinked,
                   next_at > clock_timestamp() as waiting, attempts, last_error
              from subject
             where source = \(key.source) and kind = \(key.kind) and id = \(key.id)
            """
        )
        guard let row = rows.first else { return nil }
        return SubjectProgress(
            wanted: try row.int64("wanted"),
            done: try row.int64("done"),
            isDead: try row.bool("dead"),
            isUnlinked: try row.bool("unlinked"),
            isWaiting: try row.bool("waiting"),
            attempts: Int(try row.int64("attempts")),
            lastError: try row.textIfPresent("last_error")
        )
    }

    /// Claims a subject if it is wanted, due and free; nil otherwise.
    package func claim(_ key: SubjectKey, token: String) async throws -> ClaimedSubject? {
        let lease = Limits.subjectLease.components.seconds
        let rows = try await pool.query(
            """
            update subject
               set lease_token = \(token)::uuid,
                   lease_until = clock_timestamp() + make_interval(secs => \(lease))
             where source = \(key.source) and kind = \(key.kind) and id = \(key.id)
               and wanted > done and next_at <= clock_timestamp()
               and (lease_until is null or lease_until < clock_timestamp())
            returning wanted, attempts
            """
        )
        guard let row = rows.first else { return nil }
        return ClaimedSubject(
            key: key,
            generation: try row.int64("wanted"),
            attempts: Int(try row.int64("attempts")),
            token: token
        )
    }

    /// What is due and free at a source, oldest first.
    package func due(source: String, most: Int) async throws -> [SubjectKey] {
        try await pool.query(
            """
            select source, kind, id
              from subject
             where source = \(source) and wanted > done and next_at <= clock_timestamp()
               and (lease_until is null or lease_until < clock_timestamp())
             order by next_at
             limit \(most)
            """
        )
        .map { row in
            SubjectKey(
                source: try row.text("source"),
                kind: try row.text("kind"),
                id: try row.text("id")
            )
        }
    }

    /// Locks a claimed subject to the end of the transaction.
    ///
    /// False: the lease was lost, and whatever was fetched under it must not be applied.
    package func hold(_ claim: ClaimedSubject, on connection: Connection) async throws -> Bool {
        let rows = try await connection.query(
            """
            select lease_token::text = \(claim.token) as held
              from subject
             where source = \(claim.key.source) and kind = \(claim.key.kind)
               and id = \(claim.key.id)
               for update
            """
        )
        return try rows.first?.boolIfPresent("held") == true
    }

    /// Settles a claim: its events up to the claimed generation are in this state.
    package func settle(
        _ claim: ClaimedSubject,
        as state: InboxRecord.State,
        customer: String?,
        note: String?,
        on connection: Connection
    ) async throws {
        let rows = try await connection.query(
            """
            update subject
               set done = \(claim.generation), attempts = 0, lease_token = null,
                   lease_until = null, last_error = \(nullable: note),
                   customer_id = coalesce(\(nullable: customer), customer_id),
                   unlinked = \(state == .unlinked), verified_at = clock_timestamp(),
                   next_at = clock_timestamp()
             where source = \(claim.key.source) and kind = \(claim.key.kind)
               and id = \(claim.key.id) and lease_token::text = \(claim.token)
            returning id
            """
        )
        guard !rows.isEmpty else { return }
        try await settleEvents(claim, as: state, note: note, on: connection)
    }

    /// Gives a claim back: to be tried again after a wait, or, without one, a dead letter.
    ///
    /// Only what was wanted by the claim is given up: an event that came since is due at once, as
    /// one that came a moment later would be.
    package func release(
        _ claim: ClaimedSubject,
        retryAfter wait: Duration?,
        countsAsAttempt: Bool,
        error: String,
        on connection: Connection
    ) async throws {
        let seconds = wait.map { Double($0.wholeMicroseconds) / 1_000_000 }
        let isGivenUp: SQL = "\(nullable: seconds)::float8 is null"
        let isWantedAnew: SQL = "\(countsAsAttempt) and wanted > \(claim.generation)"
        let rows = try await connection.query(
            """
            update subject
               set attempts = case when \(isGivenUp) and \(isWantedAnew) then 0
                                   else attempts + \(countsAsAttempt ? 1 : 0) end,
                   lease_token = null, lease_until = null, last_error = \(error),
                   done = case when \(isGivenUp) then \(claim.generation) else done end,
                   next_at = case when \(isWantedAnew) then clock_timestamp()
                                  when \(isGivenUp) then 'infinity'
                                  else clock_timestamp() + make_interval(secs => \(nullable: seconds)) end
             where source = \(claim.key.source) and kind = \(claim.key.kind)
               and id = \(claim.key.id) and lease_token::text = \(claim.token)
            returning id
            """
        )
        if wait == nil, !rows.isEmpty {
            try await settleEvents(claim, as: .dead, note: error, on: connection)
        }
    }

    /// Gives a claim back in a transaction of its own.
    package func release(
        _ claim: ClaimedSubject,
        retryAfter wait: Duration?,
        countsAsAttempt: Bool,
        error: String
    ) async throws {
        try await pool.transaction { connection in
            try await release(
                claim,
                retryAfter: wait,
                countsAsAttempt: countsAsAttempt,
                error: error,
                on: connection
            )
        }
    }

    private func settleEvents(
        _ claim: ClaimedSubject,
        as state: InboxRecord.State,
        note: String?,
        on connection: Connection
    ) async throws {
        _ = try await connection.query(
            """
            update inbox
               set state = \(state.rawValue), last_error = \(nullable: note), settled_at = clock_timestamp()
             where source = \(claim.key.source) and subject_kind = \(claim.key.kind)
               and subject_id = \(claim.key.id) and generation <= \(claim.generation)
               and state = 'pending'
            """
        )
    }
}
