import Entitlements
import Postgres
import Store
import TestSupport
import Testing

@Suite(.database, .timeLimit(.minutes(5))) struct `A view` {
    let shop: Shop
    let reader: BarrierReader

    init() async throws {
        shop = try await Shop()
        reader = shop.reader()
    }

    @Test func `shows the session, its account and what all share`() async throws {
        let id = try await shop.open("acme")
        try await shop.run(
            """
            update subscription set status = 'past_due', version = 1, quantity = 3,
                starts_at = to_timestamp(1), trial_end = to_timestamp(2),
                period_start = to_timestamp(3), period_end = to_timestamp(4),
                past_due_since = to_timestamp(5), cancel_at = to_timestamp(6),
                ended_at = to_timestamp(7);
            update account set blocked_at = to_timestamp(8);
            update session set created_at = to_timestamp(9), expires_at = to_timestamp(10),
                revoked_at = to_timestamp(11);
            """
        )
        let view = try await reader.view(session: id)
        func at(_ seconds: Int64) -> Instant { Instant(microseconds: seconds * 1_000_000) }
        #expect(
            view.session
                == Session(
                    id: id,
                    account: "acme",
                    user: "ann",
                    createdAt: at(9),
                    expiresAt: at(10),
                    revokedAt: at(11)
                )
        )
        let subscription = Subscription(
            id: "sub",
            plan: "pro",
            version: 1,
            status: .pastDue,
            quantity: 3,
            startsAt: at(1),
            trialEnd: at(2),
            periodStart: at(3),
            periodEnd: at(4),
            quotaAnchor: at(3),
            heldSince: at(1),
            pastDueSince: at(5),
            cancelAt: at(6),
            endedAt: at(7)
        )
        let changedAt =
            try await shop.pool
            .query(
                "select at from chain_head where account_id = 'acme'"
            )[0]
            .instant("at")
        let createdAt =
            try await shop.pool
            .query("select date_trunc('milliseconds', created_at) as t from account")[0]
            .instant("t")
        #expect(
            view.account
                == Account(
                    id: "acme",
                    revision: 6,
                    changedAt: changedAt,
                    blockedSince: at(8),
                    subscriptions: [subscription],
                    calendar: AccountCalendar(createdAt: createdAt)
                )
        )
        let configuration = view.live.configuration
        #expect(configuration.defaultPlan == "free")
        #expect(configuration.plans["pro"]?.versions[1]?.entitlements["sso"]?.value == true)
        #expect(view.live.features.map(\.id) == ["calls", "sso"])
        #expect(view.live.keys.values.map(\.id) == ["key"])
        #expect(try await configuration.revision == shop.revision(""))
    }

    @Test func `keeps subscriptions in the order in which they were made`() async throws {
        try await shop.open("acme")
        try await shop.run(
            """
            insert into subscription (account_id, subscription_id, plan_id, status, created_at)
            values ('acme', 'z', 'pro', 'active', to_timestamp(1)),
                   ('acme', 'a', 'pro', 'active', to_timestamp(2))
            """
        )
        let view = try await reader.view(account: "acme")
        #expect(view.account?.subscriptions.map(\.id) == ["z", "a", "sub"])
        #expect(view.session == nil)
    }

    @Test func `of what is no session id has neither session nor account`() async throws {
        try await shop.open("acme")
        for id in ["", "acme", "ses_", "ses_0000000000000000000000000u_acme"] {
            let view = try await reader.view(session: id)
            #expect(view.session == nil && view.account == nil, "\(id)")
        }
    }

    @Test func `does not remember that a session or an account was unknown`() async throws {
        let id = Shop.session(of: "acme")
        let before = try await reader.view(session: id)
        #expect(before.session == nil && before.account == nil)
        try await shop.open("acme")
        let after = try await reader.view(session: id)
        #expect(after.session?.id == id && after.account?.id == "acme")
    }

    @Test func `finds no session under another account's name`() async throws {
        try await shop.open("acme")
        try await shop.open("other")
        let forged = Shop.session(of: "acme").replacing("_acme", with: "_other")
        #expect(try await reader.view(session: forged).session?.account == "other")
        try await shop.run("delete from session where account_id = 'other'")
        #expect(try await reader.view(session: forged).session == nil)
    }

    @Test func `after a change of a session has the new revision without a new read`()
        async throws
    {
        let id = try await shop.open("acme")
        _ = try await reader.view(session: id)
        let loaded = try await figures(after: 1).keysLoaded
        for number in 2...4 {
            try await shop.run(
                """
                insert into session (account_id, session_id, user_id, expires_at)
                values ('acme', '\(Shop.session(of: "acme", number))', 'bob', now())
                """
            )
            let account = try await reader.view(account: "acme").account
            #expect(try await account?.revision == shop.revision("acme"))
        }
        #expect(try await figures(after: 4).keysLoaded == loaded)
        // The session itself is read again, and only that.
        try await shop.run("update session set revoked_at = now() where session_id = '\(id)'")
        let view = try await reader.view(session: id)
        #expect(view.session?.revokedAt != nil)
        #expect(try await view.account?.revision == shop.revision("acme"))
        #expect(try await figures(after: 5).keysLoaded == loaded + 1)
    }

    @Test func `that needs nothing new reads nothing but the barrier`() async throws {
        let id = try await shop.open("acme")
        _ = try await reader.view(session: id)
        let before = try await figures(after: 1)
        for _ in 0..<20 { _ = try await reader.view(session: id) }
        let after = try await figures(after: 21)
        #expect(after.keysLoaded == before.keysLoaded && after.keysChanged == before.keysChanged)
        #expect(after.reads == before.reads + 20 && after.fresh == before.fresh)
    }

    @Test func `after a truncate has none of the rows`() async throws {
        let id = try await shop.open("acme")
        #expect(try await reader.view(session: id).account?.subscriptions.count == 1)
        try await shop.run("truncate subscription")
        #expect(try await reader.view(session: id).account?.subscriptions == [])
        try await shop.run("truncate session cascade")
        #expect(try await reader.view(session: id).session == nil)
        try await shop.run("truncate account cascade")
        #expect(try await reader.view(session: id).account == nil)
    }

    /// Deleted and made again, over and over: nothing of the former life is left.
    @Test func `after an account was deleted has nothing that hung on it`() async throws {
        let id = try await shop.open("acme")
        for _ in 0..<5 {
            let view = try await reader.view(session: id)
            #expect(view.session != nil && view.account?.subscriptions.count == 1)
            let revision = try #require(view.account?.revision)
            try await shop.run("delete from account where account_id = 'acme'")
            let empty = try await reader.view(session: id)
            #expect(empty.session == nil && empty.account == nil)
            try await shop.open("acme")
            #expect(try await reader.view(session: id).account?.revision == revision + 6)
        }
    }

    @Test func `follows the catalog and its switches`() async throws {
        _ = try await reader.view()
        try await shop.run("update feature set disabled_at = now() where feature_id = 'sso'")
        var configuration = try await reader.view().live.configuration
        #expect(configuration.features["sso"]?.disabledSince != nil)
        try await shop.run("update feature set archived_at = now() where feature_id = 'sso'")
        configuration = try await reader.view().live.configuration
        #expect(configuration.features["sso"] == nil)
        try await shop.run(
            """
            begin;
            update plan set is_default = false where plan_id = 'free';
            update plan set is_default = true where plan_id = 'pro';
            commit;
            """
        )
        #expect(try await reader.view().live.configuration.defaultPlan == "pro")
        try await shop.run("delete from api_key")
        #expect(try await reader.view().live.keys.isEmpty)
    }

    @Test func `reads a plan's content whole`() async throws {
        try await shop.run(
            """
            update plan_version set trial_days = 14, trial_then = 'free', grace_days = 3
             where plan_id = 'pro';
            insert into entitlement (plan_id, version, feature_id, limit_units, settings)
            values ('pro', 1, 'calls', 100, '{"per": "month"}');
            insert into entitlement (plan_id, version, feature_id, unlimited)
            values ('pack', 1, 'calls', true);
            """
        )
        let plans = try await reader.view().live.configuration.plans
        let pro = try #require(plans["pro"]?.versions[1])
        #expect(pro.trialDays == 14 && pro.trialThen == "free")
        #expect(pro.grace == .seconds(3 * 86_400))
        #expect(
            pro.entitlements["calls"]
                == Entitlement(limit: .units(100), settings: ["per": "month"])
        )
        #expect(plans["pack"]?.kind == .addon)
        #expect(plans["pack"]?.versions[1]?.entitlements["calls"]?.limit == .unlimited)
    }

    @Test func `has a clock that does not go back`() async throws {
        var last = try await reader.view().at
        for _ in 0..<20 {
            let at = try await reader.view().at
            #expect(at > last)
            last = at
        }
    }

    /// What the reader counted, once it has counted so many answers: it answers first.
    private func figures(after answers: Int) async throws -> BarrierStatistics.Figures {
        try await wait { reader.statistics.figures.answered >= answers }
        return reader.statistics.figures
    }
}
