import Entitlements
import Testing

@testable import Webhooks

@Suite struct `A subscription of Stripe`: StripeAnswers {
    @Test func `is mapped whole`() throws {
        var expected = ProviderSubscription(
            id: "sub_1Modern",
            customer: "cus_Acme",
            livemode: true,
            status: .active,
            items: [
                .init(
                    id: "si_Base",
                    prices: ["price_pro_monthly", "pro_monthly", "prod_Pro"],
                    quantity: 3
                )
            ]
        )
        expected.startsAt = Fixture.start
        expected.periodStart = Fixture.start
        expected.periodEnd = Fixture.end
        #expect(try mapped(Fixture.json("answer.subscription.active")) == expected)
    }

    @Test func `of several items spans their periods, and counts a metered one once`() throws {
        let subscription = try mapped(Fixture.json("answer.subscription.two_items"))
        #expect(subscription.periodStart == Fixture.start - .seconds(86_400))
        #expect(subscription.periodEnd == Fixture.end + .seconds(86_400))
        #expect(subscription.items.map(\.quantity) == [3, 1])
        #expect(subscription.items.last?.prices == ["price_calls", "prod_Calls"])
    }

    @Test func `on trial has the trial's dates`() throws {
        let subscription = try mapped(Fixture.json("answer.subscription.trialing"))
        #expect(subscription.status == .trialing)
        #expect(subscription.trialStart == Fixture.start)
        #expect(subscription.trialEnd == Fixture.start + .seconds(14 * 86_400))
    }

    @Test func `that will be cancelled ends with its period`() throws {
        let answer = try Fixture.json("answer.subscription.cancel_at_period_end")
        let subscription = try mapped(answer)
        #expect(subscription.status == .active)
        #expect(subscription.cancelAt == Fixture.end)
        #expect(subscription.canceledAt == Fixture.start + .seconds(3_600))
        #expect(try mapped(answer.with("/cancel_at", nil)).cancelAt == Fixture.end)
        let sooner = answer.with("/cancel_at", 1_793_577_600)
        #expect(try mapped(sooner).cancelAt == Fixture.start + .seconds(86_400))
    }

