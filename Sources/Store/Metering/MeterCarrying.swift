package import Entitlements
package import Postgres

extension Store {
    /// Carries orders out inside a transaction that changes something else as well, by which their
    /// meters count.
    ///
    /// Only those are locked, to the end of the transaction, that an order changes. The locks come
    /// behind those of accounts; the writer of meters takes none of these. The orders are not
    /// completed: whoever asks knows how it went. Meters that there are not yet are made as of the
    /// instant.
    package func carryOut(
        _ orders: [any MeterOrder],
        at instant: Instant,
        on connection: Connection
    ) async throws {
        let seen = try await batch(of: orders, isLocking: false, on: connection).writes()
        guard !seen.isEmpty else { return }
        let changing = Set(seen.map(\.key))
        let due = orders.filter { $0.keys.contains(where: changing.contains) }
        // Whoever makes one of them at this moment is waited for, and read.
        let absent = seen.filter(\.isNew).map(\.key)
        if !absent.isEmpty {
            _ = try await connection.query(MeterStatements.make(absent, at: instant))
        }
        let batch = try await batch(of: due, isLocking: true, on: connection)
        let statements = batch.statements(writing: batch.writes(), isLocked: true)
        guard !statements.isEmpty else { return }
        _ = try await connection.pipeline(statements)
    }

    private func batch(
        of orders: [any MeterOrder],
        isLocking: Bool,
        on connection: Connection
    ) async throws -> MeterBatch {
        var batch = MeterBatch(orders)
        let reads = MeterReads(batch.missing, orders.map(\.needs), isLocking: isLocking)
        guard !reads.statements.isEmpty else { return batch }
        try reads.tell(try await connection.pipeline(reads.statements), to: &batch)
        batch.apply()
        return batch
    }

    /// Accounts as the transaction sees them, with their times; those that are not there are left
    /// out.
    package func states(
        ofAccounts ids: [String],
        live: LiveConfiguration,
        on connection: Connection
    ) async throws -> [AccountState] {
        let (accounts, clock) = try await states(ofAccounts: ids, on: connection)
        return accounts.values.sorted { $0.id < $1.id }
            .map { AccountState(account: $0, clock: clock, live: live) }
    }
}

extension MeterStatements {
    /// Makes meters on which nothing was counted, where there are none.
    fileprivate static func make(_ keys: [MeterKey], at instant: Instant) -> SQL {
        let keys = MeterColumns(keys)
        return """
            insert into meter (account_id, subject, feature_id, at)
            select account_id, subject, feature_id, moment(\(instant.microseconds)::bigint)
              from unnest(\(keys.accounts)::text[], \(keys.subjects)::text[],
                    \(keys.features)::text[]) as w (account_id, subject, feature_id)
            on conflict do nothing
            """
    }
}
