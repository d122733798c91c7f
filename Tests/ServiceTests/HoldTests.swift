import Entitlements
import Postgres
import TestSupport
import Testing

@testable import Service
@testable import Store

/// Reservations: what is held, how a hold ends, and what the ledger says of it.
@Suite(.database, .timeLimit(.minutes(2))) struct `A reservation` {
    @Test func `is held on every meter of the feature, and settled on all of them`() async throws {
        try await Counting.run { counting in
            let id = try await counting.held("calls", 5, user: "ada")
            #expect(try await counting.meters("calls") == [":0 and holds", "user:ada:0 and holds"])
            // The user has 1 of 6 left, the account 5 of 10.
            #expect(try await !counting.consume("calls", 2, user: "ada"))
            #expect(try await counting.consume("calls", 5, user: "bo"))
            let settled = try await counting.settle(id, 3)
            #expect(settled.state == .settled && settled.hold.settledUnits == 3)
            #expect(settled.reading.used == 8 && settled.reading.held == 0)
            #expect(
                try await counting.meters("calls") == [":8", "user:ada:3", "user:bo:5"]
            )
            #expect(
                try await counting.ledger("calls") == [
                    "reserve 0 5 - key:test", "consume 5 0 - key:bootstrap",
                    "settle 3 -5 - key:test",
                ]
            )
        }
    }

    @Test func `is denied as a whole where one meter has no room`() async throws {
        try await Counting.run { counting in
            let denied = try await counting.hold("calls", 7, user: "ada", key: "k")
            let held = try #require(denied.value)
            #expect(held.hold == nil && !held.decision.isAllowed)
            #expect(held.decision.judgement.items[0].decision?.reason == .quotaExhausted)
            #expect(try await counting.meters("calls").isEmpty)
            // The key is free: nothing was done under it.
            #expect(try await counting.hold("calls", 6, user: "ada", key: "k").value?.hold != nil)
        }
    }

    @Test func `is made once under its key, also when it would be denied by now`() async throws {
        try await Counting.run { counting in
            let first = try await counting.hold("calls", 10, key: "k")
            let id = try #require(first.value?.hold?.key.id)
            #expect(try await counting.hold("calls", 10, key: "k").repeated == id)
            #expect(
                try await counting.refusal { try await $0.hold("calls", 9, key: "k") }?.code
                    == .idempotencyKeyReused
            )
            #expect(try await counting.ledger("calls").count == 1)
        }
    }

    @Test func `takes more than was held only where there is room, and is else held on`()
        async throws
    {
        try await Counting.run { counting in
            let id = try await counting.held("image", 4)
            #expect(try await counting.consume("credits", 50))
            // Ten more of the pool are left: one image.
            #expect(
                try await counting.refusal { try await $0.settle(id, 6) }?.code == .limitReached
            )
            #expect(try await counting.meters("credits") == [":50 and holds"])
            #expect(try await counting.settle(id, 5).reading.used == 5)
            #expect(try await counting.meters("credits") == [":100"])
            #expect(try await counting.meters("image") == [":5"])
        }
    }

    @Test func `is settled once, whoever repeats it`() async throws {
        try await Counting.run { counting in
            let id = try await counting.held("calls", 4)
            try await counting.settle(id, 2, key: "s")
            #expect(try await counting.settle(id, 2).reading.used == 2)
            #expect(try await counting.refusal { try await $0.settle(id, 3) }?.code == .conflict)
            #expect(
                try await counting.refusal {
                    try await $0.world.service.release(.reservation, id, as: $0.world.author)
                }?
                .code == .conflict
            )
            #expect(try await counting.meters("calls") == [":2"])
        }
    }

    @Test func `lapses by time alone at its very instant`() async throws {
        try await Counting.run { counting in
            let id = try await counting.held("calls", 10, seconds: 60)
            let standing = try await counting.world.service.reservation(id)
            #expect(standing.state == .held && standing.reading.held == 10)
            try await counting.pass(59)
            #expect(try await !counting.consume("calls", 1))
            try await counting.pass(1)
            #expect(try await counting.world.service.reservation(id).state == .lapsed)
            #expect(
                try await counting.refusal { try await $0.settle(id, 1) }?.code
                    == .reservationLapsed
            )
            #expect(try await counting.consume("calls", 10))
            #expect(
                try await counting.ledger("calls") == [
                    "reserve 0 10 - key:test", "lapse 0 -10 - -", "consume 10 0 - key:bootstrap",
                ]
            )
            let released = try await counting.world.service.release(
                .reservation,
                id,
                as: counting.world.author
            )
            #expect(released.state == .lapsed)
        }
    }

    @Test func `that was settled by two at once counts once`() async throws {
        try await Counting.run { counting in
            let id = try await counting.held("calls", 4)
            try await withThrowingTaskGroup(of: Int64?.self) { group in
                for _ in 0..<20 {
                    group.addTask { try await counting.settle(id, 4).reading.used }
                }
                for try await used in group { #expect(used == 4) }
            }
            #expect(try await counting.meters("calls") == [":4"])
            #expect(try await counting.ledger("calls").count == 2)
        }
    }

    @Test func `ends on the meters that it is held on, also when the grant of them is withdrawn`()
        async throws
    {
        try await Counting.run { counting in
            let ada = try await counting.world.signIn(user: "ada")
            try await counting.grant("calls", 50, user: "ada")
            let first = try await counting.held("calls", 20, session: ada, seconds: 3_000)
            let second = try await counting.held("calls", 30, session: ada, seconds: 3_000)
            #expect(try await counting.meters("calls") == ["user:ada:0 and holds"])
            try await counting.withdrawGrants()
            #expect(
                try await counting.refusal { try await $0.settle(second, 31) }?.code
                    == .limitReached
            )
            try await counting.settle(second, 25)
            // Nothing of it is the account's, which has ten.
            #expect(try await counting.meters("calls") == ["user:ada:25 and holds"])
            _ = try await counting.world.service.release(
                .reservation,
                first,
                as: counting.world.author
            )
            #expect(try await counting.meters("calls") == ["user:ada:25"])
            #expect(
                try await counting.ledger("calls").suffix(2) == [
                    "settle 25 -30 - key:test", "release 0 -20 - key:test",
                ]
            )
            // What was released is there again for whoever has the grant anew.
            try await counting.grant("calls", 50, user: "ada")
            #expect(try await counting.consume("calls", 25, session: ada))
            #expect(try await !counting.consume("calls", 1, session: ada))
        }
    }

    @Test func `ends on the account's meter, though a grant stands in its place by now`()
        async throws
    {
        try await Counting.run { counting in
            let ada = try await counting.world.signIn(user: "ada")
            let id = try await counting.held("calls", 5, session: ada)
            try await counting.grant("calls", 50, user: "ada")
            try await counting.settle(id, 6)
            #expect(try await counting.meters("calls") == [":6", "user:ada:6"])
        }
    }

    @Test func `that another instance ended meanwhile is not ended again`() async throws {
        try await Counting.run { counting in
            let id = try await counting.held("calls", 4)
            let key = ReservationKey(account: "acme", id: id)
            let store = counting.world.service.store
            var ended = try #require(try await store.reservation(key))
            ended.state = .released
            _ = try await counting.world.pool.query(MeterStatements.put([ended]))
            await #expect(throws: PostgresError.self) {
                _ = try await counting.world.pool.query(MeterStatements.put([ended]))
            }
        }
    }

    @Test func `that lapses is told once, for its user and by what drew on a pool`() async throws {
        try await Counting.run { counting in
            _ = try await counting.held("calls", 4, user: "ada")
            _ = try await counting.held("image", 2, user: "ada")
            try await counting.pass(60)
            #expect(try await counting.consume("calls", 1, user: "ada"))
            #expect(try await counting.consume("image", 1))
            let rows = try await counting.world.pool.query(
                """
                select concat_ws(' ', feature_id, subject, user_id, via, held) as line
                  from meter_entry where kind = 'lapse' order by feature_id
                """
            )
            #expect(
                try rows.map { try $0.text("line") } == [
                    "calls  ada -4", "credits  ada image -20", "image  ada -2",
                ]
            )
        }
    }

    @Test(arguments: ["rsv_x", "rsv_00000000000000000000000000_acme", ""])
    func `that nobody made is unknown`(id: String) async throws {
        try await Counting.run { counting in
            let refusal = try await counting.refusal { try await $0.settle(id, 1) }
            #expect(refusal?.code == .unknownReservation)
        }
    }
}

