import Entitlements
import Postgres
import Store
import TestSupport
import Testing

/// What a view leaves out, and what it never does.
@Suite(.database, .timeLimit(.minutes(5))) struct `A view for a caller` {
    let shop: Shop
    let session: String

    init() async throws {
        shop = try await Shop()
        session = try await shop.open("acme")
    }

    private static let unknown = KeyDigest(bytes: Array(repeating: 7, count: 32))

    private func digest(of secret: String) async throws -> KeyDigest {
        let rows = try await shop.pool.query("select sha256(\(secret)::text::bytea) as hash")
        return KeyDigest(bytes: try rows[0].bytes("hash"))
    }

    @Test func `with a key has its rows, without one reads none`() async throws {
        let reader = shop.reader()
        let key = try await digest(of: "secret")
        for caller in [BarrierCaller.key(nil), .key(Self.unknown)] {
            // Also when the configuration was not there yet.
            for _ in 0..<2 {
                let view = try await reader.view(session: session, caller: caller)
                #expect(view.session == nil && view.account == nil)
                #expect(view.live.keys[key] != nil)
            }
        }
        try await wait { reader.statistics.figures.answered == 4 }
        let wasted = reader.statistics.figures.keysLoaded
        #expect(wasted <= 2, "only until the keys were known")
        for caller in [BarrierCaller.service, .key(key)] {
            #expect(try await reader.view(session: session, caller: caller).session != nil)
        }
        try await shop.run("delete from api_key")
        #expect(try await reader.view(session: session, caller: .key(key)).session == nil)
        await reader.close()
    }

    @Test func `trusts the one key that is not in the database`() async throws {
        let reader = BarrierReader(
            settings: ConnectionSettings(url: shop.url),
            bounds: BarrierBounds(),
            trusted: Self.unknown,
            logger: .silent
        )
        let view = try await reader.view(session: session, caller: .key(Self.unknown))
        #expect(view.session != nil)
        await reader.close()
    }

    /// A newer program may write words that this one does not know; what such a row would have
    /// opened stays closed, and everybody else is answered.
    @Test func `goes without a row that cannot be read`() async throws {
        try await shop.open("other")
        try await shop.run(
            """
            alter table subscription drop constraint subscription_status_check;
            insert into subscription (account_id, subscription_id, plan_id, status)
            values ('acme', 'second', 'free', 'active');
            update subscription set status = 'novel' where subscription_id = 'sub'
               and account_id = 'acme';
            alter table feature drop constraint feature_type_check;
            insert into feature (feature_id, type, combine) values ('new', 'novel', 'any');
            """
        )
        let reader = shop.reader()
        let view = try await reader.view(session: session)
        #expect(view.account?.subscriptions.map(\.id) == ["second"])
        #expect(view.live.features.map(\.id) == ["calls", "sso"])
        let other = try await reader.view(session: Shop.session(of: "other"))
        #expect(other.account?.subscriptions.map(\.id) == ["sub"])
        try await wait { reader.statistics.figures.answered == 2 }
        #expect(reader.statistics.figures.unreadable == 2)
        await reader.close()
    }

    /// After the clock was set back, what was revoked a moment ago would be open again.
    @Test func `is never of a time before a change that it shows`() async throws {
        let reader = shop.reader()
        _ = try await reader.view(session: session)
        let now = try await reader.view().at
        let ahead = now + .seconds(86_000)
        func setHead(of chain: String) async throws {
            try await shop.run(
                """
                begin; set local session_replication_role = replica;
                update chain_head set at = at + interval '1 day' where account_id = '\(chain)';
                commit
                """
            )
        }
        try await setHead(of: "acme")
        // A session that memory does not hold: the account's number, and its time, are raised.
        try await shop.run(
            """
            insert into session (account_id, session_id, user_id, expires_at)
            values ('acme', '\(Shop.session(of: "acme", 2))', 'ann', now())
            """
        )
        #expect(try await reader.view(session: session).at > ahead)
        try await shop.run("update account set name = 'x'")
        #expect(try await reader.view(session: session).at > ahead)
        #expect(try await reader.view().at < ahead)
        try await setHead(of: "")
        try await shop.run("update feature set unit = 'x'")
        #expect(try await reader.view().at > ahead)
        await reader.close()
    }
}
