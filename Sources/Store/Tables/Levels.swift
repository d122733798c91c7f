package import Postgres

/// How much of each `level` feature an account has in use.
extension Store {
    /// Keeps a level as it is to the end of the transaction; asked before the account is locked,
    /// in the order in which a statement typed by hand locks the two.
    package func lock(
        level feature: String,
        account: String,
        on connection: Connection
    ) async throws {
        _ = try await connection.query(
            """
            select from level
             where account_id = \(account) and feature_id = \(feature)
               for update
            """
        )
    }

    package func put(
        level value: Int64,
        feature: String,
        account: String,
        on connection: Connection
    ) async throws {
        do {
            _ = try await connection.query(
                """
                insert into level (account_id, feature_id, value)
                values (\(account), \(feature), \(value))
                on conflict (account_id, feature_id) do update set value = excluded.value
                """
            )
        } catch {
            throw StoreRefusal(counting: feature, account: account, error) ?? error
        }
    }
}
