import Entitlements
import Postgres
import Store
import TestSupport
import Testing

@Suite(.database, .timeLimit(.minutes(5))) struct `A billing subject` {
    let inbox: SubjectInbox
    let store: Store

    init() async throws {
        inbox = SubjectInbox(try await Shop())
        store = inbox.store
    }

    @Test func `is claimed by one worker, for what was wanted by then`() async throws {
        try await inbox.receive("evt_1")
        try await inbox.receive("evt_2")
        #expect(
            try await store.due(source: SubjectInbox.key.source, most: 10) == [SubjectInbox.key]
        )
        let claim = try #require(try await inbox.claim())
        #expect(claim.generation == 2 && claim.attempts == 0 && claim.key == SubjectInbox.key)
        #expect(try await inbox.claim() == nil)
        #expect(try await store.due(source: SubjectInbox.key.source, most: 10) == [])
        try await inbox.receive("evt_3")
        try await inbox.settle(claim, as: .applied, customer: "cus_1", note: nil)
        // The third event came after the claim: what was fetched may not know of it.
        #expect(try await inbox.states() == ["applied", "applied", "pending"])
        let next = try #require(try await inbox.claim())
        #expect(next.generation == 3)
        try await inbox.settle(next, as: .applied, customer: nil, note: "nothing new")
        #expect(try await inbox.states() == ["applied", "applied", "applied"])
        let progress = try #require(try await store.progress(of: SubjectInbox.key))
        #expect(progress.wanted == 3 && progress.done == 3 && progress.lastError == "nothing new")
        #expect(try await inbox.claim() == nil)
        #expect(try await inbox.column("customer_id") == "cus_1")
        #expect(try await inbox.column("verified_at") != nil)
    }

    @Test func `under a lost lease cannot be applied, settled or given back`() async throws {
        try await inbox.receive("evt_1")
        let lost = try #require(try await inbox.claim())
        #expect(try await inbox.hold(lost))
        try await inbox.shop.run("update subject set lease_until = now() - interval '1 second'")
        let taken = try #require(try await inbox.claim())
        #expect(try await !inbox.hold(lost))
        #expect(try await inbox.hold(taken))
        try await store.release(lost, retryAfter: nil, countsAsAttempt: true, error: "late")
        #expect(try await inbox.states() == ["pending"])
        #expect(try await store.progress(of: SubjectInbox.key)?.isDead == false)
        #expect(try await inbox.hold(taken))
        try await inbox.settle(taken, as: .applied, customer: nil, note: nil)
        #expect(try await !inbox.hold(taken))
    }

    @Test func `is held to the end of the transaction`() async throws {
        try await inbox.receive("evt_1")
        let claim = try #require(try await inbox.claim())
        let store = store
        let url = inbox.shop.url
        try await store.write(as: Shop.author) { connection in
            #expect(try await store.hold(claim, on: connection))
            let other = try await Connection(
                ConnectionSettings(url: url, lockTimeout: .milliseconds(50))
            )
            let error = await #expect(throws: PostgresError.self) {
                try await store.want(SubjectInbox.key, on: other)
            }
            #expect(error?.sqlState == "55P03")
        }
    }

    @Test func `whose attempt failed is tried again after its wait`() async throws {
        try await inbox.receive("evt_1")
        let claim = try #require(try await inbox.claim())
        try await store.release(
            claim,
            retryAfter: .milliseconds(3_600_500),
            countsAsAttempt: true,
            error: "503"
        )
        let progress = try #require(try await store.progress(of: SubjectInbox.key))
        #expect(progress.attempts == 1 && progress.isWaiting && !progress.isDead)
        #expect(progress.lastError == "503" && progress.done == 0)
        #expect(try await inbox.claim() == nil)
        #expect(try await inbox.states() == ["pending"])
        let wait = try await inbox.shop.number(
            "select round(extract(epoch from next_at - now()))::bigint from subject"
        )
        #expect((3_590...3_601).contains(wait))
        try await inbox.shop.run("update subject set next_at = now()")
        let again = try #require(try await inbox.claim())
        #expect(again.attempts == 1)
        // The provider asked to wait: that is no attempt.
        try await store.release(
            again,
            retryAfter: .seconds(0),
            countsAsAttempt: false,
            error: "429"
        )
        #expect(try await inbox.claim()?.attempts == 1)
    }

    @Test func `that is wanted anew is due at once`() async throws {
        try await inbox.receive("evt_1")
        let claim = try #require(try await inbox.claim())
        try await store.release(
            claim,
            retryAfter: .seconds(3_600),
            countsAsAttempt: true,
            error: "x"
        )
        try await inbox.receive("evt_2")
        #expect(try await inbox.claim()?.generation == 2)
    }

    @Test func `that was given up is a dead letter, and the next event revives it`()
        async throws
    {
        try await inbox.receive("evt_1")
        let claim = try #require(try await inbox.claim())
        try await store.release(claim, retryAfter: nil, countsAsAttempt: true, error: "404")
        #expect(try await inbox.states() == ["dead"])
        let dead = try #require(try await store.progress(of: SubjectInbox.key))
        #expect(dead.isDead && dead.done == 1 && dead.attempts == 1 && dead.lastError == "404")
        #expect(try await store.due(source: SubjectInbox.key.source, most: 10) == [])
        #expect(try await store.gauges().undone == 0)
        try await inbox.receive("evt_2")
        let revived = try #require(try await inbox.claim())
        #expect(revived.generation == 2 && revived.attempts == 0)
        try await inbox.settle(revived, as: .applied, customer: nil, note: nil)
        // What was given up stays so.
        #expect(try await inbox.states() == ["dead", "applied"])
    }

    /// The last attempt fails while the next event is already in: nobody has tried for that one.
    @Test func `is not given up for an event that came during the last attempt`()
        async throws
    {
        try await inbox.receive("evt_1")
        let claim = try #require(try await inbox.claim())
        try await inbox.receive("evt_2")
        try await store.release(claim, retryAfter: nil, countsAsAttempt: true, error: "404")
        #expect(try await inbox.states() == ["dead", "pending"])
        #expect(
            try await store.due(source: SubjectInbox.key.source, most: 10) == [SubjectInbox.key]
        )
        let next = try #require(try await inbox.claim())
        #expect(next.generation == 2 && next.attempts == 0)
    }

    @Test func `is fetched in the order in which it fell due`() async throws {
        let keys = (1...4).map { SubjectKey(source: "stripe", kind: "customer", id: "c\($0)") }
        let store = store
        try await store.write(as: Shop.author) { connection in
            for key in keys { _ = try await store.want(key, on: connection) }
        }
        try await inbox.shop.run(
            """
            update subject set next_at = now() - make_interval(secs => substr(id, 2)::int)
             where id <> 'c2';
            update subject set next_at = now() + interval '1 hour' where id = 'c2';
            """
        )
        #expect(
            try await store.due(source: SubjectInbox.key.source, most: 10).map(\.id) == [
                "c4", "c3", "c1",
            ]
        )
        #expect(try await store.due(source: SubjectInbox.key.source, most: 1).map(\.id) == ["c4"])
    }
}
