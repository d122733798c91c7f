import Entitlements
import Postgres
import Store
import TestSupport
import Testing

@testable import Service

/// After a failover the clock may stand minutes before the times that the former primary wrote.
@Suite(.inTurn, .database, .timeLimit(.minutes(5))) struct `After the clock stepped back` {
    /// Makes a chain's newest change one of six minutes from now: what it wrote is a little older.
    private func advance(_ chain: String, in world: World) async throws {
        _ = try await world.pool.query(
            """
            update chain_head set at = clock_timestamp() + interval '6 minutes'
             where account_id = \(chain)
            """
        )
    }

    @Test(arguments: [false, true])
    func `a session that was revoked stays revoked`(isHeld: Bool) async throws {
        try await World.run { world in
            let session = try await world.signUp()
            try await world.subscribe()
            // Held in memory, the account is not loaded again: only the session changes.
            if isHeld { #expect(try await world.reason(session) == .plan) }
            try await advance("acme", in: world)
            _ = try await world.pool.query(
                "update session set revoked_at = clock_timestamp() + interval '5 minutes'"
            )
            #expect(try await world.reason(session) == .sessionRevoked)
            #expect(try await world.reason(session) == .sessionRevoked)
            let view = try await world.service.barrier.view(session: session)
            let head = try await world.count(
                """
                select (extract(epoch from at) * 1000000)::bigint as n
                  from chain_head where account_id = 'acme'
                """
            )
            #expect(view.at >= Instant(microseconds: Int64(head)))
        }
    }

    @Test(arguments: [false, true])
    func `an account that was blocked stays blocked`(isHeld: Bool) async throws {
        try await World.run { world in
            let session = try await world.signUp()
            try await world.subscribe()
            if isHeld { #expect(try await world.reason(session) == .plan) }
            try await advance("acme", in: world)
            _ = try await world.pool.query(
                "update account set blocked_at = clock_timestamp() + interval '5 minutes'"
            )
            #expect(try await world.reason(session) == .accountBlocked)
        }
    }

    @Test(arguments: [false, true])
    func `a key that was revoked stays revoked`(isHeld: Bool) async throws {
        try await World.run { world in
            let session = try await world.signUp()
            let key = try await world.service.createKey(
                name: "gateway",
                scopes: [.check],
                expiresAt: nil,
                as: world.author
            )
            if isHeld { _ = try await world.decision(session, key: key.secret) }
            try await advance("", in: world)
            _ = try await world.pool.query(
                "update api_key set revoked_at = clock_timestamp() + interval '5 minutes'"
            )
            let refused = try await refusal {
                _ = try await world.decision(session, key: key.secret)
            }
            #expect(refused.code == .keyRevoked)
        }
    }

    @Test func `a feature that was switched off stays off`() async throws {
        try await World.run { world in
            let session = try await world.signUp()
            try await world.subscribe()
            #expect(try await world.reason(session) == .plan)
            try await advance("", in: world)
            _ = try await world.pool.query(
                """
                update feature set disabled_at = clock_timestamp() + interval '5 minutes'
                 where feature_id = 'sso'
                """
            )
            #expect(try await world.reason(session) == .featureDisabled)
        }
    }
}
