import Entitlements
import Postgres
import Store
import TestSupport
import Testing

@Suite(.database, .timeLimit(.minutes(5))) struct `The table of subscriptions` {
    let shop: Shop
    let store: Store

    init() async throws {
        shop = try await Shop()
        store = shop.store
        try await shop.run("insert into account (account_id) values ('acme')")
    }

    @discardableResult
    private func put(
        _ subscription: Subscription,
        account: String = "acme",
        source: String = "api",
        providerID: String? = nil,
        anchor: Instant? = nil
    ) async throws -> SubscriptionRecord {
        let store = store
        let content = SubscriptionContent(
            subscription: subscription,
            periodAnchor: anchor,
            periodUnit: anchor.map { _ in "week" },
            periodCount: anchor.map { _ in 2 },
            source: source,
            providerID: providerID
        )
        return try await store.write(as: Shop.author) { connection in
            try await store.put(subscription: content, account: account, on: connection)
        }
    }

    private static func at(_ seconds: Int64) -> Instant {
        Instant(microseconds: seconds * 1_000_000 + 1)
    }

    private static let whole = Subscription(
        id: "sub",
        plan: "pro",
        version: 1,
        status: .active,
        quantity: 7,
        startsAt: at(1),
        trialStart: at(1),
        trialEnd: at(2),
        trialAtEnd: .pause,
        hasPaymentMethod: true,
        periodStart: at(3),
        periodEnd: at(4),
        pastDueSince: at(5),
        cancelAt: at(60),
        endedAt: at(70),
        pause: .init(from: at(10), until: at(11)),
        planChange: .init(plan: "free", version: 1, at: at(12)),
        quantityChange: .init(quantity: 9, at: at(13))
    )

    @Test func `keeps every field, to the microsecond`() async throws {
        let record = try await put(
            Self.whole,
            source: "stripe",
            providerID: "sub_1",
            anchor: Self.at(8)
        )
        #expect(record.account == "acme" && record.subscription == Self.whole)
        #expect(record.source == "stripe" && record.providerID == "sub_1")
        #expect(record.periodAnchor == Self.at(8))
        #expect(record.periodUnit == "week" && record.periodCount == 2)
        #expect(try await store.subscription("sub", of: "acme") == record)
        #expect(try await store.subscription("sub", of: "other") == nil)
        // Replaced, nothing of it is left but when it was made.
        let bare = Subscription(id: "sub", plan: "free", status: .scheduled)
        let replaced = try await put(bare)
        #expect(replaced.subscription == bare && replaced.createdAt == record.createdAt)
        #expect(replaced.providerID == nil && replaced.periodAnchor == nil)
        #expect(replaced.periodUnit == nil && replaced.periodCount == nil)
    }

    @Test func `records nothing when the same is put again`() async throws {
        for status in Subscription.Status.allCases {
            let subscription = Subscription(id: "sub", plan: "pro", status: status)
            let first = try await put(subscription)
            #expect(first.subscription.status == status)
            let revision = try await shop.revision("acme")
            #expect(try await put(subscription) == first)
            #expect(try await shop.revision("acme") == revision, "\(status)")
        }
    }

    @Test func `keeps since when it is past due, and forgets it afterwards`() async throws {
        func put(_ status: Subscription.Status, since: Instant? = nil) async throws -> Instant? {
            try await self.put(
                Subscription(id: "sub", plan: "pro", status: status, pastDueSince: since)
            )
            .subscription.pastDueSince
        }
        #expect(try await put(.active) == nil)
        let since = try #require(try await put(.pastDue))
        #expect(try await put(.pastDue) == since)
        #expect(try await put(.active) == nil)
        let second = try #require(try await put(.pastDue))
        #expect(second > since)
        // What the caller says goes.
        #expect(try await put(.pastDue, since: Self.at(9)) == Self.at(9))
        #expect(try await put(.pastDue) == Self.at(9))
    }

    @Test(
        arguments: [
            [.pastDue, .unpaid, .pastDue], [.pastDue, .paused, .pastDue],
            [.pastDue, .unpaid, .paused, .unpaid, .pastDue],
        ] as [[Subscription.Status]]
    )
    func `has one grace until it is paid`(statuses: [Subscription.Status]) async throws {
        var seen: [Instant?] = []
        for status in statuses {
            let held = Subscription(id: "sub", plan: "pro", status: status)
            seen.append(try await put(held).subscription.pastDueSince)
        }
        #expect(seen.first != .some(nil) && Set(seen).count == 1)
        for status in [Subscription.Status.active, .trialing, .canceled] {
            try await put(Subscription(id: "sub", plan: "pro", status: .pastDue))
            let held = Subscription(id: "sub", plan: "pro", status: status, trialEnd: Self.at(9))
            #expect(try await put(held).subscription.pastDueSince == nil, "\(status)")
        }
    }

    @Test(arguments: [Subscription.Status.pastDue, .unpaid, .paused])
    func `goes on with the grace that a period's or a trial's end began`(
        status: Subscription.Status
    ) async throws {
        let before = [
            Subscription(id: "period", plan: "pro", status: .active, periodEnd: Self.at(50)),
            Subscription(
                id: "trial",
                plan: "pro",
                status: .trialing,
                trialEnd: Self.at(50),
                hasPaymentMethod: true
            ),
            Subscription(
                id: "unpayable",
                plan: "pro",
                status: .trialing,
                trialEnd: Self.at(50)
            ),
        ]
        var seen: [Instant?] = []
        for held in before {
            try await put(held)
            try await put(Subscription(id: held.id, plan: "pro", status: status))
            let owed = Subscription(id: held.id, plan: "pro", status: .pastDue)
            seen.append(try await put(owed).subscription.pastDueSince)
        }
        #expect(seen.prefix(2) == [Self.at(50), Self.at(50)])
        #expect(seen.last != .some(nil) && seen.last != Self.at(50))
        let fresh = Subscription(
            id: "fresh",
            plan: "pro",
            status: .pastDue,
            periodEnd: Self.at(70)
        )
        #expect(try await put(fresh).subscription.pastDueSince == Self.at(70))
    }

    @Test func `is owed, as a provider's, since its first item was`() async throws {
        func standing() async throws -> Instant? {
            let store = store
            return try await store.write(as: Shop.author) { connection in
                try await store.standing(
                    of: "sub_1",
                    source: "stripe",
                    account: "acme",
                    on: connection
                )
                .pastDueSince
            }
        }
        func put(_ held: Subscription) async throws {
            try await self.put(held, source: "stripe", providerID: "sub_1")
        }
        #expect(try await standing() == nil)
        let far = Instant(microseconds: 4_102_444_800_000_000)
        try await put(Subscription(id: "a", plan: "pro", status: .active, periodEnd: far))
        #expect(try await standing() == nil)
        try await put(Subscription(id: "b", plan: "pro", status: .active, periodEnd: Self.at(80)))
        #expect(try await standing() == Self.at(80))
        let trial = Subscription(
            id: "a",
            plan: "pro",
            status: .trialing,
            trialEnd: Self.at(60),
            hasPaymentMethod: true
        )
        try await put(trial)
        #expect(try await standing() == Self.at(60))
        try await put(
            Subscription(id: "a", plan: "pro", status: .unpaid, pastDueSince: Self.at(40))
        )
        #expect(try await standing() == Self.at(40))
    }

    @Test func `is past due from the first write, if that is what it says`() async throws {
        let record = try await put(Subscription(id: "sub", plan: "pro", status: .pastDue))
        #expect(record.subscription.pastDueSince != nil)
    }

    @Test func `refuses what is not there, by name`() async throws {
        await #expect(throws: StoreRefusal.unknownAccount("nobody")) {
            try await put(Self.whole, account: "nobody")
        }
        await #expect(throws: StoreRefusal.unknownPlan("gold")) {
            try await put(Subscription(id: "sub", plan: "gold", status: .active))
        }
        await #expect(throws: StoreRefusal.unknownPlanVersion(plan: "pro", version: 9)) {
            try await put(Subscription(id: "sub", plan: "pro", version: 9, status: .active))
        }
        let error = await #expect(throws: PostgresError.self) {
            try await put(
                Subscription(
                    id: "sub",
                    plan: "pro",
                    status: .active,
                    periodStart: Self.at(4),
                    periodEnd: Self.at(4)
                )
            )
        }
        #expect(error?.constraint == "subscription_period")
        #expect(try await store.subscriptions(of: "acme", after: nil, size: 9).items == [])
    }

    @Test func `deletes, and tells whether there was one`() async throws {
        try await put(Self.whole)
        let store = store
        let answers = try await store.write(as: Shop.author) { connection in
            [
                try await store.delete(subscription: "sub", account: "other", on: connection),
                try await store.delete(subscription: "sub", account: "acme", on: connection),
                try await store.delete(subscription: "sub", account: "acme", on: connection),
            ]
        }
        #expect(answers == [false, true, false])
    }

    @Test func `is read in pages`() async throws {
        for id in ["e", "b", "a", "d", "c"] {
            try await put(Subscription(id: id, plan: "pro", status: .active))
        }
        var pages: [[String]] = []
        var cursor: String?
        repeat {
            let page = try await store.subscriptions(of: "acme", after: cursor, size: 2)
            pages.append(page.items.map(\.subscription.id))
            cursor = page.next
        } while cursor != nil
        #expect(pages == [["a", "b"], ["c", "d"], ["e"]])
    }
}