    @Test func `that will be cancelled at an unknown time is unusable`() throws {
        let answer = try Fixture.json("answer.subscription.cancel_at_period_end")
            .with("/cancel_at", nil).with("/items/data/0/current_period_end", nil)
        #expect(
            try reason(answer) == "it ends with its period, but no end of the period is given"
        )
    }

    @Test func `that is canceled has ended`() throws {
        let subscription = try mapped(Fixture.json("answer.subscription.canceled"))
        #expect(subscription.status == .canceled)
        #expect(subscription.endedAt == Fixture.start + .seconds(7_200))
    }

    @Test(arguments: [
        ("incomplete", Subscription.Status.incomplete),
        ("incomplete_expired", .incompleteExpired),
        ("trialing", .trialing), ("active", .active), ("past_due", .pastDue),
        ("unpaid", .unpaid), ("paused", .paused), ("canceled", .canceled),
    ])
    func `has each status word`(word: String, status: Subscription.Status) throws {
        let answer = try Fixture.json("answer.subscription.active")
            .with("/status", .string(word))
        #expect(try mapped(answer).status == status)
    }

    @Test(arguments: [
        (
            pointer: "/status", value: JSON?.some("half_active"),
            reason: "the status `half_active` is not known"
        ),
        (pointer: "/status", value: .some(1), reason: "/status holds no status"),
        (pointer: "/status", value: .none, reason: "/status holds no status"),
        (
            pointer: "/id", value: .some("sub_1Other"),
            reason: "the answer is about another subscription"
        ),
        (pointer: "/id", value: .none, reason: "/id holds no id of a subscription"),
        (
            pointer: "/customer", value: .none,
            reason: "/customer/id or /customer holds no id of a customer"
        ),
        (
            pointer: "/customer", value: .some("../cus"),
            reason: "/customer/id or /customer holds no id of a customer"
        ),
        (pointer: "/items", value: .none, reason: "/items/data is no list of items"),
        (pointer: "/items/data/0/id", value: .none, reason: "an item has no id at /id"),
        (
            pointer: "/items/data/0/quantity", value: .some(-1),
            reason: "/quantity of an item is no quantity"
        ),
        (
            pointer: "/items/data/0/quantity", value: .some(1.5),
            reason: "/quantity of an item is no quantity"
        ),
        (
            pointer: "/items/data/0/current_period_end", value: .some("2026-12-01"),
            reason: "/current_period_end is no time in s"
        ),
        (pointer: "/trial_end", value: .some(-1), reason: "/trial_end is no time in s"),
        (
            pointer: "/trial_end", value: .some(.integer(.max)),
            reason: "/trial_end is no time in s"
        ),
        (
            pointer: "/cancel_at_period_end", value: .some("yes"),
            reason: "/cancel_at_period_end is neither true nor false"
        ),
        (
            pointer: "/items/has_more", value: .some(true),
            reason: "the subscription has more items than are here"
        ),
    ])
    func `that cannot be read neither grants nor revokes`(
        pointer: String,
        value: JSON?,
        reason: String
    ) throws {
        let answer = try Fixture.json("answer.subscription.active").with(pointer, value)
        #expect(try self.reason(answer) == reason)
    }

    @Test func `whose item has no price is unusable`() throws {
        let answer = try Fixture.json("answer.subscription.active")
            .with("/items/data/0/price", nil).with("/items/data/0/plan", nil)
        #expect(try reason(answer)?.hasPrefix("an item has no price at /price/id") == true)
    }

    @Test func `of the other mode is unusable`() throws {
        let source = try Fixture.stripe(adding: "livemode: false\n")
        let answer = try Fixture.json("answer.subscription.active")
        let expected = CallbackOutcome.unusable(
            reason: "its livemode is true, this source takes false"
        )
        #expect(try outcome(answer, source: source) == expected)
        let other = try outcome(answer.with("/livemode", false), source: source)
        guard case .subscriptions = other else {
            Issue.record("\(other)")
            return
        }
    }

    @Test func `in the shape of before 2025 is mapped from its plan and its own period`() throws {
        let subject = Subject(kind: .subscription, id: "sub_NDoVanlTfZH9lP")
        let answer = try Fixture.json("answer.localstripe.subscription.active")
        let subscription = try mapped(answer, of: subject)
        #expect(subscription.status == .active)
        #expect(subscription.livemode == false)
        let item = ProviderSubscription.Item(
            id: "si_pyNNYEneupntDs",
            prices: ["pro_monthly", "prod_pro"],
            quantity: 3
        )
        #expect(subscription.items == [item])
        #expect(subscription.periodStart == Fixture.second(1_795_500_184))
        #expect(subscription.periodEnd == Fixture.second(1_798_092_184))
        #expect(subscription.cancelAt == nil)
    }

    @Test func `of localstripe can be cancelled at once and at the period's end`() throws {
        let subject = Subject(kind: .subscription, id: "sub_NDoVanlTfZH9lP")
        let later = try mapped(
            Fixture.json("answer.localstripe.subscription.cancel_at_period_end"),
            of: subject
        )
        #expect(later.status == .active)
        #expect(later.cancelAt == Fixture.second(1_798_092_184))
        let ended = try mapped(
            Fixture.json("answer.localstripe.subscription.canceled"),
            of: subject
        )
        #expect(ended.status == .canceled)
        #expect(ended.cancelAt == nil)
        #expect(ended.endedAt == Fixture.second(1_795_500_184))
    }
}

@Suite struct `The grammar of maps` {
    static let answer: JSON = [
        "uuid": "u-1", "account": ["code": "acme"], "state": "canceled", "plan": ["code": "gold"],
        "quantity": 2, "current_period_ends_at": "2026-12-01T00:00:00Z",
    ]

    func outcome(_ answer: JSON) throws -> CallbackOutcome {
        try Fixture.source(auth: "auth: { scheme: basic, weak: true }", secrets: "a:b")
            .interpret(
                subject: Subject(kind: .subscription, id: "u-1"),
                status: 200,
                body: answer.bytes
            )
    }

    @Test func `takes a word that means until the period's end, and a lone item`() throws {
        var expected = ProviderSubscription(
            id: "u-1",
            customer: "acme",
            livemode: nil,
            status: .active,
            items: [.init(id: "u-1", prices: ["gold"], quantity: 2)]
        )
        expected.periodEnd = Fixture.end
        expected.cancelAt = Fixture.end
        #expect(try outcome(Self.answer) == .subscriptions([expected], complete: false))
    }

    @Test func `refuses such a word without a period`() throws {
        let found = try outcome(Self.answer.with("/current_period_ends_at", nil))
        let reason = "it ends with its period, but no end of the period is given"
        #expect(found == .unusable(reason: reason))
    }
}
