import Entitlements
import Limits
import Store
import TestSupport
import Testing

/// What closes a feature, at the edges of dates, clocks and numbers: a reader that held the session
/// before must not be the one place that does not know.
@Suite(.database, .timeLimit(.minutes(5))) struct `A statement that closes` {
    let shop: Shop
    let session: String

    init() async throws {
        shop = try await Shop()
        try await shop.addCounted()
        session = try await shop.open("acme")
    }

    private static let denyAnn = """
        insert into access_grant (account_id, feature_id, effect, user_id)
        values ('acme', 'sso', 'deny', 'ann')
        """

    /// What is done to the session, with what it is until the deny comes, and what brings it back.
    struct Edge: Sendable {
        let session: String
        let before: Decision.Reason
        let then: String
    }

    @Test(arguments: [
        Edge(session: "revoked_at = now() + interval '1 hour'", before: .plan, then: ""),
        Edge(
            session: "expires_at = now() - interval '1 minute'",
            before: .sessionExpired,
            then: "update account set clock_at = now() - interval '1 hour'"
        ),
    ])
    func `for a user reaches a session that will end, or will be back`(edge: Edge) async throws {
        let reader = shop.reader()
        try await shop.run("update session set \(edge.session)")
        #expect(try await reader.reason(session, "sso") == edge.before)
        try await shop.run(Self.denyAnn)
        try await shop.run(edge.then)
        #expect(try await reader.reason(session, "sso") == .deniedByGrant)
        await reader.close()
    }

    @Test func `by a deny stays when a clock that ran ahead is lifted`() async throws {
        let reader = shop.reader()
        try await shop.run("update account set clock_at = now() + interval '10 minutes'")
        try await shop.run(Self.denyAnn)
        #expect(try await reader.reason(session, "sso") == .deniedByGrant)
        try await shop.run("update account set clock_at = null")
        #expect(try await reader.reason(session, "sso") == .deniedByGrant)
        await reader.close()
    }

    @Test func `blocks an account in a zone that Postgres does not know`() async throws {
        let reader = shop.reader()
        try await shop.run(
            """
            alter table account disable trigger complete_timezone;
            update account set timezone = 'GMT+0530';
            alter table account enable trigger complete_timezone;
            """
        )
        try await shop.run("update account set blocked_at = now()")
        #expect(try await reader.reason(session, "sso") == .accountBlocked)
        await reader.close()
    }

    /// A long history is read within its bound, and what is left out is never a deny.
    @Test func `counts behind any number of grants that ended`() async throws {
        let reader = shop.reader()
        try await shop.run(Self.denyAnn.replacing(", 'ann'", with: ", null"))
        try await shop.run(
            """
            insert into access_grant (account_id, feature_id, effect, from_at, until_at)
            select 'acme', 'sso', 'allow', '2020-01-01', '2020-01-02'::date + n
              from generate_series(1, \(Limits.grantsRead + 5)) as n
            """
        )
        let view = try await reader.view(session: session)
        #expect(view.account?.grants.count == Limits.grantsRead)
        #expect(try await reader.reason(session, "sso") == .deniedByGrant)
        await reader.close()
    }

    /// Rows of a feature that was `seats` before are not taken for its level.
    @Test func `by a level is not read from seats that were once assigned`() async throws {
        let reader = shop.reader()
        try await shop.run(
            """
            insert into level values ('acme', 'storage', 5);
            alter table seat disable trigger require_feature_type;
            insert into seat (account_id, feature_id, user_id) values ('acme', 'storage', 'ann');
            """
        )
        #expect(try await reader.reason(session, "storage") == .levelReached)
        await reader.close()
    }
}
