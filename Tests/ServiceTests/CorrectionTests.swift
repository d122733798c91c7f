import Entitlements
import Postgres
import TestSupport
import Testing

@testable import Service
@testable import Store

/// Refunds and adjustments.
@Suite(.database, .timeLimit(.minutes(2))) struct `A correction` {
    @Test func `gives back on every meter, with its reason in the ledger`() async throws {
        try await Counting.run { counting in
            #expect(try await counting.consume("image", 4))
            let refunded = try await counting.refund("image", 1)
            #expect(refunded.reading.used == 3)
            #expect(try await counting.meters("credits") == [":30"])
            #expect(
                try await counting.ledger("image").last == "refund -1 0 it failed key:test"
            )
            #expect(
                try await counting.ledger("credits").last == "refund -10 0 it failed key:test"
            )
            #expect(
                try await counting.refusal { try await $0.refund("image", 4) }?.code == .belowZero
            )
            #expect(try await counting.meters("image") == [":3"])
        }
    }

    @Test func `of a consumption gives back at most what that took, where it took it`()
        async throws
    {
        try await Counting.run { counting in
            #expect(try await counting.consume("calls", 4, user: "ada", key: "job-1"))
            #expect(try await counting.consume("calls", 5, user: "bo"))
            // The account itself asks; it goes back to the user's share all the same.
            #expect(try await counting.refund("calls", 3, consumption: "job-1").reading.used == 6)
            #expect(
                try await counting.meters("calls") == [":6", "user:ada:1", "user:bo:5"]
            )
            let more = try await counting.refusal {
                try await $0.refund("calls", 2, consumption: "job-1")
            }
            #expect(more?.code == .belowZero && more?.field == "quantity")
            try await counting.refund("calls", 1, consumption: "job-1")
            #expect(try await counting.meters("calls") == [":5", "user:ada:0", "user:bo:5"])
        }
    }

    @Test func `of a consumption that there was not is refused`() async throws {
        try await Counting.run { counting in
            #expect(try await counting.consume("calls", 1, key: "k"))
            for (feature, key) in [("calls", "other"), ("image", "k")] {
                let refusal = try await counting.refusal {
                    try await $0.refund(feature, 1, consumption: key)
                }
                #expect(refusal?.code == .unknownConsumption)
            }
        }
    }

    @Test func `by two at once gives no more back than was taken`() async throws {
        try await Counting.run { counting in
            #expect(try await counting.consume("calls", 5, key: "k"))
            #expect(try await counting.consume("calls", 5))
            let given = await withTaskGroup(of: Bool.self) { group in
                for _ in 0..<20 {
                    group.addTask {
                        (try? await counting.refund("calls", 1, consumption: "k")) != nil
                    }
                }
                return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
            }
            let left = try await counting.meters("calls")
            #expect(given == 5 && left == [":5"])
        }
    }

    @Test func `of a consumption goes by what a unit cost then, and from where it was taken`()
        async throws
    {
        try await Counting.run { counting in
            #expect(try await counting.consume("image", 4, key: "cheap"))
            #expect(try await counting.consume("credits", 40))
            _ = try await counting.world.pool.query(
                "update feature set cost = 20 where feature_id = 'image'"
            )
            try await counting.refund("image", 1, consumption: "cheap")
            try await counting.refund("image", 3, consumption: "cheap")
            #expect(try await counting.meters("credits") == [":40"])
            #expect(try await counting.meters("image") == [":0"])
        }
    }

    @Test func `of a consumption is booked when that was`() async throws {
        try await Counting.run { counting in
            #expect(try await counting.consume("calls", 4, key: "june"))
            try await counting.pass(25 * 86_400)
            try await counting.refund("calls", 3, consumption: "june")
            let rows = try await counting.world.pool.query(
                """
                select kind || ' ' || to_char(at at time zone 'UTC', 'MM-DD') as line
                  from meter_entry order by recorded_at
                """
            )
            #expect(
                try rows.map { try $0.text("line") } == ["consume 06-10", "refund 06-10"]
            )
        }
    }

    @Test func `of a rate goes as far as its burst`() async throws {
        try await Counting.run { counting in
            #expect(try await counting.adjust("search", .used(5)).reading.used == 5)
            for change in [AdjustRequest.Change.used(100_000_000), .add(1)] {
                let refusal = try await counting.refusal { try await $0.adjust("search", change) }
                #expect(refusal?.code == .invalidField)
            }
        }
    }

    @Test func `makes a count what it should be, beyond the limit too`() async throws {
        try await Counting.run { counting in
            let over = try await counting.adjust("calls", .used(13))
            #expect(over.reading.used == 13 && over.reading.over == 3)
            #expect(over.reading.remaining == .units(0))
            #expect(try await counting.adjust("calls", .add(-9)).reading.used == 4)
            #expect(
                try await counting.ledger("calls") == [
                    "adjust 13 0 counted twice key:test", "adjust -9 0 counted twice key:test",
                ]
            )
            #expect(
                try await counting.refusal { try await $0.adjust("calls", .add(-5)) }?.code
                    == .belowZero
            )
            try await counting.adjust("calls", .used(2), user: "ada")
            #expect(try await counting.meters("calls") == [":4", "user:ada:2"])
            #expect(
                try await counting.refusal {
                    try await $0.adjust("credits", .used(2), user: "ada")
                }?
                .field == "user"
            )
        }
    }

    /// What the history says of a feature, in all and of a user.
    private func history(_ counting: Counting, user: String? = nil) async throws -> Int64 {
        let request = UsageRequest(account: "acme", feature: "calls", window: .month, user: user)
        return try await counting.world.service.usage(request).items.map(\.units).reduce(0, +)
    }

    @Test func `of a user's share is in the ledger, and in no history`() async throws {
        try await Counting.run { counting in
            #expect(try await counting.consume("calls", 4, user: "ada"))
            try await counting.adjust("calls", .used(1), user: "ada")
            #expect(try await counting.meters("calls") == [":4", "user:ada:1"])
            #expect(
                try await counting.ledger("calls").last == "adjust -3 0 counted twice key:test"
            )
            #expect(try await history(counting) == 4)
            _ = try await counting.world.service.store.sumUpUsage(atMost: 100)
            #expect(try await history(counting) == 4)
            #expect(try await history(counting, user: "ada") == 4)
            // Off the account's and the share alike, and told once.
            try await counting.refund("calls", 1, user: "ada")
            #expect(try await counting.meters("calls") == [":3", "user:ada:0"])
            #expect(try await history(counting) == 3)
            #expect(try await history(counting, user: "ada") == 3)
        }
    }

    @Test func `of a user's own limit, which stands in the account's place, is in the history`()
        async throws
    {
        try await Counting.run { counting in
            let ada = try await counting.world.signIn(user: "ada")
            #expect(try await counting.consume("calls", 2, session: ada, key: "before"))
            _ = try await counting.world.pool.query(
                """
                insert into access_grant (account_id, feature_id, effect, user_id, limit_units, reason)
                values ('acme', 'calls', 'allow', 'ada', 50, 'x')
                """
            )
            #expect(try await counting.consume("calls", 20, session: ada, key: "job"))
            try await counting.adjust("calls", .add(5), user: "ada")
            #expect(try await counting.meters("calls") == [":2", "user:ada:27"])
            #expect(try await history(counting) == 27)
            // Each goes back to where it was taken, whoever asks.
            try await counting.refund("calls", 3, consumption: "job")
            try await counting.refund("calls", 1, consumption: "before")
            #expect(try await counting.meters("calls") == [":1", "user:ada:23"])
            #expect(try await history(counting) == 23)
        }
    }

    @Test func `of what is counted elsewhere by now is refused`() async throws {
        try await Counting.run { counting in
            let ada = try await counting.world.signIn(user: "ada")
            let grant = """
                insert into access_grant (account_id, feature_id, effect, user_id, limit_units, reason)
                values ('acme', 'credits', 'allow', 'ada', 50, 'x')
                """ as SQL
            _ = try await counting.world.pool.query(grant)
            #expect(try await counting.consume("credits", 2, session: ada, key: "job"))
            #expect(try await counting.meters("credits") == ["user:ada:2"])
            _ = try await counting.world.pool.query("delete from access_grant")
            let refusal = try await counting.refusal {
                try await $0.refund("credits", 1, consumption: "job")
            }
            #expect(refusal?.code == .conflict && refusal?.field == "consumption")
            #expect(try await counting.meters("credits") == ["user:ada:2"])
        }
    }
}
