import Postgres
import TestSupport
import Testing

/// What each change does to `chain_head` must not grow with the number of accounts.
///
/// A text's collation is part of whether an index serves it, and the trigger hands on texts that
/// come from a table's name: with the wrong one, every change read every account's head.
@Suite(.database, .timeLimit(.minutes(5))) struct `A change on a large database` {
    @Test func `finds its chain's head by the index`() async throws {
        let shop = try await Shop()
        try await shop.addCounted()
        let session = try await shop.open("acme")
        try await shop.run(
            """
            insert into chain_head
            select 'filler' || n, 1, now(), '' from generate_series(1, 50000) as n;
            analyze chain_head;
            """
        )
        let connection = try await shop.connect()
        try await connection.execute(
            script: """
                begin;
                do $$
                begin
                    for n in 1..100 loop
                        update subscription set quantity = n + 1 where account_id = 'acme';
                    end loop;
                end $$;
                insert into access_grant (account_id, feature_id, effect, user_id)
                values ('acme', 'sso', 'deny', 'ann');
                insert into seat (account_id, feature_id, user_id) values ('acme', 'seats', 'ann');
                insert into level values ('acme', 'storage', 1);
                update session set revoked_at = now() where session_id = '\(session)';
                """
        )
        // Of this transaction alone, and exact at once.
        let scans = try await connection.query(
            """
            select seq_scan, idx_scan from pg_stat_xact_user_tables where relname = 'chain_head'
            """
        )
        #expect(try scans[0].int64("seq_scan") == 0)
        #expect(try scans[0].int64("idx_scan") >= 2 * 104)
        try await connection.execute(script: "rollback")
    }
}
