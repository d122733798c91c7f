import Entitlements
import Postgres

/// What the writer of meters sends; each text is the same every time, and prepared once.
///
/// Instants go as microseconds (`moment`), which is shorter to write and to read than a date.
enum MeterStatements {
    static let begin: SQL = "begin"
    static let commit: SQL = "commit"
    static let rollback: SQL = "rollback"

    static func read(_ keys: [MeterKey], locking: Bool) -> SQL {
        SQL(text: locking ? lockText : readText, parameters: MeterColumns(keys).parameters)
    }

    private static let readText = """
        select \(MeterRow.columns)
          from unnest($1::text[], $2::text[], $3::text[]) as w (account_id, subject, feature_id)
          join meter m using (account_id, subject, feature_id)
        """
    // Locked in the order in which all who write several lock them.
    private static let lockText = """
        select \(MeterRow.columns)
          from unnest($1::text[], $2::text[], $3::text[])
               with ordinality as w (account_id, subject, feature_id, place)
          join meter m using (account_id, subject, feature_id)
         order by w.place
           for update of m
        """

    /// Those that nobody else has locked; the locks go with the statement's own transaction.
    static func readUnlocked(_ keys: [MeterKey]) -> SQL {
        SQL(text: lockText + " skip locked", parameters: MeterColumns(keys).parameters)
    }

    static func consumptions(_ ids: [ConsumeClaim.ID]) -> SQL {
        """
        select k.account_id, k.key, k.fingerprint, k.answer, k.takes, k.refunded
          from unnest(\(ids.map(\.account))::text[], \(ids.map(\.key))::text[])
               as w (account_id, key)
          join consume_key k using (account_id, key)
        """
    }

    static func reservations(_ keys: [ReservationKey]) -> SQL {
        """
        select \(raw: Reservation.columns)
          from unnest(\(keys.map(\.account))::text[], \(keys.map(\.id))::text[])
               as w (account_id, reservation_id)
          join reservation r using (account_id, reservation_id)
        """
    }

    static func events(_ keys: [UsageEventKey]) -> SQL {
        """
        select e.account_id, e.source, e.event_id
          from unnest(\(keys.map(\.account))::text[], \(keys.map(\.source))::text[],
                \(keys.map(\.id))::text[]) as w (account_id, source, event_id)
          join usage_event e using (account_id, source, event_id)
        """
    }

    // MARK: Writing

    /// Writes meters; ends the transaction where one is not as it was known.
    static func write(_ writes: [MeterWrite]) -> [SQL] {
        let groups = [
            (texts: countText, writes.filter(\.isCount), \[MeterWrite].countParameters),
            (texts: updateText, writes.filter(\.isUpdate), \[MeterWrite].parameters),
            (texts: insertText, writes.filter(\.isNew), \[MeterWrite].parameters),
        ]
        return groups.filter { !$0.1.isEmpty }
            .map { SQL(text: $0.0, parameters: $0.1[keyPath: $0.2]) }
    }

    /// Nearly always only what was counted is another, and each parameter costs.
    private static let countText = """
        with wrote as (
            update meter m
               set version = g.version, at = moment(g.at), used = g.used
              from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[],
                    $6::bigint[]) as g (account_id, subject, feature_id, version, at, used)
             where m.account_id = g.account_id and m.subject = g.subject
               and m.feature_id = g.feature_id and m.version = g.version - 1
            returning 1
        )
        select require_count((select count(*) from wrote), cardinality($4::bigint[]), 'meters')
        """
    private static let given = """
        unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::bigint[], $6::bigint[],
            $7::bigint[], $8::bigint[], $9::bigint[], $10::bigint[], $11::bigint[], $12::text[],
            $13::bigint[], $14::jsonb[])
        as g (account_id, subject, feature_id, version, at, used, overage, previous, period_start,
            period_end, whole_at, source, seen_limit, detail)
        """
    private static let updateText = """
        with wrote as (
            update meter m
               set version = g.version, at = moment(g.at), used = g.used, overage = g.overage,
                   previous = g.previous, period_start = moment(g.period_start),
                   period_end = moment(g.period_end), whole_at = moment(g.whole_at),
                   source = g.source, seen_limit = g.seen_limit, detail = g.detail
              from \(given)
             where m.account_id = g.account_id and m.subject = g.subject
               and m.feature_id = g.feature_id and m.version = g.version - 1
            returning 1
        )
        select require_count((select count(*) from wrote), cardinality($4::bigint[]), 'meters')
        """
    private static let insertText = """
        insert into meter (account_id, subject, feature_id, version, at, used, overage, previous,
            period_start, period_end, whole_at, source, seen_limit, detail)
        select g.account_id, g.subject, g.feature_id, g.version, moment(g.at), g.used, g.overage,
               g.previous, moment(g.period_start), moment(g.period_end), moment(g.whole_at),
               g.source, g.seen_limit, g.detail
          from \(given)
        """

