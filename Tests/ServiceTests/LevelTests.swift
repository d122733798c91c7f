import Catalog
import Entitlements
import Limits
import Postgres
import Store
import TestSupport
import Testing

@testable import Service

extension World {
    @discardableResult
    func put(_ change: LevelChange, _ feature: String = "storage") async throws -> Usage {
        try await service.store.write(as: author) { connection in
            try await service.put(level: change, of: feature, account: "acme", on: connection)
        }
    }
}

@Suite(.database, .timeLimit(.minutes(5))) struct `A level` {
    private static let catalog = Catalogs.files([
        "features.yaml": Catalogs.features + """

              storage: { type: level, unit: GB }
              drafts: { type: level }
              mails: { type: level }
            """,
        "pro.yaml": Catalogs.pro.replacing(
            "billing:",
            with: """
                  storage: { limit: 50 }
                  drafts: { limit: 2, overage: allow }
                  mails: { limit: unlimited }
                billing:
                """
        ),
    ])

    @Test func `is exactly the sum of what is added at once`() async throws {
        try await World.run(catalog: Self.catalog) { world in
            try await world.signUp()
            try await world.subscribe()
            _ = try await world.put(.value(40))
            let taken = try await withThrowingTaskGroup(of: Int.self) { group in
                for number in 0..<36 {
                    group.addTask {
                        do {
                            // Some take away again.
                            let difference: Int64 = number % 6 == 5 ? -1 : 1
                            _ = try await world.put(.add(difference))
                            return Int(difference)
                        } catch let refused as Refusal
                            where refused.code == .limitReached || refused.code == .belowZero
                        {
                            return 0
                        }
                    }
                }
                return try await group.reduce(0, +)
            }
            let level = try await world.service.level(of: "storage", account: "acme")
            #expect(level.used == 40 + Int64(taken))
            #expect(level.used <= 50 && taken > 0)
        }
    }

    @Test func `goes up to its limit and down to zero`() async throws {
        try await World.run(catalog: Self.catalog) { world in
            let session = try await world.signUp()
            try await world.subscribe()
            #expect(try await world.put(.value(49)).allowed)
            #expect(try await world.reason(session, "storage") == .plan)
            let full = try await world.put(.add(1))
            #expect(!full.allowed && full.used == 50 && full.remaining == .units(0))
            #expect(try await world.reason(session, "storage") == .levelReached)
            let refusals: [(LevelChange, Refusal.Code, String)] = [
                (.add(1), .limitReached, "add"), (.value(51), .limitReached, "value"),
                (.add(-51), .belowZero, "add"), (.add(Limits.limitUnits), .invalidField, "add"),
            ]
            let revision = try await world.revision()
            for (change, code, field) in refusals {
                let refused = try await refusal { try await world.put(change) }
                #expect(refused.code == code && refused.field == field, "\(change)")
            }
            // What is so already is no change.
            for change in [LevelChange.value(50), .add(0)] { try await world.put(change) }
            #expect(try await world.revision() == revision)
            #expect(try await world.put(.add(-50)).used == 0)
        }
    }

    @Test func `is lowered also above a limit that has shrunk, or is gone`() async throws {
        try await World.run(catalog: Self.catalog) { world in
            try await world.signUp()
            try await world.subscribe()
            try await world.put(.value(40))
            try await world.grant(.allow, "storage") { $0.limit = .units(10) }
            let over = try await world.put(.add(-5))
            #expect(over.used == 35 && over.over == 25 && !over.allowed)
            #expect(try await refusal { try await world.put(.value(36)) }.code == .limitReached)
            try await world.grant(.deny, "storage")
            #expect(try await world.put(.value(5)).used == 5)
            let closed = try await refusal { try await world.put(.value(6)) }
            #expect(closed.code == .limitReached && closed.detail.contains("denied_by_grant"))
        }
    }

    @Test func `is told, and refuses nothing, where overage is allowed`() async throws {
        try await World.run(catalog: Self.catalog) { world in
            let session = try await world.signUp()
            try await world.subscribe()
            let drafts = try await world.put(.add(7), "drafts")
            #expect(drafts.allowed && drafts.over == 5 && drafts.remaining == .units(0))
            #expect(try await world.reason(session, "drafts") == .plan)
            #expect(try await world.put(.value(Limits.limitUnits), "mails").remaining == .unlimited)
            let levels = try await world.service.levels(of: "acme")
            #expect(levels.map(\.feature) == ["drafts", "mails", "storage"])
            let refused = try await refusal { try await world.put(.add(1), "seats") }
            #expect(refused.code == .invalidField && refused.field == "feature")
        }
    }
}

