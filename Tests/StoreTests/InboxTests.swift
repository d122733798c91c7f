import Entitlements
import Postgres
import Store
import TestSupport
import Testing

@Suite(.database, .timeLimit(.minutes(5))) struct `The inbox` {
    let shop: Shop
    let store: Store

    init() async throws {
        shop = try await Shop()
        store = shop.store
    }

    private static let subject = SubjectKey(source: "stripe", kind: "subscription", id: "sub_1")

    private func receive(
        _ key: String,
        source: String = "stripe",
        subject: SubjectKey? = Self.subject,
        ignored: String? = nil,
        body: [UInt8] = [1, 2]
    ) async throws -> (record: InboxRecord, isNew: Bool) {
        let store = store
        let content = InboxContent(
            source: source,
            eventKey: key,
            eventType: "x.updated",
            subject: subject,
            ignored: ignored,
            body: body,
            bodyDigest: body
        )
        return try await store.write(as: Shop.author) { connection in
            try await store.receive(content, on: connection)
        }
    }

    @Test func `records an event and wants its subject`() async throws {
        let (record, isNew) = try await receive("evt_1")
        #expect(isNew)
        #expect(
            record.state == .pending && record.generation == 1 && record.subject == Self.subject
        )
        #expect(record.source == "stripe" && record.eventKey == "evt_1")
        #expect(record.eventType == "x.updated" && record.conflicts == 0)
        #expect(record.attempts == 0 && record.lastError == nil && record.settledAt == nil)
        #expect(try await store.event(record.id) == record)
        #expect(try await store.event(record.id + 1_000) == nil)
        let progress = try #require(try await store.progress(of: Self.subject))
        #expect(progress.wanted == 1 && progress.done == 0)
        #expect(!progress.isDead && !progress.isUnlinked && !progress.isWaiting)
        let body = try await shop.pool.query("select body from inbox")[0].bytes("body")
        #expect(body == [1, 2])
    }

    @Test func `knows a duplicate, and does not want its subject again`() async throws {
        let (first, _) = try await receive("evt_1")
        let (second, isNew) = try await receive("evt_1")
        #expect(!isNew && second == first)
        #expect(try await store.progress(of: Self.subject)?.wanted == 1)
        // At another source the same key is another event.
        let other = SubjectKey(source: "lago", kind: "subscription", id: "sub_1")
        #expect(try await receive("evt_1", source: "lago", subject: other).isNew)
    }

    @Test func `counts deliveries of one event with another body, and keeps the first`()
        async throws
    {
        _ = try await receive("evt_1")
        #expect(try await receive("evt_1", body: [9]).record.conflicts == 1)
        #expect(try await receive("evt_1", body: [9]).record.conflicts == 2)
        #expect(try await receive("evt_1").record.conflicts == 2)
        let body = try await shop.pool.query("select body from inbox")[0].bytes("body")
        #expect(body == [1, 2])
    }

    @Test func `revives a dead event when it is delivered again`() async throws {
        let (first, _) = try await receive("evt_1")
        try await shop.run("update inbox set state = 'dead', settled_at = now()")
        let (second, isNew) = try await receive("evt_1")
        #expect(!isNew && second.id == first.id)
        #expect(second.state == .pending && second.generation == 2)
        #expect(try await store.progress(of: Self.subject)?.wanted == 2)
        // Without a subject there is nothing to ask for.
        _ = try await receive("evt_2", subject: nil)
        try await shop.run("update inbox set state = 'dead', settled_at = now()")
        #expect(try await receive("evt_2", subject: nil).record.state == .dead)
    }

    @Test func `forgets bodies of what was settled long ago, and nothing else`() async throws {
        for key in ["evt_old", "evt_new", "evt_pending"] { _ = try await receive(key) }
        try await shop.run(
            """
            update inbox set settled_at = now() - interval '61 seconds', state = 'applied'
             where event_key = 'evt_old';
            update inbox set settled_at = now(), state = 'applied' where event_key = 'evt_new';
            """
        )
        #expect(try await store.forgetBodies(after: .seconds(60)) == 1)
        #expect(try await store.forgetBodies(after: .seconds(60)) == 0)
        let kept = try await shop.pool.query(
            "select event_key from inbox where body <> '' order by 1"
        )
        #expect(try kept.map { try $0.text("event_key") } == ["evt_new", "evt_pending"])
        #expect(try await !receive("evt_old").isNew)
    }

    @Test func `records what is of no interest as settled, and wants nothing`() async throws {
        let (record, isNew) = try await receive("evt_1", ignored: "no such type")
        #expect(isNew && record.state == .ignored && record.lastError == "no such type")
        #expect(record.settledAt != nil && record.generation == nil)
        #expect(try await store.progress(of: Self.subject) == nil)
        let (bare, _) = try await receive("evt_2", subject: nil, ignored: "no subject")
        #expect(bare.subject == nil)
    }

    @Test func `takes an event that arrives twice at once, once`() async throws {
        let news = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 { group.addTask { try await receive("evt_1").isNew } }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 }
        }
        #expect(news == 1)
        #expect(try await store.progress(of: Self.subject)?.wanted == 1)
    }

    @Test func `forgets both event and want when the transaction fails`() async throws {
        struct Failure: Error {}
        let store = store
        let content = InboxContent(
            source: "stripe",
            eventKey: "evt_1",
            eventType: "t",
            subject: Self.subject,
            ignored: nil,
            body: [],
            bodyDigest: []
        )
        await #expect(throws: Failure.self) {
            try await store.write(as: Shop.author) { connection in
                _ = try await store.receive(content, on: connection)
                throw Failure()
            }
        }
        #expect(try await store.progress(of: Self.subject) == nil)
        #expect(try await receive("evt_1").isNew)
    }

    @Test func `replays an event: its subject is wanted once more`() async throws {
        let (record, _) = try await receive("evt_1")
        try await shop.run(
            "update inbox set state = 'dead', last_error = 'x', settled_at = now()"
        )
        let store = store
        let (replayed, none) = try await store.write(as: Shop.author) { connection in
            (
                try await store.replay(record.id, on: connection),
                try await store.replay(record.id + 1_000, on: connection)
            )
        }
        #expect(replayed?.subject == Self.subject && replayed?.generation == 2)
        #expect(none == nil)
        let event = try #require(try await store.event(record.id))
        #expect(event.state == .pending && event.generation == 2)
        #expect(event.lastError == nil && event.settledAt == nil)
    }

    @Test func `is listed newest first, in pages, by source and state`() async throws {
        for number in 1...5 { _ = try await receive("evt_\(number)") }
        _ = try await receive("evt_6", ignored: "x")
        let other = SubjectKey(source: "lago", kind: "customer", id: "c")
        _ = try await receive("evt_7", source: "lago", subject: other)
        func keys(_ source: String?, _ state: InboxRecord.State?) async throws -> [[String]] {
            var pages: [[String]] = []
            var cursor: Int64?
            repeat {
                let page = try await store.events(
                    source: source,
                    state: state,
                    before: cursor,
                    size: 2
                )
                pages.append(page.items.map(\.eventKey))
                cursor = page.next.flatMap { Int64($0) }
            } while cursor != nil
            return pages
        }
        #expect(
            try await keys(nil, nil)
                == [["evt_7", "evt_6"], ["evt_5", "evt_4"], ["evt_3", "evt_2"], ["evt_1"]]
        )
        #expect(
            try await keys("stripe", .pending)
                == [["evt_5", "evt_4"], ["evt_3", "evt_2"], ["evt_1"]]
        )
        #expect(try await keys(nil, .ignored) == [["evt_6"]])
        #expect(try await keys("lago", .dead) == [[]])
    }
}
