import Entitlements
import Limits
import Postgres

/// The barrier read as SQL: what it sends and how its rows are read.
///
/// Source of the statement and of every rule: reference, "The barrier read". The token's parts are
/// the cluster's identity, its timeline, and the start of its checkpointer, which changes with every
/// crash recovery; `||` makes it null when a part may not be seen.
enum BarrierStatements {
    /// Which database this is, whatever it is called; asked once a connection.
    static let database: SQL = """
        select oid from pg_database where datname = current_database()
        """
    static let begin: SQL = "begin isolation level repeatable read read only"
    static let commit: SQL = "commit"

    /// The same text every time, so that it is prepared once: $1 the previous snapshot, $2 its token.
    ///
    /// Meters come as rows of the same statement, so that they are as of the same snapshot: $3 to $5
    /// their accounts, subjects and features.
    static func read(since position: BarrierPosition?, meters: Set<MeterKey> = []) -> SQL {
        // Nothing is comparable with an empty token, so the snapshot beside it does not matter.
        let since: [Parameter] = [
            .text(position?.snapshot ?? "1:1:"), .text(position?.token ?? ""),
        ]
        guard !meters.isEmpty else { return SQL(text: readText, parameters: since) }
        return SQL(
            text: readTextWithMeters,
            parameters: since + MeterColumns(Array(meters)).parameters
        )
    }

    private static let readText = """
        with server as materialized (
            select (select system_identifier from pg_control_system())
                   || '/' || case when pg_is_in_recovery() then 'r'
                             else left(pg_walfile_name(pg_current_wal_insert_lsn()), 8) end
                   || '/' || (select extract(epoch from backend_start)
                                from pg_stat_activity
                               where backend_type = 'checkpointer') as token
        )
        select server.token,
               pg_current_snapshot(),
               (extract(epoch from clock_timestamp()) * 1000000)::bigint,
               (select floor from feed_floor) <= pg_snapshot_xmin($1::pg_snapshot),
               f.account_id, f.session_id, f.revision, f.at
          from server
          left join feed f
            on server.token = $2
           and (f.txid >= pg_snapshot_xmax($1::pg_snapshot)
                or f.txid = any (array(select pg_snapshot_xip($1::pg_snapshot))))
        """

    /// The columns of a barrier row, in front of those of a meter.
    static let barrierColumns = 8

    private static let readTextWithMeters = """
        \(readText)
        """
        .replacing(
            "f.revision, f.at\n",
            with: """
                f.revision, f.at, null::text, null::text, null::text, null::bigint, null::timestamptz,
                null::bigint, null::bigint, null::bigint, null::timestamptz, null::timestamptz,
                null::timestamptz, null::text, null::bigint, null::jsonb

                """
        ) + """

            union all
            select null, null, null, null, null, null, null, null, \(MeterRow.columns)
              from unnest($3::text[], $4::text[], $5::text[])
                   as wanted (account_id, subject, feature_id)
              join meter m using (account_id, subject, feature_id)
            """

    /// Sessions, each with what is its own and its user's: nearly always nothing, so it comes in
    /// the same row rather than by statements of its own.
    static func sessions(_ ids: [String], accounts: [String]) -> SQL {
        """
        select s.session_id, s.account_id, s.user_id, s.created_at, s.expires_at, s.revoked_at,
               (select jsonb_agg(\(raw: grantFields))
                  from ((select * from access_grant
                          where account_id = s.account_id and session_id = s.session_id
                          order by \(raw: grantOrder))
                        union all
                        (select * from access_grant
                          where account_id = s.account_id and user_id = s.user_id
                          order by \(raw: grantOrder))) as g),
               (select array_agg(t.feature_id)
                  from seat t
                 where t.account_id = s.account_id and t.user_id = s.user_id),
               nullif(s.device, '{}')
          from unnest(\(accounts)::text[], \(ids)::text[]) as wanted (account_id, session_id)
          join session s using (account_id, session_id)
        """
    }

    /// Periods that count from the making of something begin with a whole millisecond, as answers
    /// tell it: what is announced for an instant is so at that instant.
    static func accounts(_ ids: [String]) -> SQL {
        """
        select a.account_id, coalesce(h.revision, 0) as revision,
               coalesce(h.at, a.created_at) as changed_at, a.clock_at, a.blocked_at,
               a.blocked_until, a.timezone, a.previous_timezone, a.timezone_changed_at,
               nullif(a.attributes, '{}') as attributes,
               date_trunc('milliseconds', a.created_at) as created_at,
               (select jsonb_agg(\(raw: grantFields))
                  from (select * from access_grant
                         where account_id = a.account_id and user_id is null
                           and session_id is null
                         order by \(raw: grantOrder)) as g) as grants,
               (select jsonb_object_agg(l.feature_id, l.value)
                  from level l
                 where l.account_id = a.account_id) as levels,
               (select jsonb_object_agg(c.feature_id, c.assigned)
                  from seat_count c
                 where c.account_id = a.account_id) as seats,
               (select jsonb_agg(\(raw: creditFields))
                  from (select *, least(until_at, voided_at) as over_at from credit
                         where account_id = a.account_id and not pending
                           and (until_at is null
                                or until_at > account_now(a.account_id) - \(raw: creditSlack))
                           and (voided_at is null
                                or voided_at > account_now(a.account_id) - \(raw: creditSlack))
                         order by until_at
                         limit \(raw: String(Limits.creditsRead))) as c) as credits
          from unnest(\(ids)::text[]) as wanted (account_id)
          join account a using (account_id)
          left join chain_head h using (account_id)
        """
    }

