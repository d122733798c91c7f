import Entitlements
import Postgres
import Store
import TestSupport
import Testing

@testable import Service

@Suite(.inTurn, .database, .timeLimit(.minutes(3))) struct `An API key` {
    private func key(
        _ world: World,
        scopes: [Scope] = [.check],
        expiresAt: Instant? = nil
    ) async throws -> NewKey {
        try await world.service.createKey(
            name: "gateway",
            scopes: scopes,
            expiresAt: expiresAt,
            as: world.author
        )
    }

    private func code(_ world: World, _ secret: String) async throws -> Refusal.Code {
        try await refusal { _ = try await world.decision("ses_none", key: secret) }.code
    }

    @Test func `opens what it is for at the very next call, and nothing once it is revoked`()
        async throws
    {
        try await World.run { world in
            let session = try await world.signUp()
            let key = try await key(world)
            #expect(try await world.decision(session, key: key.secret).reason == .notInPlan)
            try await world.service.revokeKey(key.record.id, as: world.author)
            #expect(try await code(world, key.secret) == .keyRevoked)
            #expect(try await world.decision(session).reason == .notInPlan, "other keys go on")
        }
    }

    @Test func `is stored as a hash alone, in the change log as well`() async throws {
        try await World.run { world in
            let key = try await key(world)
            #expect(key.secret.hasPrefix("uk_"))
            let secret = key.secret.dropFirst(3)
            let rows = try await world.pool.query(
                """
                select (select string_agg(k::text, ' ') from api_key k) as keys,
                       (select string_agg(c::text, ' ') from change c) as changes
                """
            )
            let row = try #require(rows.first)
            #expect(!(try row.text("keys").contains(secret)))
            #expect(!(try row.text("changes").contains(secret)))
            #expect(try row.text("changes").contains(key.record.id))
        }
    }

    @Test func `gives way to the one that it is rotated to, in one step`() async throws {
        try await World.run { world in
            let session = try await world.signUp()
            let expiry = Instant(microseconds: StripeSubscription.end * 1_000_000)
            let old = try await key(world, scopes: [.check, .usage], expiresAt: expiry)
            let new = try await world.service.rotateKey(old.record.id, as: world.author)
            #expect(new.record.id != old.record.id)
            #expect(new.record.name == "gateway")
            #expect(Set(new.record.scopes) == [.check, .usage])
            #expect(new.record.expiresAt == expiry)
            #expect(try await code(world, old.secret) == .keyRevoked)
            #expect(try await world.decision(session, key: new.secret).reason == .notInPlan)

            let again = try await refusal {
                _ = try await world.service.rotateKey(old.record.id, as: world.author)
            }
            #expect(again.code == .conflict)
            #expect(again.field == "key")
        }
    }

    @Test func `is refused with its own reason`() async throws {
        try await World.run { world in
            let past = try await key(world, expiresAt: Instant(microseconds: 1))
            #expect(try await code(world, past.secret) == .keyExpired)
            let other = try await key(world, scopes: [.billing, .audit])
            let refused = try await refusal {
                _ = try await world.decision("ses_none", key: other.secret)
            }
            #expect(refused.code == .missingScope)
            #expect(refused.detail.contains("check"))
            #expect(try await code(world, "uk_never_made") == .unauthenticated)
            let nobody = try await refusal {
                _ = try await world.service.authorize(nil, for: .check, requestID: "req")
            }
            #expect(nobody.code == .unauthenticated)
        }
    }

    @Test func `of scope admin may do everything, and another only its own`() async throws {
        try await World.run(catalog: []) { world in
            for scope in Scope.allCases {
                let one = try await key(world, scopes: [scope])
                for asked in Scope.allCases {
                    let author = try? await world.service.authorize(
                        KeyDigest(of: one.secret),
                        for: asked,
                        requestID: "req"
                    )
                    let isAllowed = scope == .admin || scope == asked
                    #expect(author?.actor == (isAllowed ? "key:\(one.record.id)" : nil))
                }
            }
        }
    }

    @Test func `that nobody made cannot be revoked or rotated`() async throws {
        try await World.run(catalog: []) { world in
            let author = world.author
            let codes = [
                try await refusal { try await world.service.revokeKey("key_no", as: author) }.code,
                try await refusal {
                    _ = try await world.service.rotateKey("key_no", as: author)
                }
                .code,
            ]
            #expect(codes == [.unknownKey, .unknownKey])
        }
    }
}
