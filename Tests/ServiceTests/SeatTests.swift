import Catalog
import Entitlements
import Postgres
import Store
import TestSupport
import Testing

@testable import Service

extension World {
    @discardableResult
    func assign(
        _ user: String,
        account: String = "acme"
    ) async throws -> (seat: SeatRecord, usage: Usage, isNew: Bool) {
        try await service.assignSeat(user, of: "seats", account: account, reason: nil, as: author)
    }

    @discardableResult
    func release(_ user: String) async throws -> Usage {
        try await service.releaseSeat(user, of: "seats", account: "acme", reason: nil, as: author)
    }

    @discardableResult
    func swap(_ leaver: String, _ joiner: String) async throws -> Usage {
        try await service.store.write(as: author) { connection in
            try await service.swapSeat(
                from: leaver,
                to: joiner,
                of: "seats",
                account: "acme",
                on: connection
            )
            .usage
        }
    }

    func seats() async throws -> SeatList {
        try await service.seats(of: "seats", account: "acme", after: nil, size: 200)
    }
}

@Suite(.database, .timeLimit(.minutes(5))) struct `A seat` {
    /// Half of them by one instance, half by another.
    @Test func `is had by exactly ten of fifty who ask at once`() async throws {
        try await World.run { world in
            try await world.signUp()
            try await world.subscribe()
            try await world.withSecondInstance { second in
                let outcomes = try await withThrowingTaskGroup(of: Bool.self) { group in
                    for number in 0..<50 {
                        group.addTask {
                            let instance = number % 2 == 0 ? world : second
                            do {
                                return try await instance.assign("user\(number)").isNew
                            } catch let refused as Refusal where refused.code == .limitReached {
                                return false
                            }
                        }
                    }
                    return try await group.reduce(into: []) { $0.append($1) }
                }
                #expect(outcomes.filter(\.self).count == 10)
            }
            let list = try await world.seats()
            #expect(list.page.items.count == 10 && list.usage.used == 10)
            #expect(list.usage.remaining == .units(0) && list.usage.over == 0)
        }
    }

    @Test func `is one, however often it is given, and free when it is taken back`() async throws {
        try await World.run { world in
            let session = try await world.signUp()
            try await world.subscribe()
            #expect(try await world.reason(session, "seats") == .noSeat)
            #expect(try await world.assign("ann").isNew)
            #expect(try await world.reason(session, "seats") == .plan)
            let revision = try await world.revision()
            let again = try await world.assign("ann")
            #expect(!again.isNew && again.usage.used == 1)
            #expect(try await world.revision() == revision)
            #expect(try await world.release("ann").used == 0)
            #expect(try await world.reason(session, "seats") == .noSeat)
            #expect(try await refusal { try await world.release("ann") }.code == .noSeat)
        }
    }

    @Test func `is handed on at once`() async throws {
        try await World.run { world in
            let ann = try await world.signUp()
            let bob = try await world.signIn(user: "bob")
            try await world.subscribe()
            try await world.assign("ann")
            #expect(try await world.swap("ann", "bob").used == 1)
            #expect(try await world.reason(ann, "seats") == .noSeat)
            #expect(try await world.reason(bob, "seats") == .plan)
            let refusals: [(String, String, Refusal.Code, String)] = [
                ("ann", "cem", .noSeat, "from"), ("bob", "bob", .invalidField, "to"),
            ]
            for (leaver, joiner, code, field) in refusals {
                let refused = try await refusal { try await world.swap(leaver, joiner) }
                #expect(refused.code == code && refused.field == field)
            }
            try await world.assign("ann")
            let taken = try await refusal { try await world.swap("ann", "bob") }
            #expect(taken.code == .conflict && taken.field == "to")
            #expect(try await world.seats().usage.used == 2)
        }
    }

    @Test func `is taken from nobody when the limit shrinks`() async throws {
        try await World.run { world in
            let session = try await world.signUp()
            try await world.subscribe()
            for user in ["ann", "bob", "cem"] { try await world.assign(user) }
            let limit = try await world.grant(.allow, "seats") { $0.limit = .units(1) }
            let usage = try await world.seats().usage
            #expect(usage.used == 3 && usage.over == 2 && usage.remaining == .units(0))
            #expect(try await world.decision(session, "seats").allowed)
            let refused = try await refusal { try await world.assign("dan") }
            #expect(refused.code == .limitReached)
            #expect(refused.detail == "the limit of seats is 1; used are 3")
            // Handing on takes no more, and who has one keeps it.
            #expect(try await world.swap("cem", "dan").over == 2)
            #expect(try await !world.assign("ann").isNew)
            try await world.release("bob")
            #expect(try await world.release("dan").over == 0)
            try await world.end(limit)
            #expect(try await world.assign("bob").usage.remaining == .units(8))
        }
    }

    @Test func `is given by nobody where the feature is closed`() async throws {
        try await World.run { world in
            try await world.signUp()
            let refused = try await refusal { try await world.assign("ann") }
            #expect(refused.code == .limitReached)
            #expect(refused.detail.contains("(not_in_plan)"))
            try await world.subscribe()
            try await world.assign("ann")
            try await world.grant(.deny, "seats")
            #expect(try await refusal { try await world.assign("bob") }.detail.contains("denied"))
            #expect(try await world.seats().usage.over == 1)
            for (feature, code) in [("sso", Refusal.Code.invalidField), ("nope", .unknownFeature)] {
                let refused = try await refusal {
                    _ = try await world.service.assignSeat(
                        "ann",
                        of: feature,
                        account: "acme",
                        reason: nil,
                        as: world.author
                    )
                }
                #expect(refused.code == code && refused.field == "feature")
            }
            let nobody = try await refusal { try await world.assign("ann", account: "none") }
            #expect(nobody.code == .unknownAccount)
        }
    }
}
