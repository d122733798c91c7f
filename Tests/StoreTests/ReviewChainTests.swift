import Entitlements
import Limits
import Postgres
import Store
import TestSupport
import Testing

@Suite(.database, .timeLimit(.minutes(5))) struct `A verification of several chains` {
    let shop: Shop
    private static let accounts = ["anna", "bert", "cleo", "dora"]

    init() async throws {
        shop = try await Shop()
        for account in Self.accounts { try await shop.open(account) }
    }

    private func tamper(_ account: String) async throws {
        try await shop.run(
            """
            begin; set local session_replication_role = replica;
            update change set actor = 'nobody' where account_id = '\(account)' and revision = 2;
            commit
            """
        )
    }

    @Test func `counts them and their changes`() async throws {
        // An account, a subscription and a session each.
        #expect(
            try await shop.store.verify(chains: Self.accounts)
                == .verified(chains: 4, changes: 12)
        )
    }

    @Test func `names the first that is broken`() async throws {
        for account in ["dora", "bert"] { try await tamper(account) }
        for (chains, first) in [
            (Self.accounts, "bert"), (Array(Self.accounts.reversed()), "dora"),
            (["anna", "dora"], "dora"), (["bert"], "bert"),
        ] {
            guard
                case .broken(let account, let revision, _) = try await shop.store.verify(
                    chains: chains
                )
            else {
                Issue.record("\(chains) verified")
                continue
            }
            #expect(account == first && revision == 2)
        }
        #expect(
            try await shop.store.verify(chains: ["anna", "cleo"])
                == .verified(chains: 2, changes: 6)
        )
    }

    /// Under the bounds of a served call, of which a statement has two seconds.
    @Test func `verifies one of five thousand changes`() async throws {
        // A thousand at a time: making them is no call that is served.
        for _ in 1...5 {
            try await shop.run(
                """
                do $$ begin
                    for i in 1..1000 loop
                        update account set name = i::text where account_id = 'anna';
                    end loop;
                end $$
                """
            )
        }
        let pool = Pool(ConnectionSettings(url: shop.url), maximum: 1)
        #expect(
            try await Store(pool: pool).verify(chains: Self.accounts)
                == .verified(chains: 4, changes: 5_012)
        )
        pool.close()
    }

    /// The bound of a statement is not the bound of a verification.
    @Test func `has more time than a call's statement`() async throws {
        let settings = ConnectionSettings(url: shop.url, statementTimeout: .milliseconds(200))
        let pool = Pool(settings, maximum: 1)
        try await shop.run(
            """
            alter function verify_chain(text) rename to verify_chain_at_once;
            create function verify_chain(in_account text)
            returns table (revision bigint, problem text)
            language sql volatile as $$
                select pg_sleep(0.3);
                select * from verify_chain_at_once(in_account)
            $$
            """
        )
        #expect(
            try await Store(pool: pool).verify(chains: ["anna"])
                == .verified(chains: 1, changes: 3)
        )
        pool.close()
    }
}