    static func subscriptions(_ ids: [String]) -> SQL {
        """
        select s.account_id, \(raw: subscriptionColumns),
               date_trunc('milliseconds', coalesce(s.period_anchor, s.period_start, s.trial_end,
                   s.starts_at, s.held_since, s.created_at)) as quota_anchor,
               date_trunc('milliseconds', coalesce(s.trial_start, s.starts_at, s.held_since))
                   as held_since
          from unnest(\(ids)::text[]) as wanted (account_id)
          join subscription s using (account_id)
         order by s.account_id, s.created_at, s.subscription_id
        """
    }

    /// What decisions read of a subscription; `Subscription.init(_: Row)` reads it by name.
    static let subscriptionColumns = """
        subscription_id, plan_id, version, status, quantity, starts_at, trial_start, trial_end, \
        trial_at_end, payment_method, period_start, period_end, past_due_since, cancel_at, \
        ended_at, paused_from, paused_until, next_plan_id, next_version, change_at, \
        next_quantity, quantity_at
        """

    /// The order of the indexes, and a bound: an account with a long history holds up nobody.
    ///
    /// Live grants are bounded when they are made; denies come first in any case.
    private static let grantOrder = """
        effect desc, until_at desc nulls first limit \(Limits.grantsRead)
        """

    /// How long a credit that ended still matters: an event that comes late may have been paid by it,
    /// and a test clock may be set back.
    private static let creditSlack = "interval '\(Limits.lateEvents.components.seconds) seconds'"

    /// A credit as a JSON array; `MeterTerms.Credit.init(_: JSON)` reads it.
    private static let creditFields = """
        jsonb_build_array(c.credit_id, c.feature_id, c.amount, c.priority, c.promotional, \
        (extract(epoch from c.from_at) * 1000000)::bigint, \
        (extract(epoch from c.over_at) * 1000000)::bigint, c.every, c.count, \
        c.rollover_min, c.rollover_max, (extract(epoch from c.created_at) * 1000000)::bigint)
        """

    /// A grant as a JSON array, its instants in microseconds; `Grant.init(_: JSON)` reads it.
    private static let grantFields = """
        jsonb_build_array(g.grant_id, g.feature_id, g.effect, g.mode, g.value, \
        g.limit_units, g.unlimited, g.user_id, g.session_id, \
        (extract(epoch from g.from_at) * 1000000)::bigint, \
        (extract(epoch from g.until_at) * 1000000)::bigint, \
        (extract(epoch from g.created_at) * 1000000)::bigint)
        """
}

extension Barrier {
    /// Reads the rows of `BarrierStatements.read`; there is always at least one.
    init(_ rows: Rows) throws {
        // Rows come in no order once there are those of meters.
        guard let first = try rows.first(where: { try $0.textIfPresent(1) != nil }) else {
            throw BarrierProblem.noRow
        }
        guard let token = try first.textIfPresent(0) else { throw BarrierProblem.incompleteToken }
        guard !token.contains("/r/") else { throw BarrierProblem.standby }
        position = BarrierPosition(token: token, snapshot: try first.text(1))
        at = Instant(microseconds: try first.int64(2))
        feedReachesBack = try first.bool(3)
        changes = try rows.compactMap(FeedChange.init)
        guard first.width > BarrierStatements.barrierColumns else { return }
        for row in rows {
            do {
                let read = try MeterRow.read(row, from: BarrierStatements.barrierColumns)
                if let read { loaded.meters[read.key] = read.row.meter }
            } catch let unreadable as UnreadableMeter {
                loaded.closedMeters.insert(unreadable.key)
            }
        }
    }
}

extension FeedChange {
    /// The feed's columns of a barrier row; null where nothing changed.
    init?(_ row: Row) throws {
        guard let account = try row.textIfPresent(4) else { return nil }
        let revision = try row.int64(6)
        switch (account, try row.textIfPresent(5)) {
        case ("*", _): self = .everything
        case ("", _): self = .configuration
        case (_, nil): self = .account(id: account, revision: revision)
        case (_, let session?):
            self = .session(
                id: session,
                account: account,
                revision: revision,
                at: Instant(microseconds: try row.microseconds(7))
            )
        }
    }
}

/// A barrier that must not be used.
enum BarrierProblem: Error, CustomStringConvertible {
    case noRow, incompleteToken, standby

    var description: String {
        switch self {
        case .noRow:
            "the barrier read returned no row"
        case .incompleteToken:
            "the database role may not see the server's identity: grant pg_read_all_stats to it"
        case .standby:
            "the database is a standby: checks read the primary (target_session_attrs=read-write)"
        }
    }
}
