package import Entitlements
package import Postgres

extension Store {
    /// Accounts with all that decisions about them depend on, read as checks read them, and the
    /// database's time of the reading.
    ///
    /// Those that are not there are left out.
    package func states(
        ofAccounts ids: [String],
        on connection: Connection
    ) async throws -> (accounts: [String: Account], clock: Instant) {
        let answers = try await connection.pipeline([
            BarrierStatements.accounts(ids), BarrierStatements.subscriptions(ids),
        ])
        var reader = RowReader()
        let accounts = Account.read(answers[0], subscriptions: answers[1], by: &reader)
        return (
            Dictionary(uniqueKeysWithValues: accounts.map { ($0.id, $0) }),
            try await now(on: connection)
        )
    }
}
