import Entitlements
import Postgres
import Store
import TestSupport
import Testing

@testable import Service

@Suite(.inTurn, .database, .timeLimit(.minutes(3))) struct `The story of an account` {
    @Test func `each acknowledged change is in force at the very next check`() async throws {
        try await World.run { world in
            let session = try await world.signUp()
            #expect(try await world.reason(session) == .notInPlan)
            #expect(try await world.decision(session, "report_days").value == 7)

            try await world.subscribe()
            let open = try await world.decision(session)
            #expect(open.allowed)
            #expect(open.reason == .plan)
            #expect(open.source == Decision.Source(kind: .plan, id: "pro", version: 1))
            #expect(try await world.decision(session, "report_days").value == 90)

            _ = try await world.service.revokeSession(session, reason: "lost", as: world.author)
            #expect(try await world.reason(session) == .sessionRevoked)
            #expect(try await world.reason(world.signIn()) == .plan)
        }
    }

    @Test func `a block closes everything, and lifting it opens it again`() async throws {
        try await World.run { world in
            let session = try await world.signUp()
            try await world.subscribe()
            let record = try await world.service.store.write(as: world.author) { connection in
                try await world.service.block(account: "acme", reason: "fraud", on: connection)
            }
            #expect(record.blockedReason == "fraud")
            for feature in ["sso", "report_days", "api_calls", "seats"] {
                #expect(try await world.reason(session, feature) == .accountBlocked)
            }
            _ = try await world.service.unblock(account: "acme", reason: nil, as: world.author)
            #expect(try await world.decision(session).allowed)
        }
    }

    @Test func `a feature that is switched off is off for everybody, at once`() async throws {
        try await World.run { world in
            let session = try await world.signUp()
            try await world.subscribe()
            let feature = try await world.service.setDisabled(
                feature: "sso",
                true,
                reason: "an incident",
                as: world.author
            )
            #expect(feature.disabledSince != nil)
            #expect(try await world.reason(session) == .featureDisabled)
            #expect(try await world.decision(session, "report_days").allowed)
            _ = try await world.service.setDisabled(
                feature: "sso",
                false,
                reason: nil,
                as: world.author
            )
            #expect(try await world.decision(session).allowed)
        }
    }

    @Test func `a statement typed by hand counts as much as a call`() async throws {
        try await World.run { world in
            let session = try await world.signUp()
            try await world.subscribe()
            #expect(try await world.decision(session).allowed)
            _ = try await world.pool.query("update subscription set status = 'unpaid'")
            #expect(try await world.reason(session) == .paymentFailed)
            _ = try await world.pool.query("delete from subscription")
            #expect(try await world.reason(session) == .notInPlan)
        }
    }

    @Test func `all sessions of a user go at once, and of the others none`() async throws {
        try await World.run { world in
            try await world.link("acme", to: nil)
            try await world.subscribe()
            var anns: [String] = []
            for _ in 1...3 { anns.append(try await world.signIn(user: "ann")) }
            let bobs = try await world.signIn(user: "bob")
            let count = try await world.service.revokeSessions(
                of: "acme",
                user: "ann",
                reason: "left",
                as: world.author
            )
            #expect(count == 3)
            for session in anns { #expect(try await world.reason(session) == .sessionRevoked) }
            #expect(try await world.decision(bobs).allowed)
        }
    }
}

@Suite(.inTurn, .database, .timeLimit(.minutes(3))) struct `What ends by itself` {
    /// The decision at an instant of a state that was read once and is never written again.
    private func reason(
        _ session: String,
        in world: World,
        at offset: Duration,
        from instant: Instant
    ) async throws -> Decision.Reason {
        let view = try await world.service.barrier.view(session: session)
        let feature = try #require(view.live.configuration.features["sso"])
        return decide(
            session: view.session,
            account: view.account,
            configuration: view.live.configuration,
            feature: feature,
            at: instant + offset
        )
        .reason
    }

    @Test func `a trial is open a millisecond before its end and closed at it`() async throws {
        try await World.run { world in
            let session = try await world.signUp()
            let end =
                try await world.service.store.pool.withConnection { connection in
                    try await world.service.store.now(on: connection)
                } + .seconds(60)
            try await world.subscribe(status: .trialing, trialEnd: end)
            let decision = try await world.decision(session)
            #expect(decision.reason == .trial)
            #expect(decision.validUntil == end)

            let milliseconds: [(Int, Decision.Reason)] = [
                (-1, .trial), (0, .trialEnded), (1, .trialEnded),
            ]
            for (offset, reason) in milliseconds {
                let found = try await self.reason(
                    session,
                    in: world,
                    at: .milliseconds(offset),
                    from: end
                )
                #expect(found == reason, "at T\(offset) ms")
            }
        }
    }

    @Test func `by the database's clock, with nothing running`() async throws {
        try await World.run { world in
            let session = try await world.signUp()
            try await world.subscribe(status: .trialing, trialEnd: Instant(microseconds: 0))
            let end = try await beginTrial(of: session, in: world)
            let changes = try await world.changes()
            // Each check carries its own instant, and that instant alone decides.
            try await eventually {
                let view = try await world.service.barrier.view(session: session)
                let reason = try await world.decision(session).reason
                if view.at >= end { #expect(reason == .trialEnded) }
                return reason == .trialEnded
            }
            #expect(try await world.service.barrier.view().at >= end)
            #expect(try await world.changes() == changes, "nothing was written")
        }
    }

    /// Makes the subscription a trial that a check still found open, and tells its end.
    private func beginTrial(of session: String, in world: World) async throws -> Instant {
        var milliseconds = 100
        while true {
            _ = try await world.pool.query(
                """
                update subscription
                   set trial_end =
                       clock_timestamp() + make_interval(secs => \(milliseconds) * 0.001)
                """
            )
            let decision = try await world.decision(session)
            if decision.reason == .trial { return try #require(decision.validUntil) }
            // The machine was busy for longer than the trial.
            milliseconds *= 2
        }
    }

    @Test func `a session is closed when its time is over`() async throws {
        try await World.run { world in
            let session = try await world.signUp()
            try await world.subscribe()
            #expect(try await world.decision(session).allowed)
            _ = try await world.pool.query("update session set expires_at = clock_timestamp()")
            #expect(try await world.reason(session) == .sessionExpired)
        }
    }
}
