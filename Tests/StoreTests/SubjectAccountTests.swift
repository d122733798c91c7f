import Entitlements
import Postgres
import Store
import TestSupport
import Testing

@Suite(.database, .timeLimit(.minutes(5))) struct `A billing subject and its account` {
    let inbox: SubjectInbox
    let store: Store

    init() async throws {
        inbox = SubjectInbox(try await Shop())
        store = inbox.store
    }

    private func put(customers: [String: String]) async throws {
        let store = store
        try await store.write(as: Shop.author) { connection in
            _ = try await store.put(
                account: "acme",
                AccountContent(customers: customers),
                on: connection
            )
        }
    }

    @Test func `wakes up when its customer is linked to an account`() async throws {
        try await inbox.receive("evt_1")
        let claim = try #require(try await inbox.claim())
        try await inbox.settle(claim, as: .unlinked, customer: "cus_1", note: "no account")
        #expect(try await inbox.states() == ["unlinked"])
        #expect(try await store.progress(of: SubjectInbox.key)?.isUnlinked == true)
        #expect(try await store.account(of: SubjectInbox.key) == nil)
        #expect(try await store.due(source: SubjectInbox.key.source, most: 10) == [])
        try await put(customers: ["stripe": "cus_other", "lago": "cus_1"])
        #expect(try await store.due(source: SubjectInbox.key.source, most: 10) == [])
        try await put(customers: ["stripe": "cus_1"])
        #expect(try await inbox.states() == ["pending"])
        #expect(try await store.progress(of: SubjectInbox.key)?.isUnlinked == false)
        let woken = try #require(try await inbox.claim())
        #expect(woken.generation == 2)
        try await inbox.settle(woken, as: .applied, customer: nil, note: nil)
        #expect(try await inbox.states() == ["applied"])
        let account = try #require(try await store.account(of: SubjectInbox.key))
        #expect(try await account == ("acme", inbox.shop.revision("acme")))
    }

    /// What the customer brought goes with it, and whoever it is linked to next gets it.
    @Test func `gives up its subscriptions when its customer is unlinked`() async throws {
        try await put(customers: ["stripe": "cus_1"])
        try await inbox.receive("evt_1")
        let claim = try #require(try await inbox.claim())
        try await inbox.settle(claim, as: .applied, customer: "cus_1", note: nil)
        try await inbox.shop.run(
            """
            insert into subscription (account_id, subscription_id, plan_id, status, source)
            values ('acme', 'a', 'pro', 'active', 'stripe'), ('acme', 'b', 'pro', 'active', 'api')
            """
        )
        try await put(customers: ["stripe": "cus_1"])
        func held() async throws -> [String] {
            try await store.subscriptions(of: "acme", after: nil, size: 9).items
                .map(\.subscription.id)
        }
        #expect(try await held() == ["a", "b"])
        try await put(customers: ["stripe": "cus_2"])
        #expect(try await held() == ["b"])
        #expect(try await store.progress(of: SubjectInbox.key)?.isUnlinked == true)
        try await put(customers: ["stripe": "cus_1"])
        #expect(try await store.due(source: "stripe", most: 10) == [SubjectInbox.key])
    }

    @Test func `that is a customer is found by its own id`() async throws {
        try await put(customers: ["stripe": "cus_1"])
        let key = SubjectKey(source: "stripe", kind: "customer", id: "cus_1")
        #expect(try await store.account(of: key)?.id == "acme")
        let elsewhere = SubjectKey(source: "lago", kind: "customer", id: "cus_1")
        #expect(try await store.account(of: elsewhere) == nil)
    }

    @Test func `is listed for its customer while it is undone`() async throws {
        let store = store
        let ids = ["sub_1", "sub_2", "sub_3"]
        try await store.write(as: Shop.author) { connection in
            for id in ids {
                let key = SubjectKey(source: "stripe", kind: "subscription", id: id)
                let customer = id == "sub_3" ? "cus_2" : "cus_1"
                _ = try await store.want(key, customer: customer, on: connection)
                _ = try await store.want(key, on: connection)
            }
        }
        try await inbox.shop.run("update subject set done = wanted where id = 'sub_2'")
        let undone = try await store.undone(customer: "cus_1", source: "stripe")
        #expect(undone.map(\.0) == [SubjectInbox.key])
        #expect(undone.map(\.1) == [2])
        #expect(try await store.undone(customer: "cus_1", source: "lago").isEmpty)
    }

    /// A webhook that never came: each row says what is missing, and whether it is looked for.
    private static let missed: [(subject: String, subscription: String, count: Int)] = [
        ("verified_at = now() - interval '25 hours'", "", 1),
        ("verified_at = now() - interval '23 hours'", "", 0),
        ("verified_at = now() - interval '1 hour'", "trial_end = now() - interval '5 minutes'", 1),
        ("verified_at = now() - interval '1 hour'", "period_end = now() - interval '5 minutes'", 1),
        ("verified_at = now() - interval '1 hour'", "cancel_at = now() - interval '5 minutes'", 1),
        (
            "verified_at = now() - interval '1 hour'",
            "next_plan_id = 'free', change_at = now() - interval '5 minutes'", 1
        ),
        (
            "verified_at = now() - interval '1 hour'",
            "next_quantity = 2, quantity_at = now() - interval '5 minutes'", 1
        ),
        (
            "verified_at = now() - interval '1 hour'",
            "paused_from = now() - interval '1 day', paused_until = now() - interval '5 minutes'",
            1
        ),
        (
            "verified_at = now() - interval '1 hour'",
            "status = 'scheduled', starts_at = now() - interval '5 minutes'", 1
        ),
        ("verified_at = now() - interval '1 hour'", "starts_at = now() - interval '5 minutes'", 0),
        // A provider needs its time.
        ("verified_at = now() - interval '1 hour'", "period_end = now() - interval '20 s'", 0),
        (
            "verified_at = now() - interval '1 minute'",
            "period_end = now() - interval '5 minutes'",
            0
        ),
        ("verified_at = now() - interval '25 hours'", "status = 'canceled'", 0),
        ("verified_at = now() - interval '25 hours'", "status = 'incomplete_expired'", 0),
        ("verified_at = now() - interval '25 hours', next_at = 'infinity'", "", 0),
        ("verified_at = now() - interval '25 hours', wanted = 9", "", 0),
        ("verified_at = now() - interval '25 hours', source = 'lago'", "", 0),
    ]

    @Test func `is swept up when nobody told of it`() async throws {
        try await inbox.receive("evt_1")
        let claim = try #require(try await inbox.claim())
        try await inbox.settle(claim, as: .applied, customer: "cus_1", note: nil)
        for (subject, subscription, count) in Self.missed {
            try await inbox.shop.run(
                """
                delete from account;
                insert into account (account_id) values ('acme');
                insert into subscription (account_id, subscription_id, plan_id, status, source,
                    provider_id)
                select 'acme', item, 'pro', 'active', 'stripe', 'sub_1'
                  from unnest(array['a', 'b']) as item;
                update subject set source = 'stripe', wanted = 1, done = 1, next_at = now();
                update subject set \(subject);
                update subscription set \(subscription.isEmpty ? "quantity = 1" : subscription);
                """
            )
            #expect(try await store.sweep(sources: ["stripe"]) == count, "\(subject)")
            let due = try await store.due(source: SubjectInbox.key.source, most: 10).count
            #expect(due == (subject.contains("wanted") ? 1 : count), "\(subject)")
            // What is wanted already is not wanted twice.
            #expect(try await store.sweep(sources: ["stripe"]) == 0, "\(subject)")
        }
    }
}
