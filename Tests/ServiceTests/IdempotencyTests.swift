import Entitlements
import Postgres
import Store
import Synchronization
import TestSupport
import Testing

@testable import Service

@Suite(.inTurn, .database, .timeLimit(.minutes(3))) struct `A call under an idempotency key` {
    private let request: JSON = ["reason": "fraud"]

    private func block(
        _ world: World,
        key: String? = "k1",
        request: JSON? = nil,
        as author: Author? = nil,
        before: @escaping @Sendable (Connection) async throws -> Void = { _ in }
    ) async throws -> StoredAnswer {
        try await world.service.once(
            key: key,
            operation: "block acme",
            request: request ?? self.request,
            as: author ?? world.author
        ) { connection in
            let record = try await world.service.block(
                account: "acme",
                reason: "fraud",
                on: connection
            )
            try await before(connection)
            return StoredAnswer(status: 200, body: .integer(record.revision))
        }
    }

    @Test func `has its effect once and its answer each time`() async throws {
        try await World.run(catalog: []) { world in
            try await world.link("acme", to: nil)
            let first = try await block(world)
            _ = try await world.service.unblock(account: "acme", reason: nil, as: world.author)
            let changes = try await world.changes()
            #expect(try await block(world) == first)
            #expect(try await world.changes() == changes)
            #expect(try await world.service.account("acme").blockedAt == nil)
        }
    }

    @Test func `is one effect however often Postgres asks for a retry`() async throws {
        try await World.run(catalog: []) { world in
            try await world.link("acme", to: nil)
            let changes = try await world.changes()
            let runs = Mutex(0)
            let answer = try await block(world) { connection in
                let run = runs.withLock { runs in
                    runs += 1
                    return runs
                }
                guard run < 3 else { return }
                _ = try await connection.query(
                    "do $$ begin raise exception 'lost' using errcode = '40001'; end $$"
                )
            }
            #expect(runs.withLock { $0 } == 3)
            #expect(try await world.changes() == changes + 1)
            #expect(try await block(world) == answer)
            #expect(try await world.changes() == changes + 1)
        }
    }

    @Test func `that failed leaves nothing and may be made again`() async throws {
        try await World.run(catalog: []) { world in
            try await world.link("acme", to: nil)
            await #expect(throws: Unexpected.self) {
                try await block(world) { _ in throw Unexpected() }
            }
            #expect(try await world.count("select count(*) as n from idempotency") == 0)
            #expect(try await world.service.account("acme").blockedAt == nil)
            _ = try await block(world)
            #expect(try await world.service.account("acme").blockedAt != nil)
        }
    }

    @Test func `is refused for another request, and belongs to its caller`() async throws {
        try await World.run(catalog: []) { world in
            try await world.link("acme", to: nil)
            let first = try await block(world)
            let refused = try await refusal {
                _ = try await block(world, request: ["reason": "another"])
            }
            #expect(refused.code == .idempotencyKeyReused)
            #expect(refused.field == "Idempotency-Key")
            _ = try await world.service.unblock(account: "acme", reason: nil, as: world.author)
            let others = try await block(world, as: Author(actor: "key:other"))
            #expect(others != first)
        }
    }

    @Test func `is refused while the first has not ended`() async throws {
        try await World.run(catalog: []) { world in
            try await world.link("acme", to: nil)
            let isInside = Signal()
            let goOn = Signal()
            async let first = block(world) { _ in
                isInside.fire()
                await goOn.wait()
            }
            await isInside.wait()
            let second = await Task { try await block(world) }.result
            goOn.fire()
            let refused = try await refusal { _ = try second.get() }
            let answer = try await first
            #expect(refused.code == .idempotencyInFlight)
            #expect(refused.retryAfter == 1)
            #expect(try await block(world) == answer)
        }
    }

    @Test func `without a key has its effect each time`() async throws {
        try await World.run(catalog: []) { world in
            try await world.link("acme", to: nil)
            _ = try await block(world, key: nil)
            _ = try await world.service.unblock(account: "acme", reason: nil, as: world.author)
            _ = try await block(world, key: nil)
            #expect(try await world.service.account("acme").blockedAt != nil)
            #expect(try await world.count("select count(*) as n from idempotency") == 0)
        }
    }
}
