import Entitlements
import Testing

@testable import Webhooks

@Suite struct `A schedule of Stripe`: StripeAnswers {
    /// 2027-01-01T00:00:00Z: the end of the second month.
    static let later = Fixture.second(1_798_761_600)

    /// The subscription of two items with a schedule in the place of the schedule's id.
    func scheduled(
        by payload: String = "downgrade",
        _ change: (JSON) -> JSON = { $0 }
    ) throws -> JSON {
        let schedule = change(try Fixture.json("answer.schedule.\(payload)"))
        return try Fixture.json("answer.subscription.scheduled").with("/schedule", schedule)
    }

    /// A phase from the first month's end on, of prices and quantities.
    func phase(
        _ items: [(price: String, quantity: Int64)],
        from start: Int64 = 1_796_083_200
    )
        -> JSON
    {
        [
            "start_date": .integer(start), "end_date": .integer(start + 2_678_400),
            "items": .array(
                items.map { ["price": .string($0.price), "quantity": .integer($0.quantity)] }
            ),
        ]
    }

    @Test func `changes each item when its next phase begins`() throws {
        let subscription = try mapped(scheduled())
        #expect(subscription.items.map(\.id) == ["si_Base", "si_Calls"])
        // The phase names them in the other order: what costs the same goes on.
        let expected = ProviderSubscription.Upcoming(
            at: Fixture.end,
            items: [
                .init(
                    id: "si_Base",
                    prices: ["price_basic_monthly", "basic_monthly", "prod_Basic"],
                    quantity: 1
                ),
                .init(id: "si_Calls", prices: ["price_calls", "prod_Calls"], quantity: 1),
            ]
        )
        #expect(subscription.upcoming == expected)
        #expect(subscription.cancelAt == nil)
    }

    @Test func `that cancels ends the subscription with its last phase`() throws {
        let subscription = try mapped(scheduled(by: "cancels"))
        #expect(subscription.cancelAt == Self.later)
        #expect(subscription.upcoming?.at == Fixture.end)
        #expect(subscription.upcoming?.items.map(\.quantity) == [5, 1])
        #expect(subscription.upcoming?.items.first?.prices.first == "price_pro_monthly")
    }

    @Test func `does not move an end that the subscription has`() throws {
        let answer = try scheduled(by: "cancels").with("/cancel_at", 1_796_083_201)
        let subscription = try mapped(answer)
        #expect(subscription.cancelAt == Fixture.end + .seconds(1))
        #expect(subscription.upcoming?.at == Fixture.end)
    }

    @Test func `changes nothing behind the end`() throws {
        let atThatInstant = try scheduled().with("/cancel_at", 1_796_083_200)
        #expect(try mapped(atThatInstant).upcoming == nil)
        let withThePeriod = try scheduled { $0.with("/phases/1/start_date", 1_796_169_600) }
            .with("/cancel_at_period_end", true)
        #expect(try mapped(withThePeriod).cancelAt == Fixture.end + .seconds(86_400))
        #expect(try mapped(withThePeriod).upcoming == nil)
    }

    @Test func `that was released, or does not run, changes nothing`() throws {
        #expect(try mapped(scheduled(by: "released")).upcoming == nil)
        let idle = try scheduled(by: "cancels") { $0.with("/current_phase", .null) }
        #expect(try mapped(idle).upcoming == nil)
        #expect(try mapped(idle).cancelAt == nil)
        let none = try Fixture.json("answer.subscription.scheduled").with("/schedule", .null)
        #expect(try mapped(none).upcoming == nil)
    }

    @Test func `passes over phases that change nothing, and takes the first that does`() throws {
        let same = [(price: "price_pro_monthly", quantity: Int64(3)), ("price_calls", 1)]
        let phases: JSON = [
            phase([("price_later", 1)], from: 1_804_118_400), phase(same),
            phase([("price_calls", 1), ("price_pro_monthly", 4)], from: 1_798_761_600),
        ]
        let next = try mapped(scheduled { $0.with("/phases", phases) }).upcoming
        #expect(next?.at == Self.later)
        #expect(next?.items.map(\.id) == ["si_Base", "si_Calls"])
        #expect(next?.items.map(\.quantity) == [4, 1])
        // At the same price an item keeps all its names: the catalog may know it by any.
        #expect(next?.items.first?.prices == ["price_pro_monthly", "pro_monthly", "prod_Pro"])
    }

