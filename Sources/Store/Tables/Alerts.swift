package import Entitlements
import Postgres

/// Something that was to be told of a quota.
package struct AlertRecord: Sendable, Equatable {
    package let id: Int64
    package let kind: QuotaNotice.Kind
    package let feature: String
    package let subject: String
    /// When, by the account's time.
    package let at: Instant
    /// `used`, and where it applies `limit`, `threshold` and `period`.
    package let body: JSON
}

extension Store {
    /// What there was to tell of an account, the newest first, from the one before `cursor`.
    package func alerts(
        of account: String,
        before cursor: Int64?,
        size: Int
    ) async throws -> Page<AlertRecord> {
        let rows = try await pool.query(
            """
            select outbox_id, kind, feature_id, subject, at, body
              from outbox
             where account_id = \(account) and outbox_id < \(cursor ?? .max)
             order by outbox_id desc
             limit \(size + 1)
            """
        )
        return Page(rows: try rows.map(AlertRecord.init), size: size) { "\($0.id)" }
    }
}

extension AlertRecord {
    fileprivate init(_ row: Row) throws {
        id = try row.int64("outbox_id")
        kind = try row.word("kind")
        feature = try row.text("feature_id")
        subject = try row.text("subject")
        at = try row.instant("at")
        body = try row.json("body")
    }
}
