import Entitlements
import Limits
import Outbound
import Postgres
import Store
import TestSupport
import Testing

@testable import Service

@Suite(.inTurn, .database, .timeLimit(.minutes(5))) struct `An instance that lacks a source` {
    @Test func `leaves its subjects to those that have it`() async throws {
        try await World.run { world in
            try await world.signUp(customer: "cus_acme")
            world.provider.set(StripeSubscription())
            try await ReviewInstance.run(sources: [:]) { instance in
                try await instance.want(["sub_1"])
                #expect(
                    try await !instance.billing.processor.settle(
                        .subscription("sub_1"),
                        generation: 1,
                        within: .seconds(10)
                    )
                )
                // Ends at once, for it has nothing to go through.
                try await instance.worker.run()
                var horizons: [Housekeeping.Horizon] = []
                await instance.housekeeping.keepHouse(&horizons)
            }
            let subject = try await world.subject()
            #expect(subject.progress.wanted == 1 && subject.progress.done == 0)
            #expect(subject.progress.attempts == 0 && subject.progress.lastError == nil)
            #expect(try #require(subject.seconds) <= 0, "it is as due as it was")
            #expect(
                try await world.count(
                    "select count(*) as n from subject where lease_until is not null"
                ) == 0
            )
            try await world.work()
            #expect(try await world.subscriptions().count == 1)
        }
    }
}

@Suite(.inTurn, .database, .timeLimit(.minutes(5))) struct `A provider that hangs` {
    @Test func `does not keep the subjects of another waiting`() async throws {
        try await World.run { world in
            let hanging = try FakeProvider()
            defer { hanging.stop() }
            let gate = hanging.hold("sub_1")
            defer { gate.open() }
            world.provider.set(StripeSubscription(id: "sub_2"))
            let sources = ["alpha": hanging.base, "omega": world.provider.base]
            try await ReviewInstance.run(sources: sources) { instance in
                try await instance.want(["sub_1"], of: "alpha")
                let work = Task { try await instance.worker.run() }
                await hanging.arrivals(of: "sub_1").wait()
                // Wanted only now: all rounds until it is settled begin while the other hangs.
                try await instance.want(["sub_2"], of: "omega")
                try await eventually {
                    try await world.count(
                        """
                        select count(*) as n from subject
                         where source = 'omega' and wanted = done
                        """
                    ) == 1
                }
                #expect(
                    try await world.count(
                        """
                        select count(*) as n from subject
                         where source = 'alpha' and lease_until is not null
                        """
                    ) == 1
                )
                work.cancel()
                await instance.client.shutdown()
                try await work.value
            }
        }
    }
}

@Suite(.inTurn, .database, .timeLimit(.minutes(5))) struct `A round of housekeeping` {
    /// Each table that some steps need, and which steps get their turn nevertheless.
    @Test(arguments: [
        (table: "feed", others: ["answers", "bodies", "sweep"]),
        (table: "subject", others: ["answers", "bodies", "feed"]),
        (table: "idempotency", others: ["bodies", "feed", "sweep"]),
        (table: "inbox", others: ["answers", "feed", "sweep"]),
    ])
    func `goes on with the other steps when one fails`(
        case row: (table: String, others: [String])
    ) async throws {
        try await World.run { world in
            try await world.signUp(customer: "cus_acme")
            world.provider.set(StripeSubscription())
            try await world.deliver(StripeEvent("evt_1"))
            try await makeOld(world)
            try await rename(row.table, to: "gone", in: world)
            try await ReviewInstance.run(sources: ["stripe": world.provider.base]) { instance in
                // Noted long ago, as far as the retention goes: it is used at once.
                var horizons: [Housekeeping.Horizon] = [
                    (.now - Limits.feedRetention * 2, try await world.service.store.feedHorizon())
                ]
                await instance.housekeeping.keepHouse(&horizons)
            }
            try await rename("gone", to: row.table, in: world)
            #expect(try await done(world) == row.others)
        }
    }

    private func rename(_ table: String, to name: String, in world: World) async throws {
        _ = try await world.pool.query("alter table \(raw: table) rename to \(raw: name)")
    }

    /// Gives every step something to do.
    private func makeOld(_ world: World) async throws {
        try await world.pool.withConnection { connection in
            try await connection.execute(
                script: """
                    update inbox set settled_at = now() - interval '91 days';
                    update subject set verified_at = now() - interval '2 days';
                    insert into idempotency (caller, operation, key, fingerprint, status, answer,
                        created_at)
                    values ('c', 'o', 'k', '', 200, '{}', now() - interval '2 days');
                    """
            )
        }
    }

    /// The steps that did what they had to do, in order of their names.
    private func done(_ world: World) async throws -> [String] {
        let row = try #require(
            try await world.pool
                .query(
                    """
                    select not exists (select from idempotency) as answers,
                           not exists (select from inbox where body <> '') as bodies,
                           (select floor > '0' from feed_floor) as feed,
                           exists (select from subject where wanted > done) as sweep
                    """
                )
                .first
        )
        return try ["answers", "bodies", "feed", "sweep"].filter { try row.bool($0) }
    }
}
