import Entitlements
import Postgres
import Store
import TestSupport
import Testing

@Suite(.database, .timeLimit(.minutes(5))) struct `A chain of changes` {
    let shop: Shop

    init() async throws {
        shop = try await Shop()
        for account in ["acme", "other"] {
            try await shop.open(account)
            try await shop.run(
                """
                set usher.actor = 'key:x'; set usher.reason = 'why';
                update account set name = 'a' where account_id = '\(account)';
                update account set name = 'b' where account_id = '\(account)';
                reset usher.actor; reset usher.reason;
                """
            )
        }
    }

    /// What a superuser can do who switches the triggers off.
    private func tamper(_ script: String) async throws {
        try await shop.run(
            "begin; set local session_replication_role = replica; \(script); commit"
        )
    }

    private static let mismatch = "the hash does not match"

    /// Each is undone before the next: where it is found, and what is said of it.
    private static let tampering: [(script: String, revision: Int64, problem: String)] = [
        ("update change set after = '{\"name\": \"x\"}' where <3>", 3, mismatch),
        ("update change set before = null where <4>", 4, mismatch),
        ("update change set actor = 'somebody' where <4>", 4, mismatch),
        ("update change set reason = null where <4>", 4, mismatch),
        ("update change set request_id = 'r' where <2>", 2, mismatch),
        ("update change set at = at + interval '1 microsecond' where <2>", 2, mismatch),
        ("update change set entity = 'plan' where <2>", 2, mismatch),
        ("update change set operation = 'update' where <2>", 2, mismatch),
        ("update change set key = '{}' where <2>", 2, mismatch),
        ("update change set hash = sha256('x') where <2>", 2, mismatch),
        ("delete from change where <1>", 2, "revision 1 is missing"),
        ("delete from change where <3>", 4, "revision 3 is missing"),
        ("delete from change where <5>", 5, "not the one the chain ends with"),
        ("delete from change where account_id = 'acme'", 5, "not the one the chain ends with"),
        // A row is inserted in the midst, the rest moved on.
        (
            """
            update change set revision = revision + 10 where account_id = 'acme' and revision > 3;
            update change set revision = revision - 9 where account_id = 'acme' and revision > 10;
            insert into change select account_id, 4, at, entity, key, operation, actor, reason,
                   request_id, before, after, hash from change where <3>
            """, 4, mismatch
        ),
        // A row is added at the end, with a hash that fits.
        (
            """
            insert into change
            select account_id, 6, at, entity, key, operation, actor, reason, request_id, before,
                   after, change_hash(hash, account_id, 6, at, entity, key, operation, actor,
                       reason, request_id, before, after)
              from change where <5>
            """, 5, "not the one the chain ends with"
        ),
        // Two rows change places.
        (
            """
            update change set revision = 99 where <2>;
            update change set revision = 2 where <3>;
            update change set revision = 3 where account_id = 'acme' and revision = 99
            """, 2, mismatch
        ),
        // Two accounts swap a row.
        (
            """
            update change set account_id = 'third' where <4>;
            update change set account_id = 'acme' where account_id = 'other' and revision = 4;
            update change set account_id = 'other' where account_id = 'third'
            """, 4, mismatch
        ),
        (
            "update chain_head set hash = sha256('x') where account_id = 'acme'", 5,
            "not the one the chain ends with"
        ),
        (
            "update chain_head set revision = 4 where account_id = 'acme'", 4,
            "not the one the chain ends with"
        ),
        ("delete from chain_head where account_id = 'acme'", 1, "the chain has no head"),
    ]

    @Test func `that was tampered with says at which revision`() async throws {
        let connection = try await shop.connect()
        for (script, revision, problem) in Self.tampering {
            let place = /<([0-9])>/
            let statements = script.replacing(place) {
                "account_id = 'acme' and revision = \($0.1)"
            }
            try await connection.execute(
                script: "begin; set local session_replication_role = replica; \(statements)"
            )
            let found = try await connection.query("select * from verify_chain('acme')")
            try await connection.execute(script: "rollback")
            #expect(found.count == 1, "\(script)")
            #expect(try found.first?.int64("revision") == revision, "\(script)")
            #expect(try found.first?.text("problem").contains(problem) == true, "\(script)")
        }
        #expect(try await shop.store.verify(chains: ["acme"]) == .verified(chains: 1, changes: 5))
    }

    /// Before it there is a chain with more changes than a page of the list has chains.
    @Test func `whose head is gone is found by whoever goes through all chains`() async throws {
        try await tamper("delete from chain_head where account_id = 'acme'")
        #expect(try await shop.revision("") > 3)
        #expect(try await shop.store.chains(after: nil, size: 3) == ["", "acme", "other"])
        #expect(try await shop.store.chains(after: "", size: 1) == ["acme"])
        guard
            case .broken("acme", 1, "the chain has no head") =
                try await shop.store.verify(chains: ["acme"])
        else {
            Issue.record("the chain verifies")
            return
        }
    }

    @Test func `is only added to`() async throws {
        for statement in [
            "update change set actor = 'x'", "update change set actor = 'x' where false",
            "delete from change", "truncate change", "truncate change, account cascade",
        ] {
            let error = try await #require(throws: PostgresError.self) {
                try await shop.run(statement)
            }
            #expect(error.sqlState == "42501", "\(statement)")
            #expect(error.message.contains("append-only"), "\(statement)")
        }
        #expect(try await shop.store.verify(chains: ["acme"]) == .verified(chains: 1, changes: 5))
    }

    @Test func `keeps its rows: none moves to another account`() async throws {
        for statement in [
            "update subscription set account_id = 'other', subscription_id = 's2' "
                + "where account_id = 'acme'",
            "insert into account_customer values ('acme', 's', 'c'); "
                + "update account_customer set account_id = 'other'",
        ] {
            let error = try await #require(throws: PostgresError.self) {
                try await shop.run(statement)
            }
            #expect(error.sqlState == "23514")
            #expect(error.message.contains("cannot move to another account"))
            #expect(error.hint != nil)
        }
        #expect(try await shop.revision("acme") == 5)
    }

    @Test func `keeps a session under its id`() async throws {
        let error = try await #require(throws: PostgresError.self) {
            try await shop.run(
                "update session set session_id = '\(Shop.session(of: "acme", 2))' "
                    + "where account_id = 'acme'"
            )
        }
        #expect(error.sqlState == "23514" && error.hint != nil)
    }

    @Test func `is in order although the clock stepped back`() async throws {
        // As if the last change had been made before the clock was put back by a day.
        try await tamper(
            "update chain_head set at = at + interval '1 day' where account_id = 'acme'"
        )
        try await shop.run("update account set name = 'c'; update account set name = 'd'")
        let ahead = try await shop.number(
            """
            select count(*) from change
             where account_id = 'acme' and at > clock_timestamp() + interval '23 hours'
            """
        )
        #expect(ahead == 2)
        let times = try await shop.store.changes(of: "acme", after: 0, size: 10).items.map(\.at)
        #expect(times == times.sorted())
        #expect(try await shop.store.verify(chains: ["acme"]) == .verified(chains: 1, changes: 7))
    }

    /// First changes too: ten writers make the chain's head at once.
    @Test func `has no gap under concurrent writers`() async throws {
        let store = shop.store
        let shop = shop
        try await withThrowingTaskGroup(of: Void.self) { group in
            for writer in 0..<10 {
                group.addTask {
                    let connection = try await shop.connect()
                    for turn in 0..<10 {
                        let id = "s\(writer)_\(turn)"
                        try await connection.execute(
                            script: """
                                insert into account (account_id) values ('new')
                                on conflict do nothing;
                                insert into subscription
                                    (account_id, subscription_id, plan_id, status)
                                values ('new', '\(id)', 'pro', 'active')
                                """
                        )
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(try await store.verify(chains: ["new"]) == .verified(chains: 1, changes: 101))
        #expect(try await shop.revision("new") == 101)
    }

    @Test func `of the configuration verifies as well`() async throws {
        let revision = try await shop.revision("")
        #expect(
            try await shop.store.verify(chains: [""])
                == .verified(chains: 1, changes: Int(revision))
        )
        try await tamper("update change set actor = 'x' where account_id = '' and revision = 2")
        guard case .broken("", 2, _) = try await shop.store.verify(chains: [""]) else {
            Issue.record("the chain verifies")
            return
        }
    }

    @Test func `is read in pages, as the list of chains is`() async throws {
        let store = shop.store
        var cursor: Int64?
        var revisions: [[Int64]] = []
        repeat {
            let page = try await store.changes(of: "acme", after: cursor, size: 2)
            revisions.append(page.items.map(\.revision))
            cursor = page.next.flatMap { Int64($0) }
        } while cursor != nil
        #expect(revisions == [[1, 2], [3, 4], [5]])
        #expect(try await store.chains(after: nil, size: 2) == ["", "acme"])
        #expect(try await store.chains(after: "acme", size: 2) == ["other"])
        #expect(try await store.chains(after: "other", size: 2) == [])
    }
}