@Suite(.database, .timeLimit(.minutes(2))) struct `A test clock` {
    @Test func `goes forward only, until it is taken away`() async throws {
        try await World.run { world in
            try await world.signUp()
            let year2020 = Instant(microseconds: 1_577_836_800_000_000)
            #expect(try await !world.service.clock(of: "acme").isTest)
            let frozen = try await world.set(clock: .at(year2020))
            #expect(frozen.now == year2020 && frozen.isTest)
            #expect(try await world.service.account("acme").testClock == year2020)
            let later = try await world.set(clock: .advance(.seconds(90)))
            #expect(later.now == year2020 + .seconds(90))
            let back = try await refusal { try await world.set(clock: .at(year2020)) }
            #expect(back.code == .conflict && back.field == "now")
            // Set to what it is: no change.
            #expect(try await world.set(clock: .at(later.now)).revision == later.revision)
            let real = try await world.set(clock: .real)
            #expect(!real.isTest && real.now > later.now)
            #expect(try await world.set(clock: .real).revision == real.revision)
            _ = try await world.set(clock: .at(year2020))
            let changes = try await world.count(
                "select count(*) as n from change where after ->> 'clock_at' is not null"
            )
            #expect(changes == 3)
            let far = try await refusal { try await world.set(clock: .at(.latestWritten)) }
            #expect(far.code == .invalidField && far.field == "now")
        }
    }

    @Test func `is refused where the service takes none, but for the way back`() async throws {
        try await World.run { world in
            try await world.signUp()
            _ = try await world.set(clock: .advance(.seconds(1)))
            let strict = UsherService(
                store: world.service.store,
                barrier: world.service.barrier,
                meters: world.service.meters,
                billing: world.service.billing,
                access: world.service.access,
                logger: world.service.logger
            )
            #expect(try await strict.forgottenTestClocks() == ["acme"])
            #expect(try await world.service.forgottenTestClocks() == [])
            func set(_ setting: ClockSetting) async throws {
                _ = try await strict.store.write(as: world.author) { connection in
                    try await strict.set(clock: setting, account: "acme", on: connection)
                }
            }
            for setting in [ClockSetting.advance(.seconds(1)), .at(.latestWritten)] {
                #expect(try await refusal { try await set(setting) }.code == .testClocksDisabled)
            }
            try await set(.real)
            #expect(try await strict.forgottenTestClocks() == [])
        }
    }

    @Test func `is the time by which a block ends`() async throws {
        try await World.run { world in
            let noon = Instant(microseconds: 1_900_000_000_000_000)
            try await world.signUp()
            try await world.set(clock: .at(noon))
            let session = try await world.signIn()
            func block(until: Instant) async throws -> AccountRecord {
                try await world.service.store.write(as: world.author) { connection in
                    try await world.service.block(
                        account: "acme",
                        until: until,
                        reason: "overdue",
                        on: connection
                    )
                }
            }
            let past = try await refusal { _ = try await block(until: noon) }
            #expect(past.code == .invalidField && past.field == "until")
            let blocked = try await block(until: noon + .seconds(60))
            #expect(blocked.blockedUntil == noon + .seconds(60))
            let again = try await block(until: noon + .seconds(90))
            #expect(again.blockedAt == blocked.blockedAt)
            #expect(try await world.decision(session).validUntil == noon + .seconds(90))
            try await world.set(clock: .advance(.seconds(90)))
            #expect(try await world.reason(session) == .notInPlan)
            #expect(try await world.service.account("acme").blockedAt == nil)
            // A new block begins anew.
            let anew = try await block(until: noon + .seconds(600))
            #expect(anew.blockedAt != blocked.blockedAt)
            #expect(try await world.reason(session) == .accountBlocked)
        }
    }
}
