import Entitlements
import Postgres
import Store
import TestSupport
import Testing

@Suite(.database, .timeLimit(.minutes(5))) struct `A request with an idempotency key` {
    let shop: Shop
    let store: Store
    let runs = Shared(0)

    init() async throws {
        shop = try await Shop()
        store = shop.store
        try await shop.run("insert into account (account_id, name) values ('acme', '')")
    }

    private static let claim = IdempotencyClaim(
        caller: "key",
        operation: "post x",
        key: "k",
        fingerprint: [1]
    )

    /// The effect is a letter more in the account's name.
    private func send(_ claim: IdempotencyClaim = Self.claim) async throws -> StoredAnswer {
        let (store, runs) = (store, runs)
        return try await store.write(as: Shop.author) { connection in
            try await store.once(claim, on: connection) {
                runs.change { $0 += 1 }
                _ = try await connection.query("update account set name = name || 'x'")
                return StoredAnswer(status: 201, body: ["run": .integer(Int64(runs.value))])
            }
        }
    }

    private func effect() async throws -> String {
        try await shop.pool.query("select name from account")[0].text("name")
    }

    @Test func `has its effect once, and the first answer every time`() async throws {
        for _ in 0..<3 {
            #expect(try await send() == StoredAnswer(status: 201, body: ["run": 1]))
        }
        #expect(runs.value == 1)
        #expect(try await effect() == "x")
    }

    @Test func `is refused when it is another request`() async throws {
        _ = try await send()
        let other = IdempotencyClaim(
            caller: "key",
            operation: "post x",
            key: "k",
            fingerprint: [2]
        )
        await #expect(throws: IdempotencyRefusal.reused) { try await send(other) }
        #expect(try await effect() == "x")
    }

    @Test func `is told from others by caller, operation and key`() async throws {
        _ = try await send()
        for (caller, operation, key) in [
            ("other", "post x", "k"), ("key", "post y", "k"), ("key", "post x", "l"),
        ] {
            _ = try await send(
                IdempotencyClaim(caller: caller, operation: operation, key: key, fingerprint: [2])
            )
        }
        #expect(try await effect() == "xxxx")
    }

    @Test func `is refused while the first one has not ended`() async throws {
        let store = store
        let first = try await shop.connect()
        let second = try await shop.connect()
        try await first.execute(script: "begin")
        _ = try await store.once(Self.claim, on: first) { StoredAnswer(status: 200, body: [:]) }
        try await second.execute(script: "begin")
        await #expect(throws: IdempotencyRefusal.inFlight) {
            try await store.once(Self.claim, on: second) { StoredAnswer(status: 500, body: [:]) }
        }
        try await second.execute(script: "rollback")
        try await first.execute(script: "commit")
        #expect(try await send().status == 200)
    }

    @Test func `may be sent again when it failed`() async throws {
        struct Failure: Error {}
        let store = store
        await #expect(throws: Failure.self) {
            try await store.write(as: Shop.author) { connection in
                try await store.once(Self.claim, on: connection) { throw Failure() }
            }
        }
        #expect(try await send().status == 201)
        #expect(runs.value == 1)
    }

    @Test func `sent by many at once has its effect once`() async throws {
        let answers = await withTaskGroup(of: StoredAnswer?.self) { group in
            for _ in 0..<12 { group.addTask { try? await send() } }
            return await group.reduce(into: [StoredAnswer]()) { all, next in
                if let next { all.append(next) }
            }
        }
        #expect(try await effect() == "x")
        #expect(!answers.isEmpty && answers.allSatisfy { $0.body["run"] == 1 })
    }

    @Test func `is forgotten after a day`() async throws {
        _ = try await send()
        #expect(try await store.pruneIdempotency() == 0)
        try await shop.run("update idempotency set created_at = now() - interval '24 hours 1 s'")
        #expect(try await store.pruneIdempotency() == 1)
        _ = try await send()
        #expect(try await effect() == "xx")
    }
}
