package import Entitlements
import Postgres

/// Reservations and leases as they are told; the writer of meters changes them.
extension Store {
    package func reservation(_ key: ReservationKey) async throws -> Reservation? {
        let rows = try await pool.query(MeterStatements.reservations([key]))
        return try rows.first.map(Reservation.init)
    }

    /// The leases of an account that hold at an instant, by their ids; the cursor is the last id of
    /// the page before.
    package func leases(
        of account: String,
        feature: String?,
        at instant: Instant,
        after cursor: String?,
        size: Int
    ) async throws -> Page<Reservation> {
        let rows = try await pool.query(
            """
            select \(raw: Reservation.columns)
              from reservation r
             where r.account_id = \(account) and r.state = 'held'
               and r.reservation_id like 'lea\\_%'
               and r.expires_at > moment(\(instant.microseconds))
               and (\(feature)::text is null or r.feature_id = \(feature))
               and r.reservation_id > \(cursor ?? "")
             order by r.reservation_id
             limit \(size + 1)
            """
        )
        return Page(rows: try rows.map(Reservation.init), size: size, cursor: \.key.id)
    }

    /// What is kept of a request that was carried out under a key.
    package func consumption(_ id: ConsumeClaim.ID) async throws -> Consumption? {
        let rows = try await pool.query(MeterStatements.consumptions([id]))
        return try rows.first.map(Consumption.init)
    }
}
