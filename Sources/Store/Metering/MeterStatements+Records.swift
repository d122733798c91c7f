package import Entitlements
import Postgres

/// The records that are written beside the meters, in the same transaction.
extension MeterStatements {
    /// An entry with the version of its meter and its place within that.
    typealias PlacedEntry = (entry: MeterEntry, version: Int64, place: Int)

    /// Adds lines to the ledger.
    static func entries(_ rows: [PlacedEntry]) -> [SQL] {
        let plain = rows.filter(\.entry.isPlain)
        let others = rows.filter { !$0.entry.isPlain }
        return (plain.isEmpty ? [] : [plainEntries(plain)])
            + (others.isEmpty ? [] : [anyEntries(others)])
    }

    /// Nearly all are of units that were taken from a plan's allowance, and each parameter costs.
    private static func plainEntries(_ rows: [PlacedEntry]) -> SQL {
        let entries = rows.map(\.entry)
        let keys = MeterColumns(entries.map(\.key))
        return SQL(
            text: plainText,
            parameters: keys.parameters + [
                rows.map(\.version).postgresParameter, rows.map(\.place).postgresParameter,
                entries.map(\.at.microseconds).postgresParameter,
                entries.map(\.user).postgresParameter, entries.map(\.units).postgresParameter,
                entries.map(\.requests).postgresParameter, entries.map(\.author).postgresParameter,
            ]
        )
    }

    private static let plainText = """
        insert into meter_entry (account_id, subject, feature_id, version, place, at, kind,
            user_id, units, requests, author, number)
        select account_id, subject, feature_id, version, place, moment(at), 'consume',
               user_id, units, requests, author, \(number)
          from unnest($1::text[], $2::text[], $3::text[], $4::bigint[], $5::int[], $6::bigint[],
                $7::text[], $8::bigint[], $9::int[], $10::text[])
               as g (account_id, subject, feature_id, version, place, at, user_id, units, requests,
                author)
        """

    /// `ledger_number()`, written out: a function's text would be read again by each statement.
    private static let number = """
        pg_current_xact_id()::text::bigint + (select shift from usage_rollup)
        """

    private static func anyEntries(_ rows: [PlacedEntry]) -> SQL {
        let entries = rows.map(\.entry)
        let keys = MeterColumns(entries.map(\.key))
        return """
            insert into meter_entry (account_id, subject, feature_id, version, place, at, kind,
                user_id, units, held, requests, is_share, parts, reference, via, reason, author,
                number)
            select account_id, subject, feature_id, version, place, moment(at), kind,
                   coalesce(user_id, r.lapsed_user), units, held, requests, is_share, parts,
                   reference, coalesce(via, r.lapsed_via), reason, author, \(raw: number)
              from unnest(\(keys.accounts)::text[], \(keys.subjects)::text[],
                    \(keys.features)::text[], \(rows.map(\.version))::bigint[],
                    \(rows.map(\.place))::int[], \(entries.map(\.at.microseconds))::bigint[],
                    \(entries.map(\.kind.rawValue))::text[], \(entries.map(\.user))::text[],
                    \(entries.map(\.units))::bigint[], \(entries.map(\.held))::bigint[],
                    \(entries.map(\.requests))::int[], \(entries.map(\.isShare))::boolean[],
                    \(entries.map(\.partsText))::jsonb[],
                    \(entries.map(\.reference))::text[], \(entries.map(\.via))::text[],
                    \(entries.map(\.reason))::text[], \(entries.map(\.author))::text[])
                   as g (account_id, subject, feature_id, version, place, at, kind, user_id,
                    units, held, requests, is_share, parts, reference, via, reason, author)
              \(raw: lapsed)
            """
    }

    /// Tells what lapsed as it was held, whoever comes upon it: for the same user, and not once more
    /// for a share.
    ///
    /// Reservations are looked up for nothing else.
    private static let lapsed = """
        left join lateral (
            select l.user_id as lapsed_user,
                   nullif(l.feature_id, g.feature_id) as lapsed_via,
                   (select m ->> 0
                      from jsonb_array_elements(l.meters) with ordinality as e (m, n)
                     where m ->> 1 = g.feature_id
                     order by n
                     limit 1) as told_subject
              from reservation l
             where g.kind = 'lapse' and l.account_id = g.account_id
               and l.reservation_id = g.reference
             limit 1
        ) r on true
         where coalesce(told_subject, subject) = subject
        """

    static func insert(_ consumptions: [(id: ConsumeClaim.ID, row: Consumption)]) -> SQL {
        """
        insert into consume_key (account_id, key, fingerprint, answer, takes)
        select * from unnest(\(consumptions.map(\.id.account))::text[],
            \(consumptions.map(\.id.key))::text[], \(consumptions.map(\.row.fingerprint))::bytea[],
            \(consumptions.map(\.row.answer))::text[],
            \(consumptions.map { $0.row.takes?.description })::jsonb[])
        """
    }

    static func refund(_ refunds: [(id: ConsumeClaim.ID, refunded: JSON)]) -> SQL {
        """
        update consume_key k
           set refunded = g.refunded
          from unnest(\(refunds.map(\.id.account))::text[], \(refunds.map(\.id.key))::text[],
                \(refunds.map(\.refunded.description))::jsonb[]) as g (account_id, key, refunded)
         where k.account_id = g.account_id and k.key = g.key
        """
    }

