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

    fileprivate init(account: Account, clock: Instant, live: LiveConfiguration) {
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
        case .boolean, .config, .metered, .rate: break
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
        let lock: SQL = "select from chain_head where account_id = \(account) for update"
        let answers = try await connection.pipeline([lock] + Self.stateStatements(of: account))
        return try Self.state(of: account, answers.dropFirst(), live: live)
    }

    /// An account's state as the transaction sees it.
    ///
    /// - Throws: `StoreRefusal.unknownAccount`.
    package func state(
        of account: String,
        live: LiveConfiguration,
        on connection: Connection
    ) async throws -> AccountState {
        let answers = try await connection.pipeline(Self.stateStatements(of: account))
        return try Self.state(of: account, answers[...], live: live)
    }

    private static func stateStatements(of account: String) -> [SQL] {
        [
            BarrierStatements.accounts([account]), BarrierStatements.subscriptions([account]),
            "select clock_timestamp() as now",
        ]
    }

    private static func state(
        of account: String,
        _ answers: ArraySlice<Rows>,
        live: LiveConfiguration
    ) throws -> AccountState {
        let answers = Array(answers)
        var reader = RowReader()
        let accounts = Account.read(answers[0], subscriptions: answers[1], by: &reader)
        guard let found = accounts.first, let row = answers[2].first else {
            throw StoreRefusal.unknownAccount(account)
        }
        return AccountState(account: found, clock: try row.instant("now"), live: live)
    }
}