    @Test func `does not repeat the phases that are over or run`() throws {
        let past = try scheduled {
            $0.with("/current_phase/end_date", 1_798_761_600)
                .with("/current_phase/start_date", 1_796_083_200)
        }
        #expect(try mapped(past).upcoming == nil)
    }

    @Test(
        arguments: [
            // What is left out ends; what has no predecessor is new.
            (["price_calls": 1], ["si_Calls": "price_calls"], []),
            ([:], [:], []),
            (
                ["price_calls": 1, "price_pro_monthly": 3, "price_sso": 2],
                ["si_Base": "price_pro_monthly", "si_Calls": "price_calls"], ["price_sso"]
            ),
            // The order decides last.
            (["price_x": 1], ["si_Base": "price_x"], []),
        ] as [([String: Int64], [String: String], [String])]
    )
    func `says what ends and what is new`(
        items: [String: Int64],
        heirs: [String: String],
        added: [String]
    ) throws {
        let next = phase(
            items.sorted { $0.key < $1.key }.map { (price: $0.key, quantity: $0.value) }
        )
        let upcoming = try #require(try mapped(scheduled { $0.with("/phases/1", next) }).upcoming)
        let found = upcoming.items.map { ($0.id, $0.prices.first) }
        #expect(Dictionary(uniqueKeysWithValues: found) == heirs.mapValues(Optional.some))
        #expect(upcoming.added.map(\.id) == added)
    }

    @Test func `follows the price before the product`() throws {
        let answer = try scheduled {
            $0.with("/phases/1/items/0/price/product", "prod_Pro")
                .with("/phases/1/items/1/price", "price_pro_monthly")
        }
        .with("/items/data/1/price/product", "prod_Pro")
        let next = try mapped(answer).upcoming
        #expect(next?.items.map(\.prices.first) == ["price_pro_monthly", "price_calls"])
    }

    @Test func `follows the product before the order`() throws {
        let yearly: JSON = [
            "price": ["id": "price_calls_yearly", "product": "prod_Calls"], "quantity": 1,
        ]
        let answer = try scheduled {
            $0.with("/phases/1/items", [yearly])
        }
        #expect(try mapped(answer).upcoming?.items.map(\.id) == ["si_Calls"])
    }

    @Test(arguments: [
        ("/schedule", JSON?.some(7), "/schedule is no schedule"),
        ("/schedule", .some([]), "/schedule is no schedule"),
        (
            "/schedule", .some("sub_sched_1Modern"),
            "/schedule names a schedule that is not here"
        ),
        (
            "/schedule/subscription", .some("sub_2"),
            "/schedule is the schedule of another subscription"
        ),
        (
            "/schedule/current_phase/end_date", .some("soon"),
            "/schedule/current_phase/end_date is no time in s"
        ),
        ("/schedule/phases", .none, "/schedule/phases is no list of phases"),
        (
            "/schedule/phases/1/start_date", .none,
            "a phase has no start at /schedule/phases/1/start_date"
        ),
        (
            "/schedule/phases/1/start_date", .some("soon"),
            "/schedule/phases/1/start_date is no time in s"
        ),
        (
            "/schedule/phases/0/end_date", .some(-1),
            "/schedule/phases/0/end_date is no time in s"
        ),
        (
            "/schedule/phases/1/items", .some([:]),
            "/schedule/phases/1/items is no list of items"
        ),
        (
            "/schedule/phases/1/items/0/quantity", .some(-1),
            "/schedule/phases/1/items/0/quantity of an item is no quantity"
        ),
    ])
    func `that cannot be read makes the answer unusable`(
        pointer: String,
        value: JSON?,
        reason: String
    ) throws {
        #expect(try self.reason(scheduled().with(pointer, value)) == reason)
    }

    @Test func `whose item has no price is unusable`() throws {
        let answer = try scheduled().with("/schedule/phases/1/items/1", ["quantity": 1])
        let way = "/schedule/phases/1/items/1/price"
        #expect(try reason(answer)?.hasPrefix("an item has no price at \(way)/id or ") == true)
    }

    @Test func `is nobody's business in a list, which is only asked for the ids`() throws {
        let list = try Fixture.json("answer.subscriptions").with("/data/0/schedule", "sub_sched_1")
        let found = try outcome(list, of: `A callback`.customer)
        guard case .subscriptions(let subscriptions, complete: true) = found else {
            Issue.record("\(found)")
            return
        }
        #expect(subscriptions.map(\.upcoming) == [nil, nil])
    }
}