    /// Writes reservations; ends the transaction where somebody ended one of them meanwhile.
    static func put(_ rows: [Reservation]) -> SQL {
        """
        with wrote as (
            insert into reservation as r (account_id, reservation_id, feature_id, session_id,
                user_id, units, meters, state, settled_units, expires_at, created_at, settled_at)
            select account_id, reservation_id, feature_id, session_id, user_id, units, meters,
                   state, settled_units, moment(expires_at), moment(created_at),
                   moment(settled_at)
              from unnest(\(rows.map(\.key.account))::text[], \(rows.map(\.key.id))::text[],
                    \(rows.map(\.feature))::text[], \(rows.map(\.session))::text[],
                    \(rows.map(\.user))::text[], \(rows.map(\.units))::bigint[],
                    \(rows.map { JSON(places: $0.places).description })::jsonb[],
                    \(rows.map(\.state.rawValue))::text[],
                    \(rows.map(\.settledUnits))::bigint[],
                    \(rows.map(\.expiresAt.microseconds))::bigint[],
                    \(rows.map(\.createdAt.microseconds))::bigint[],
                    \(rows.map { $0.settledAt?.microseconds })::bigint[])
                   as g (account_id, reservation_id, feature_id, session_id, user_id, units,
                    meters, state, settled_units, expires_at, created_at, settled_at)
            on conflict (account_id, reservation_id) do update
               set state = excluded.state, settled_units = excluded.settled_units,
                   settled_at = excluded.settled_at, expires_at = excluded.expires_at
             where r.state = 'held'
            returning 1
        )
        select require_count((select count(*) from wrote), \(Int64(rows.count))::bigint,
            'reservations')
        """
    }

    static func insert(_ events: [UsageEventKey]) -> SQL {
        """
        insert into usage_event (account_id, source, event_id)
        select * from unnest(\(events.map(\.account))::text[], \(events.map(\.source))::text[],
            \(events.map(\.id))::text[])
        """
    }

    static func notices(_ rows: [QuotaNotice]) -> SQL {
        let keys = MeterColumns(rows.map(\.key))
        return """
            insert into outbox (account_id, subject, feature_id, kind, body, at)
            select account_id, subject, feature_id, kind, body, moment(at)
              from unnest(\(keys.accounts)::text[], \(keys.subjects)::text[],
                    \(keys.features)::text[], \(rows.map(\.kind.rawValue))::text[],
                    \(rows.map(\.body.description))::jsonb[],
                    \(rows.map(\.at.microseconds))::bigint[])
                   as g (account_id, subject, feature_id, kind, body, at)
            """
    }
}

extension MeterEntry {
    /// Whether it says nothing but who took how much.
    fileprivate var isPlain: Bool {
        kind == .consume && held == 0 && !isShare && parts == nil && reference == nil && via == nil
            && reason == nil
    }

    fileprivate var partsText: String? { parts.map { JSON(parts: $0).description } }
}

extension JSON {
    /// Parts as the ledger has them: `[["base", 5], …]`.
    package init(parts: [Meter.Part]) {
        self = .array(parts.map { .array([.string($0.slot), .integer($0.units)]) })
    }

    /// The parts of a ledger's line; nil for anything else.
    package var meterParts: [Meter.Part]? {
        guard let array else { return nil }
        var parts: [Meter.Part] = []
        for item in array {
            guard let pair = item.array, pair.count == 2, let slot = pair[0].string,
                let units = pair[1].integer
            else { return nil }
            parts.append(Meter.Part(slot, units))
        }
        return parts
    }
}

extension JSON {
    /// Meters as a reservation has them: `[["user:ada", "calls", 1], …]`.
    fileprivate init(places: [MeterPlace]) {
        self = .array(
            places.map { place in
                .array([
                    .string(place.key.subject), .string(place.key.feature),
                    .integer(place.unitsEach),
                ])
            }
        )
    }

    fileprivate func places(of account: String) -> [MeterPlace]? {
        array?
            .compactMap { item in
                guard let parts = item.array, parts.count == 3, let subject = parts[0].string,
                    let feature = parts[1].string, let unitsEach = parts[2].integer
                else { return nil }
                let key = MeterKey(account: account, subject: subject, feature: feature)
                return MeterPlace(key: key, unitsEach: unitsEach)
            }
    }
}

extension Reservation {
    /// What `init(_: Row)` reads, of the table as `r`.
    static let columns = """
        r.account_id, r.reservation_id, r.feature_id, r.session_id, r.user_id, r.units, r.meters, \
        r.state, r.settled_units, r.expires_at, r.created_at, r.settled_at
        """

    init(_ row: Row) throws {
        let account = try row.text("account_id")
        self.init(
            key: ReservationKey(account: account, id: try row.text("reservation_id")),
            feature: try row.text("feature_id"),
            session: try row.textIfPresent("session_id"),
            user: try row.textIfPresent("user_id"),
            units: try row.int64("units"),
            places: try row.json("meters").places(of: account) ?? [],
            state: try row.word("state"),
            settledUnits: try row.int64IfPresent("settled_units"),
            expiresAt: try row.instant("expires_at"),
            createdAt: try row.instant("created_at"),
            settledAt: try row.instantIfPresent("settled_at")
        )
    }
}

extension Consumption {
    init(_ row: Row) throws {
        self.init(
            fingerprint: try row.bytes("fingerprint"),
            answer: try row.text("answer"),
            takes: try row.jsonIfPresent("takes"),
            refunded: try row.jsonIfPresent("refunded")
        )
    }
}