/// Leases: so many at once, and no longer than somebody says so.
@Suite(.database, .timeLimit(.minutes(2))) struct `A lease` {
    @Test func `is one of so many, of the account and of a user`() async throws {
        try await Counting.run { counting in
            let first = try await counting.held("jobs", 2, kind: .lease, user: "ada")
            let third = try await counting.hold("jobs", 1, kind: .lease, user: "ada")
            let reason = third.value?.decision.judgement.items[0].decision?.reason
            #expect(third.value?.hold == nil && reason == .concurrencyReached)
            #expect(try await counting.hold("jobs", 1, kind: .lease, user: "bo").value?.hold != nil)
            #expect(try await counting.hold("jobs", 1, kind: .lease).value?.hold == nil)
            let service = counting.world.service
            _ = try await service.release(.lease, first, as: counting.world.author)
            let again = try await service.release(.lease, first, as: counting.world.author)
            #expect(again.state == .released && again.reading.used == 1)
            #expect(
                try await counting.hold("jobs", 2, kind: .lease, user: "ada").value?.hold != nil
            )
        }
    }

    @Test func `is kept by heartbeats, and over without them`() async throws {
        try await Counting.run { counting in
            let service = counting.world.service
            let kept = try await counting.held("jobs", 1, kind: .lease, user: "ada")
            let left = try await counting.held("jobs", 1, kind: .lease)
            try await counting.pass(59)
            let beat = try await service.renew(kept, lifetime: .seconds(60), key: nil) { _ in "" }
            #expect(beat.value?.state == .held)
            try await counting.pass(1)
            let page = try await service.leases(of: "acme", feature: "jobs", after: nil, size: 9)
            #expect(page.items.map(\.key.id) == [kept] && page.items[0].user == "ada")
            #expect(
                try await counting.refusal {
                    try await $0.world.service.renew(left, lifetime: .seconds(9), key: nil) { _ in
                        ""
                    }
                }?
                .code == .unknownLease
            )
            try await counting.pass(59)
            #expect(
                try await service.leases(of: "acme", feature: nil, after: nil, size: 9).items
                    .isEmpty
            )
        }
    }
}
