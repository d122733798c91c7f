import Entitlements
import Postgres
import Store
import TestSupport
import Testing

@Suite(.database, .timeLimit(.minutes(5))) struct `The table of API keys` {
    let shop: Shop
    let store: Store

    init() async throws {
        shop = try await Shop()
        store = shop.store
        try await shop.run("delete from api_key")
    }

    @discardableResult
    private func insert(
        _ id: String,
        scopes: [Scope] = [.check],
        byte: UInt8,
        expiresAt: Instant? = nil
    ) async throws -> KeyRecord {
        let store = store
        return try await store.write(as: Shop.author) { connection in
            try await store.insert(
                key: id,
                name: "Key \(id)",
                scopes: scopes,
                digest: KeyDigest(bytes: Array(repeating: byte, count: 32)),
                expiresAt: expiresAt,
                on: connection
            )
        }
    }

    @Test func `makes a key that the check path finds by its hash`() async throws {
        let expiry = Instant(microseconds: 4_102_444_800_000_000)
        let record = try await insert("k1", scopes: Scope.allCases, byte: 1, expiresAt: expiry)
        #expect(record.name == "Key k1" && record.scopes == Scope.allCases)
        #expect(record.expiresAt == expiry && record.revokedAt == nil)
        let reader = shop.reader()
        let digest = KeyDigest(bytes: Array(repeating: 1, count: 32))
        #expect(
            try await reader.view().live.keys == [
                digest: AccessKey(
                    id: "k1",
                    scopes: Set(Scope.allCases),
                    expiresAt: expiry,
                    revokedAt: nil
                )
            ]
        )
        await reader.close()
    }

    @Test func `revokes once, and knows no key that is not there`() async throws {
        try await insert("k1", byte: 1)
        let store = store
        let (first, second, none) = try await store.write(as: Shop.author) { connection in
            (
                try await store.revoke(key: "k1", on: connection),
                try await store.revoke(key: "k1", on: connection),
                try await store.revoke(key: "k2", on: connection)
            )
        }
        #expect(first?.revokedAt != nil && second == first && none == nil)
    }

    @Test func `locks a key to the end of the transaction`() async throws {
        let record = try await insert("k1", byte: 1)
        let store = store
        let url = shop.url
        try await store.write(as: Shop.author) { connection in
            #expect(try await store.lock(key: "k1", on: connection) == record)
            #expect(try await store.lock(key: "k2", on: connection) == nil)
            let other = try await Connection(
                ConnectionSettings(url: url, lockTimeout: .milliseconds(50))
            )
            let error = await #expect(throws: PostgresError.self) {
                try await store.revoke(key: "k1", on: other)
            }
            #expect(error?.sqlState == "55P03")
        }
    }

    @Test func `holds each hash once`() async throws {
        try await insert("k1", byte: 1)
        let error = await #expect(throws: PostgresError.self) { try await insert("k2", byte: 1) }
        #expect(error?.constraint == "api_key_hash_key")
    }

    @Test func `is read in pages`() async throws {
        for (place, id) in ["e", "b", "a", "d", "c"].enumerated() {
            try await insert(id, byte: UInt8(place))
        }
        var pages: [[String]] = []
        var cursor: String?
        repeat {
            let page = try await store.keys(after: cursor, size: 2)
            pages.append(page.items.map(\.id))
            cursor = page.next
        } while cursor != nil
        #expect(pages == [["a", "b"], ["c", "d"], ["e"]])
    }
}

@Suite struct `An API key` {
    @Test(arguments: Scope.allCases)
    func `opens what its scope says, and everything to an admin`(scope: Scope) {
        let key = AccessKey(id: "k", scopes: [scope], expiresAt: nil, revokedAt: nil)
        for other in Scope.allCases {
            #expect(key.allows(other) == (other == scope || scope == .admin))
        }
    }
}