    /// Ends the transaction where a meter that was only read is not as it was known.
    static func verify(_ rows: [(key: MeterKey, version: Int64?)]) -> SQL {
        let keys = MeterColumns(rows.map(\.key))
        return """
            select require_count(
                (select count(*)
                   from unnest(\(keys.accounts)::text[], \(keys.subjects)::text[],
                        \(keys.features)::text[], \(rows.map { $0.version ?? 0 })::bigint[])
                        as w (account_id, subject, feature_id, version)
                   left join meter m using (account_id, subject, feature_id)
                  where coalesce(m.version, 0) = w.version),
                \(Int64(rows.count))::bigint, 'meters')
            """
    }

    /// Ends the transaction where one of these keys was used before.
    static func verifyUnused(_ ids: [ConsumeClaim.ID]) -> SQL {
        """
        select require_count(
            (select count(*)
               from unnest(\(ids.map(\.account))::text[], \(ids.map(\.key))::text[])
                    as w (account_id, key)
               join consume_key k using (account_id, key)),
            0::bigint, 'keys')
        """
    }
}

/// A meter as it is to be written.
struct MeterWrite {
    let key: MeterKey
    let meter: Meter
    let version: Int64
    /// As it was known; nil where there is no row of it yet.
    let before: Meter?
    /// Whether nothing but what was counted is another.
    let isCount: Bool

    init(key: MeterKey, meter: Meter, version: Int64, before: Meter?) {
        self.key = key
        self.meter = meter
        self.version = version
        self.before = before
        var counted = before
        counted?.at = meter.at
        counted?.used = meter.used
        isCount = counted == meter
    }

    var isNew: Bool { before == nil }
    var isUpdate: Bool { !isNew && !isCount }
}

extension [MeterWrite] {
    fileprivate var countParameters: [Parameter] {
        [
            map(\.key.account).postgresParameter, map(\.key.subject).postgresParameter,
            map(\.key.feature).postgresParameter, map(\.version).postgresParameter,
            map(\.meter.at.microseconds).postgresParameter, map(\.meter.used).postgresParameter,
        ]
    }

    fileprivate var parameters: [Parameter] {
        // Of a rate, the time at which its burst is whole again has a column of its own: it
        // changes with every use, and the other one has an index.
        let isWindow = map { $0.meter.periodStart != nil }
        let ends = zip(self, isWindow).map { $1 ? $0.meter.periodEnd?.microseconds : nil }
        let wholes = zip(self, isWindow).map { $1 ? nil : $0.meter.periodEnd?.microseconds }
        return [
            map(\.key.account).postgresParameter, map(\.key.subject).postgresParameter,
            map(\.key.feature).postgresParameter, map(\.version).postgresParameter,
            map(\.meter.at.microseconds).postgresParameter, map(\.meter.used).postgresParameter,
            map(\.meter.over).postgresParameter, map(\.meter.previous).postgresParameter,
            map { $0.meter.periodStart?.microseconds }.postgresParameter,
            ends.postgresParameter, wholes.postgresParameter,
            map(\.meter.source).postgresParameter, map(\.meter.seenLimit).postgresParameter,
            map { $0.meter.detail?.json.description }.postgresParameter,
        ]
    }
}
