import Postgres
import Store

/// Writes to two accounts that nobody else writes to, in every way in which Postgres commits, and
/// acknowledges each commit at once when it returned.
struct FreshnessWriter: Sendable {
    enum Way: CaseIterable {
        case statement, severalRows, outOfOrder, rolledBackInPart, manySubtransactions, prepared
    }

    let shop: Shop
    let accounts: [String]
    let acknowledged: Acknowledged
    /// Returns when each reader has looked once more: its position is past whatever is open now.
    let awaitViews: @Sendable () async throws -> Void

    func write(rounds: Int) async throws {
        let connection = try await shop.connect()
        let second = try await shop.connect()
        for round in 0..<rounds {
            for way in Way.allCases {
                try await write(way, round, on: connection, second)
            }
        }
    }

    private func write(
        _ way: Way,
        _ round: Int,
        on connection: Connection,
        _ second: Connection
    ) async throws {
        let first = accounts[round % 2]
        switch way {
        case .statement:
            try await commit(update([first], round), of: [first], on: connection)
        case .severalRows:
            try await commit(update(accounts, round), of: accounts, on: connection)
        case .outOfOrder:
            try await connection.execute(script: "begin; \(update([first], round))")
            let revision = try await revisions(of: [first], on: connection)
            // A later transaction commits, and readers look, while the earlier one is open.
            let other = accounts[1 - round % 2]
            try await commit(update([other], round + 1), of: [other], on: second)
            try await awaitViews()
            try await connection.execute(script: "commit")
            acknowledge(revision)
        case .rolledBackInPart:
            let script = """
                savepoint s; \(FreshnessWorld.updateSession(of: [first]));
                rollback to s; \(FreshnessWorld.updateSubscription(of: [first]));
                savepoint t; \(FreshnessWorld.updateSubscription(of: [first])); release t;
                savepoint u; \(FreshnessWorld.updateSession(of: [first])); rollback to u
                """
            try await commit(script, of: [first], on: connection)
        case .manySubtransactions:
            try await commit(Self.subtransactions(of: first, round), of: [first], on: connection)
        case .prepared:
            try await prepare(first, round, on: connection)
        }
    }

    /// More subtransactions than a backend lists (64), with every other one rolled back.
    private static func subtransactions(of account: String, _ round: Int) -> String {
        """
        do $$
        begin
            for n in 1..70 loop
                begin
                    \(FreshnessWorld.updateSubscription(of: [account]));
                    if n % 2 = \(round % 2) then raise exception 'back'; end if;
                exception when raise_exception then null;
                end;
            end loop;
        end $$
        """
    }

    /// Prepared, looked past by readers, and committed by another session.
    private func prepare(_ account: String, _ round: Int, on connection: Connection) async throws {
        let name = "\(account)_\(UInt64.random(in: 0 ... .max))"
        try await connection.execute(script: "begin; \(update([account], round))")
        let revision = try await revisions(of: [account], on: connection)
        try await connection.execute(script: "prepare transaction '\(name)'")
        try await awaitViews()
        try await shop.run("commit prepared '\(name)'")
        acknowledge(revision)
    }

    private func commit(
        _ script: String,
        of accounts: [String],
        on connection: Connection
    ) async throws {
        try await connection.execute(script: "begin; \(script)")
        let revisions = try await revisions(of: accounts, on: connection)
        try await connection.execute(script: "commit")
        acknowledge(revisions)
    }

    private func update(_ accounts: [String], _ round: Int) -> String {
        round % 3 == 0
            ? FreshnessWorld.updateSession(of: accounts)
            : FreshnessWorld.updateSubscription(of: accounts)
    }

    private func revisions(
        of accounts: [String],
        on connection: Connection
    ) async throws -> [(String, Int64)] {
        try await connection.query(
            """
            select account_id, revision from chain_head
             where account_id = any (\(accounts)::text[])
            """
        )
        .map { (try $0.text("account_id"), try $0.int64("revision")) }
    }

    private func acknowledge(_ revisions: [(String, Int64)]) {
        for (account, revision) in revisions { acknowledged.raise(account, to: revision) }
    }
}

/// Writes to the configuration, together with others: under its lock, as two at once must.
struct ConfigurationWriter: Sendable {
    let shop: Shop
    let acknowledged: Acknowledged

    func write(rounds: Int) async throws {
        let connection = try await shop.connect()
        for round in 0..<rounds {
            let truncates = round % 5 == 4
            let update =
                round % 2 == 0 ? FreshnessWorld.updateFeature : FreshnessWorld.updateKey
            try await connection.execute(
                script: """
                    \(FreshnessWorld.lockConfiguration);
                    \(truncates ? "truncate plan_price;" : "")
                    \(update.dropLast("commit".count))
                    """
            )
            let revision =
                try await
                connection.query(
                    "select revision from chain_head where account_id = ''"
                )[0]
                .int64("revision")
            try await connection.execute(script: "commit")
            acknowledged.raise("", to: revision)
        }
    }
}
