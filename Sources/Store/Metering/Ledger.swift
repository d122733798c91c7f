package import Entitlements
import Postgres

/// A line of the ledger as it is shown.
package struct LedgerRecord: Sendable, Equatable {
    package let at: Instant
    package let kind: MeterEntry.Kind
    package let feature: String
    package let subject: String
    package let user: String?
    package let units: Int64
    package let held: Int64
    package let requests: Int64
    /// Where the units came from, or went back to; nil where all were the plan's.
    package let parts: [Meter.Part]?
    package let reference: String?
    package let via: String?
    package let reason: String?
    package let author: String?
    let version: Int64
    let place: Int64
}

/// Which lines of an account's ledger are wanted.
package struct LedgerFilter: Sendable, Equatable {
    package var feature: String?
    package var user: String?
    /// From when on, and until when, by the account's time.
    package var from: Instant?
    package var to: Instant?

    package init(
        feature: String? = nil,
        user: String? = nil,
        from: Instant? = nil,
        to: Instant? = nil
    ) {
        self.feature = feature
        self.user = user
        self.from = from
        self.to = to
    }
}

/// The place of a line in the list of an account's, the newest first: its cursor.
package struct LedgerPlace: Sendable, Equatable {
    fileprivate let at: Instant
    fileprivate let version: Int64
    fileprivate let place: Int64
    fileprivate let feature: String
    fileprivate let subject: String

    /// Nil for what no list ever gave.
    package init?(_ cursor: String) {
        let parts = cursor.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 5, let microseconds = Int64(parts[0]), let version = Int64(parts[1]),
            let place = Int64(parts[2]),
            (Instant.earliestWritten.microseconds...Instant.latestWritten.microseconds)
                .contains(microseconds)
        else { return nil }
        at = Instant(microseconds: microseconds)
        self.version = version
        self.place = place
        feature = String(parts[3])
        subject = String(parts[4])
    }

    /// No name holds a slash.
    fileprivate static func cursor(_ record: LedgerRecord) -> String {
        "\(record.at.microseconds)/\(record.version)/\(record.place)/"
            + "\(record.feature)/\(record.subject)"
    }
}

extension Store {
    /// Lines of an account's ledger, the newest first, from the one after a place.
    package func ledger(
        of account: String,
        _ filter: LedgerFilter,
        after place: LedgerPlace?,
        size: Int
    ) async throws -> Page<LedgerRecord> {
        let rows = try await pool.query(
            Self.ledger(of: account, filter, after: place, size: size)
        )
        return Page(rows: try rows.map(LedgerRecord.init), size: size, cursor: LedgerPlace.cursor)
    }

    /// Of each feature its newest lines by the index, and of those the newest: no length of the
    /// ledger makes a page slower.
    static func ledger(
        of account: String,
        _ filter: LedgerFilter,
        after place: LedgerPlace?,
        size: Int
    ) -> SQL {
        let features: SQL =
            filter.feature.map { "(values (\($0))) as f (feature_id)" } ?? "feature f"
        let isUser: SQL = filter.user.map { "and e.user_id = \($0)" } ?? ""
        let isFurther: SQL =
            place.map { place in
                """
                and e.at <= \(instant: place.at)
                and (e.at, e.feature_id, e.subject, e.version, e.place)
                    < (\(instant: place.at), \(place.feature), \(place.subject),
                       \(place.version), \(place.place))
                """
            } ?? ""
        return """
            select n.*
              from \(features)
             cross join lateral (
                    select \(raw: ledgerColumns)
                      from meter_entry e
                     where e.account_id = \(account) and e.feature_id = f.feature_id
                       and e.at >= \(instant: filter.from ?? .earliestWritten)
                       and e.at < \(instant: filter.to ?? .latestWritten)
                       \(isUser)
                       \(isFurther)
                     order by \(raw: ledgerOrder)
                     limit \(size + 1)) as n
             order by \(raw: ledgerOrder)
             limit \(size + 1)
            """
    }

    private static let ledgerColumns = """
        e.at, e.kind, e.feature_id, e.subject, e.user_id, e.units, e.held, e.requests, e.parts, \
        e.reference, e.via, e.reason, e.author, e.version, e.place
        """
    private static let ledgerOrder = """
        at desc, feature_id desc, subject desc, version desc, place desc
        """
}

extension LedgerRecord {
    fileprivate init(_ row: Row) throws {
        at = try row.instant("at")
        kind = try row.word("kind")
        feature = try row.text("feature_id")
        subject = try row.text("subject")
        user = try row.textIfPresent("user_id")
        units = try row.int64("units")
        held = try row.int64("held")
        requests = try row.int64("requests")
        parts = try row.jsonIfPresent("parts")?.meterParts
        reference = try row.textIfPresent("reference")
        via = try row.textIfPresent("via")
        reason = try row.textIfPresent("reason")
        author = try row.textIfPresent("author")
        version = try row.int64("version")
        place = try row.int64("place")
    }
}
