import Entitlements
import Postgres
import Store
import TestSupport
import Testing

@Suite(.database, .timeLimit(.minutes(5))) struct `The table of sessions` {
    let shop: Shop
    let store: Store

    init() async throws {
        shop = try await Shop()
        store = shop.store
        try await shop.run("insert into account (account_id) values ('acme'), ('other')")
    }

    @discardableResult
    private func insert(
        _ number: Int,
        user: String = "ann",
        account: String = "acme",
        lifetime: Duration = .seconds(3_600)
    ) async throws -> SessionRecord {
        let store = store
        return try await store.write(as: Shop.author) { connection in
            try await store.insert(
                session: SessionContent(
                    id: Shop.session(of: account, number),
                    account: account,
                    user: user,
                    device: ["name": "Laptop"],
                    source: "web",
                    lifetime: lifetime
                ),
                on: connection
            )
        }
    }

    private func revoke(_ number: Int, reason: String?) async throws -> SessionRecord? {
        let store = store
        return try await store.write(as: Shop.author) { connection in
            try await store.revoke(
                session: Shop.session(of: "acme", number),
                of: "acme",
                reason: reason,
                on: connection
            )
        }
    }

    private func revokeAll(user: String?) async throws -> Int {
        let store = store
        return try await store.write(as: Shop.author) { connection in
            try await store.revokeSessions(of: "acme", user: user, reason: "all", on: connection)
        }
    }

    @Test func `begins and ends a session by the database's clock`() async throws {
        let record = try await insert(1, lifetime: .seconds(90))
        #expect(record.session.user == "ann" && record.session.account == "acme")
        #expect(record.session.expiresAt == record.session.createdAt + .seconds(90))
        #expect(record.session.revokedAt == nil && record.revokedReason == nil)
        #expect(record.device == ["name": "Laptop"] && record.source == "web")
        #expect(try await store.session(record.session.id, of: "acme") == record)
        #expect(try await store.session(record.session.id, of: "other") == nil)
    }

    @Test func `refuses a session of no account`() async throws {
        await #expect(throws: StoreRefusal.unknownAccount("nobody")) {
            try await insert(1, account: "nobody")
        }
    }

    @Test func `revokes once: the first instant and reason stay`() async throws {
        #expect(try await revoke(1, reason: "lost") == nil)
        try await insert(1)
        let first = try #require(try await revoke(1, reason: "lost"))
        #expect(first.session.revokedAt != nil && first.revokedReason == "lost")
        let revision = try await shop.revision("acme")
        #expect(try await revoke(1, reason: "stolen") == first)
        #expect(try await shop.revision("acme") == revision)
    }

    @Test func `keeps that a revocation had no reason`() async throws {
        try await insert(1)
        #expect(try await revoke(1, reason: nil)?.revokedReason == nil)
        #expect(try await revoke(1, reason: "late")?.revokedReason == nil)
    }

    @Test func `revokes what is live, of one user or of all`() async throws {
        try await insert(1)
        try await insert(2)
        try await insert(3, user: "bob")
        try await insert(4, account: "other")
        try await insert(5, lifetime: .seconds(0))
        _ = try await revoke(1, reason: "lost")
        #expect(try await revokeAll(user: "ann") == 1)
        #expect(try await revokeAll(user: "ann") == 0)
        #expect(try await revokeAll(user: nil) == 1)
        let sessions = try await store.sessions(of: "acme", after: nil, size: 10).items
        // What has expired is not told, and is revoked: a test clock would bring it to life.
        #expect(sessions.map(\.revokedReason) == ["lost", "all", "all", "all"])
        let other = try await store.sessions(of: "other", after: nil, size: 10).items
        #expect(other.map(\.session.revokedAt) == [nil])
    }

    @Test func `revokes now what would be revoked later`() async throws {
        for number in 1...2 { try await insert(number) }
        try await shop.run("update session set revoked_at = now() + interval '1 hour'")
        let first = try #require(try await revoke(1, reason: "lost"))
        #expect(first.revokedReason == "lost")
        #expect(try await revokeAll(user: "ann") == 1)
        let late = try await shop.number(
            "select count(*) from session where revoked_at is null or revoked_at > clock_timestamp()"
        )
        #expect(late == 0)
        #expect(try await revoke(1, reason: "stolen") == first)
    }

    @Test func `revokes what a clock that is set back would bring to life`() async throws {
        try await shop.run("update account set clock_at = '2026-01-01Z'")
        try await insert(1, lifetime: .seconds(60))
        try await shop.run("update account set clock_at = '2026-01-02Z'")
        #expect(try await revokeAll(user: nil) == 0)
        try await shop.run("update account set clock_at = '2026-01-01Z'")
        let live = try await shop.number(
            "select count(*) from session where revoked_at is null"
        )
        #expect(live == 0)
    }

    @Test func `is read in pages`() async throws {
        for number in [3, 1, 5, 2, 4] { try await insert(number) }
        var pages: [[String]] = []
        var cursor: String?
        repeat {
            let page = try await store.sessions(of: "acme", after: cursor, size: 2)
            pages.append(page.items.map(\.session.id))
            cursor = page.next
        } while cursor != nil
        let ids = (1...5).map { Shop.session(of: "acme", $0) }
        #expect(pages == [Array(ids[0..<2]), Array(ids[2..<4]), [ids[4]]])
    }
}
