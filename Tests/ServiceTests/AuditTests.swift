import Entitlements
import Postgres
import Store
import TestSupport
import Testing

@testable import Service

@Suite(.inTurn, .database, .timeLimit(.minutes(3))) struct `The audit chain` {
    @Test func `holds every acknowledged change once, with its author and reason`() async throws {
        try await World.run { world in
            let session = try await world.signUp()
            try await world.subscribe()
            _ = try await world.service.revokeSession(session, reason: "lost", as: world.author)
            let page = try await world.service.changes(of: "acme", after: nil, size: 50)
            let told = page.items.map { "\($0.revision) \($0.operation) \($0.entity)" }
            #expect(
                told == [
                    "1 insert account", "2 insert session", "3 insert subscription",
                    "4 update session",
                ]
            )
            #expect(page.items.allSatisfy { $0.actor == "key:test" })
            #expect(page.items.last?.reason == "lost")
            #expect(page.items.last?.before["revoked_at"] == .null)
            #expect(try await world.service.account("acme").revision == 4)
        }
    }

    @Test func `verifies whole, and names the account whose history was rewritten`() async throws {
        try await World.run { world in
            for account in ["acme", "bolt", "coil"] { try await world.signUp(account) }
            let changes = try await world.changes()
            let whole = ChainVerdict.verified(chains: 4, changes: changes)
            #expect(try await world.service.verify(account: nil) == whole)

            // As somebody with the whole server in hand would do it.
            _ = try await world.pool.query("alter table change disable trigger refuse_rewrite")
            _ = try await world.pool.query(
                """
                update change set actor = 'key:nobody' where account_id = 'bolt' and revision = 2
                """
            )
            let verdict = try await world.service.verify(account: nil)
            guard case .broken("bolt", 2, _) = verdict else {
                Issue.record("\(verdict)")
                return
            }
            #expect(
                try await world.service.verify(account: "acme") == .verified(chains: 1, changes: 2)
            )
        }
    }

    @Test func `of an account that never was is unknown`() async throws {
        try await World.run(catalog: []) { world in
            let refused = try await refusal {
                _ = try await world.service.verify(account: "nobody")
            }
            #expect(refused.code == .unknownAccount)
        }
    }
}
