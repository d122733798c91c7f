package import Entitlements
package import Postgres

/// A seat: one user of an account who may use a `seats` feature.
package struct SeatRecord: Sendable, Equatable {
    package let feature: String
    package let user: String
    package let assignedAt: Instant
}

extension Store {
    package func seat(
        of user: String,
        feature: String,
        account: String,
        on connection: Connection
    ) async throws -> SeatRecord? {
        try await connection
            .query(
                """
                select \(raw: Self.seatColumns)
                  from seat
                 where account_id = \(account) and feature_id = \(feature) and user_id = \(user)
                """
            )
            .first.map(SeatRecord.init)
    }

    /// Seats of a feature by user, from the one after `cursor`.
    package func seats(
        of feature: String,
        account: String,
        after cursor: String?,
        size: Int,
        on connection: Connection
    ) async throws -> Page<SeatRecord> {
        let rows = try await connection.query(
            """
            select \(raw: Self.seatColumns)
              from seat
             where account_id = \(account) and feature_id = \(feature)
               and user_id > \(cursor ?? "")
             order by user_id
             limit \(size + 1)
            """
        )
        return Page(rows: try rows.map(SeatRecord.init), size: size) { $0.user }
    }

    /// Nil: the user has a seat already.
    package func insert(
        seat user: String,
        feature: String,
        account: String,
        on connection: Connection
    ) async throws -> SeatRecord? {
        do {
            return
                try await connection.query(
                    """
                    insert into seat (account_id, feature_id, user_id)
                    values (\(account), \(feature), \(user))
                    on conflict (account_id, feature_id, user_id) do nothing
                    returning \(raw: Self.seatColumns)
                    """
                )
                .first.map(SeatRecord.init)
        } catch let error as PostgresError {
            throw StoreRefusal(counting: feature, account: account, error) ?? error
        }
    }

    /// Tells whether the user had one.
    package func delete(
        seat user: String,
        feature: String,
        account: String,
        on connection: Connection
    ) async throws -> Bool {
        try await connection
            .query(
                """
                delete from seat
                 where account_id = \(account) and feature_id = \(feature) and user_id = \(user)
                """
            )
            .affected > 0
    }

    private static let seatColumns = "feature_id, user_id, assigned_at"
}

extension SeatRecord {
    fileprivate init(_ row: Row) throws {
        feature = try row.text("feature_id")
        user = try row.text("user_id")
        assignedAt = try row.instant("assigned_at")
    }
}

extension StoreRefusal {
    /// Why a row of `seat` or `level` was refused; nil for what nobody expected.
    init?(counting feature: String, account: String, _ error: PostgresError) {
        switch error.constraint {
        case "seat_account_id_fkey", "level_account_id_fkey": self = .unknownAccount(account)
        case "seat_feature_id_fkey", "level_feature_id_fkey": self = .unknownFeature(feature)
        case "seat_feature_type", "level_feature_type": self = .wrongFeatureType(feature)
        default: return nil
        }
    }
}
