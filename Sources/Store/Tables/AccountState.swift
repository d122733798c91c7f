package import Entitlements
package import Postgres

/// An account inside a transaction, as a check would read it: what is written there is judged by
/// the same rule.
package struct AccountState: Sendable {
    package let account: Account
    /// The account's time.
    package let at: Instant
    /// The same without any test clock.
    package let now: Instant
    package let live: LiveConfiguration

    /// The same from a barrier's view; nil where there is no such account.
    package init?(_ view: BarrierView) {
        guard let account = view.account else { return nil }
        self.init(account, view)
    }

    private init(_ account: Account, _ view: BarrierView) {
        self.account = account
        at = view.at
        now = view.now
        live = view.live
    }

    init(account: Account, clock: Instant, live: LiveConfiguration) {
        self.init(account, BarrierView(at: clock, account: account, live: live))
    }

    /// Whether a feature is open to the account, whoever of it asks.
    package func decide(_ feature: Feature) -> Decision {
        decide(feature, account)
    }

    /// The same, if so much of the feature were in use.
    package func decide(_ feature: Feature, using amount: Int64) -> Decision {
        var account = account
        switch feature.kind {
        case .level: account.levels[feature.id] = amount
        case .seats: account.seats[feature.id] = amount
        case .boolean, .config, .metered, .rate, .concurrency: break
        }
        return decide(feature, account)
    }

    private func decide(_ feature: Feature, _ account: Account) -> Decision {
        Entitlements.decide(
            account: account,
            configuration: live.configuration,
            feature: feature,
            at: at,
            clock: now
        )
    }
}

extension Store {
    /// An account's state that nobody else changes before this transaction ends.
    ///
    /// Takes the lock that every change of the account takes, so what is judged by it and then
    /// written is judged one after the other.
    ///
    /// - Throws: `StoreRefusal.unknownAccount`.
    package func lockedState(
        of account: String,
        live: LiveConfiguration,
        on connection: Connection
    ) async throws -> AccountState {
        let read = try await read([account], behind: Self.lock([account]), on: connection)
        return try read.state(of: account, live: live)
    }

    /// An account's state as the transaction sees it.
    ///
    /// - Throws: `StoreRefusal.unknownAccount`.
    package func state(
        of account: String,
        live: LiveConfiguration,
        on connection: Connection
    ) async throws -> AccountState {
        try await read([account], on: connection).state(of: account, live: live)
    }

    /// Accounts with all that decisions about them depend on, and the database's time of the reading.
    ///
    /// Those that are not there are left out.
    package func states(
        ofAccounts ids: [String],
        on connection: Connection
    ) async throws -> (accounts: [String: Account], clock: Instant) {
        let read = try await read(ids, on: connection)
        return (read.accounts, read.clock)
    }

    /// Reads accounts as checks read them, in one round trip.
    private func read(
        _ ids: [String],
        behind lock: SQL? = nil,
        on connection: Connection
    ) async throws -> ReadAccounts {
        let statements: [SQL] = [
            BarrierStatements.accounts(ids), BarrierStatements.subscriptions(ids),
            "select clock_timestamp() as now",
        ]
        let answers = try await connection.pipeline((lock.map { [$0] } ?? []) + statements)
            .suffix(statements.count)
        return try ReadAccounts(Array(answers))
    }
}

private struct ReadAccounts {
    let accounts: [String: Account]
    let clock: Instant

    init(_ answers: [Rows]) throws {
        var reader = RowReader()
        let found = Account.read(answers[0], subscriptions: answers[1], by: &reader)
        guard let row = answers[2].first else { throw StoreProblem.vanished }
        accounts = Dictionary(uniqueKeysWithValues: found.map { ($0.id, $0) })
        clock = try row.instant("now")
    }

    func state(of id: String, live: LiveConfiguration) throws -> AccountState {
        guard let account = accounts[id] else { throw StoreRefusal.unknownAccount(id) }
        return AccountState(account: account, clock: clock, live: live)
    }
}
