import Entitlements
import Postgres
import Store
import TestSupport
import Testing

@Suite(.database, .timeLimit(.minutes(5))) struct `The table of accounts` {
    let shop: Shop
    let store: Store

    init() async throws {
        shop = try await Shop()
        store = shop.store
    }

    private func put(_ id: String, _ content: AccountContent) async throws -> Bool {
        let store = store
        return try await store.write(as: Shop.author) { connection in
            try await store.put(account: id, content, on: connection)
        }
    }

    private func setBlocked(_ blocked: Bool, reason: String?) async throws -> Bool {
        let store = store
        return try await store.write(as: Shop.author) { connection in
            blocked
                ? try await store.block(
                    account: "acme",
                    until: nil,
                    reason: reason ?? "",
                    on: connection
                )
                : try await store.unblock(account: "acme", on: connection)
        }
    }

    private static let content = AccountContent(
        name: "Acme",
        timezone: "Europe/Berlin",
        attributes: ["tier": 1, "tags": ["a", "ü"]],
        customers: ["stripe": "cus_1", "other": "c-2"]
    )

    @Test func `creates, replaces, and tells which it was`() async throws {
        #expect(try await store.account("acme") == nil)
        #expect(try await put("acme", Self.content))
        let created = try #require(try await store.account("acme"))
        #expect(created.name == "Acme" && created.timezone == "Europe/Berlin")
        #expect(created.attributes == ["tier": 1, "tags": ["a", "ü"]])
        #expect(created.customers == ["stripe": "cus_1", "other": "c-2"])
        #expect(created.blockedAt == nil && created.blockedReason == nil)
        #expect(try await created.revision == shop.revision("acme"))

        #expect(try await !put("acme", AccountContent(customers: ["stripe": "cus_9"])))
        let replaced = try #require(try await store.account("acme"))
        #expect(replaced.name == nil && replaced.timezone == "UTC")
        #expect(replaced.attributes == [:])
        #expect(replaced.customers == ["stripe": "cus_9"])
        #expect(replaced.createdAt == created.createdAt)
        // Its row, a link that went, and one that made room for another.
        #expect(replaced.revision == created.revision + 4)
    }

    @Test func `records nothing when the same is put again`() async throws {
        _ = try await put("acme", Self.content)
        let revision = try await shop.revision("acme")
        _ = try await put("acme", Self.content)
        #expect(try await shop.revision("acme") == revision)
    }

    @Test func `sees its own writes inside a transaction`() async throws {
        let store = store
        let seen = try await store.write(as: Shop.author) { connection in
            _ = try await store.put(account: "acme", Self.content, on: connection)
            return try await store.account("acme", on: connection)
        }
        #expect(seen?.name == "Acme")
    }

    @Test func `refuses a customer who is somebody else already`() async throws {
        _ = try await put("acme", AccountContent(customers: ["stripe": "cus_1"]))
        await #expect(
            throws: StoreRefusal.customerLinkedElsewhere(source: "stripe", customer: "cus_1")
        ) {
            try await put("other", AccountContent(customers: ["stripe": "cus_1"]))
        }
        #expect(try await store.account("other") == nil)
        // At another source it is another customer.
        #expect(try await put("other", AccountContent(customers: ["lago": "cus_1"])))
    }

    @Test func `blocks from the first block on, and lifts it whole`() async throws {
        #expect(try await !setBlocked(true, reason: "fraud"))
        _ = try await put("acme", AccountContent())
        #expect(try await setBlocked(true, reason: "fraud"))
        let blocked = try #require(try await store.account("acme"))
        #expect(blocked.blockedAt != nil && blocked.blockedReason == "fraud")
        #expect(try await setBlocked(true, reason: "more fraud"))
        let again = try #require(try await store.account("acme"))
        #expect(again.blockedAt == blocked.blockedAt && again.blockedReason == "more fraud")
        // Putting the account anew does not lift the block.
        _ = try await put("acme", AccountContent(name: "x"))
        #expect(try await store.account("acme")?.blockedAt == blocked.blockedAt)
        #expect(try await setBlocked(false, reason: "sorry"))
        let lifted = try #require(try await store.account("acme"))
        #expect(lifted.blockedAt == nil && lifted.blockedReason == nil)
    }

    @Test func `is read in pages`() async throws {
        for name in ["e", "b", "a", "d", "c"] { _ = try await put(name, AccountContent()) }
        var pages: [[String]] = []
        var cursor: String?
        repeat {
            let page = try await store.accounts(after: cursor, size: 2)
            pages.append(page.items.map(\.id))
            cursor = page.next
        } while cursor != nil
        #expect(pages == [["a", "b"], ["c", "d"], ["e"]])
        #expect(try await store.accounts(after: nil, size: 5).next == nil)
        #expect(try await store.accounts(after: "e", size: 5).items == [])
    }

    @Test func `tells the account of a customer`() async throws {
        _ = try await put("acme", AccountContent(customers: ["stripe": "cus_1"]))
        let store = store
        let connection = try await shop.connect()
        #expect(
            try await store.account(ofCustomer: "cus_1", source: "stripe", on: connection)
                == "acme"
        )
        #expect(
            try await store.account(ofCustomer: "cus_1", source: "lago", on: connection) == nil
        )
    }

    /// Who looks a customer up, and who links it, come one after the other.
    @Test func `locks a customer to the end of the transaction`() async throws {
        let store = store
        let url = shop.url
        try await store.write(as: Shop.author) { connection in
            try await store.lock(customer: "cus_1", source: "stripe", on: connection)
            let other = try await Connection(
                ConnectionSettings(url: url, lockTimeout: .milliseconds(50))
            )
            try await store.lock(customer: "cus_2", source: "stripe", on: other)
            let error = await #expect(throws: PostgresError.self) {
                try await store.write(as: Shop.author) { connection in
                    _ = try await connection.query("set local lock_timeout = '50ms'")
                    _ = try await store.put(
                        account: "acme",
                        AccountContent(customers: ["stripe": "cus_1"]),
                        on: connection
                    )
                }
            }
            #expect(error?.sqlState == "55P03")
        }
    }

    @Test func `takes its time from the database`() async throws {
        let now = try await store.now(on: shop.connect())
        let later = try await shop.pool.query("select clock_timestamp() as t")[0].instant("t")
        #expect(now <= later && now + .seconds(60) > later)
    }
}
