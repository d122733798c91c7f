import Entitlements
import Testing

@testable import Webhooks

@Suite struct `A means to pay at Stripe`: StripeAnswers {
    @Test func `is found with the customer, whose id is still the subscription's`() throws {
        let subscription = try mapped(Fixture.json("answer.subscription.customer_expanded"))
        #expect(subscription.customer == "cus_Acme")
        #expect(subscription.hasPaymentMethod == true)
    }

    @Test(arguments: [
        "/default_payment_method", "/default_source",
        "/customer/invoice_settings/default_payment_method", "/customer/default_source",
    ])
    func `is found wherever Stripe keeps it, as an id or expanded`(pointer: String) throws {
        let none = try Fixture.json("answer.subscription.trial_without_payment_method")
        #expect(try mapped(none).hasPaymentMethod == false)
        #expect(try mapped(none.with(pointer, "pm_1")).hasPaymentMethod == true)
        #expect(try mapped(none.with(pointer, ["id": "pm_1"])).hasPaymentMethod == true)
    }

    @Test(arguments: [
        "/default_payment_method", "/default_source",
        "/customer/invoice_settings/default_payment_method", "/customer/default_source",
    ])
    func `of another form is unusable`(pointer: String) throws {
        let none = try Fixture.json("answer.subscription.trial_without_payment_method")
        for value: JSON in [1, true, "", ["pm_1"]] {
            #expect(
                try reason(none.with(pointer, value)) == "\(pointer) is no payment method"
            )
        }
    }

    @Test func `is not needed by who is sent invoices`() throws {
        let answer = try Fixture.json("answer.subscription.trial_without_payment_method")
        let billed = answer.with("/collection_method", "send_invoice")
        #expect(try mapped(billed).hasPaymentMethod == true)
    }

    @Test func `is not denied to a customer of which only the id is here`() throws {
        let answer = try Fixture.json("answer.subscription.trialing")
        #expect(try mapped(answer).hasPaymentMethod == nil)
        let own = answer.with("/default_payment_method", "pm_1")
        #expect(try mapped(own).hasPaymentMethod == true)
    }

    @Test func `is none of a customer that has no settings, or is deleted`() throws {
        let answer = try Fixture.json("answer.subscription.customer_expanded")
        for customer: JSON in [
            ["id": "cus_Acme", "invoice_settings": .null],
            ["id": "cus_Acme", "object": "customer", "deleted": true],
        ] {
            let subscription = try mapped(answer.with("/customer", customer))
            #expect(subscription.customer == "cus_Acme")
            #expect(subscription.hasPaymentMethod == false)
        }
    }

    @Test func `is found at localstripe, which expands the customer as well`() throws {
        let subject = Subject(kind: .subscription, id: "sub_YMgWCkKMH3gYNC")
        let answer = try Fixture.json("answer.localstripe.subscription.customer_expanded")
        let subscription = try mapped(answer, of: subject)
        #expect(subscription.customer == "cus_qGHoqAJcO6qYVq")
        #expect(subscription.hasPaymentMethod == true)
        #expect(subscription.trialAtEnd == nil)
    }

    @Test func `is unknown where the map does not look for it`() throws {
        let source = try Fixture.source(auth: `The grammar of events`.auth, secrets: "a:b")
        let subject = Subject(kind: .subscription, id: "u-1")
        let subscription = try mapped(`The grammar of maps`.answer, of: subject, source: source)
        #expect(subscription.hasPaymentMethod == nil)
    }
}

@Suite struct `A trial's end at Stripe`: StripeAnswers {
    static let pointer = "/trial_settings/end_behavior/missing_payment_method"

    @Test(arguments: [
        ("cancel", TrialEnding?.some(.cancel)), ("pause", .some(.pause)),
        ("create_invoice", .none),
    ])
    func `is what the subscription says, or the plan's affair`(
        word: String,
        ending: TrialEnding?
    ) throws {
        let answer = try Fixture.json("answer.subscription.trial_without_payment_method")
        #expect(try mapped(answer.with(Self.pointer, .string(word))).trialAtEnd == ending)
    }

    @Test func `is the plan's affair where nothing is said`() throws {
        let answer = try Fixture.json("answer.subscription.trialing")
        #expect(try mapped(answer).trialAtEnd == nil)
        let silent = answer.with("/trial_settings", .null)
        #expect(try mapped(silent).trialAtEnd == nil)
    }

    @Test func `is unusable in a word that is not known`() throws {
        let answer = try Fixture.json("answer.subscription.trial_without_payment_method")
        for value: JSON in ["downgrade", 1, [:]] {
            let reason = try reason(answer.with(Self.pointer, value))
            #expect(reason == "\(Self.pointer) holds no known word")
        }
    }

    @Test func `may be another plan at another provider`() throws {
        let source = try Fixture.stripe(
            edits: ["create_invoice: plan": "create_invoice: fallback"]
        )
        let answer = try Fixture.json("answer.subscription.trial_without_payment_method")
            .with(Self.pointer, "create_invoice")
        #expect(try mapped(answer, source: source).trialAtEnd == .fallback)
    }
}

@Suite struct `Paused collection at Stripe`: StripeAnswers {
    static let strict = ["paused_collection: active": "paused_collection: paused"]

    @Test(arguments: ["collection_paused", "collection_paused_until"])
    func `changes nothing by default`(payload: String) throws {
        let answer = try Fixture.json("answer.subscription.\(payload)")
        let subscription = try mapped(answer)
        #expect(subscription.status == .active)
        #expect(subscription.pause == nil)
        #expect(subscription.paused == answer.at(pointer: "/pause_collection"))
    }

    @Test func `is a span without access by the stricter policy, and ends by itself`() throws {
        let source = try Fixture.stripe(edits: Self.strict)
        let open = try mapped(Fixture.json("answer.subscription.collection_paused"), source: source)
        #expect(open.status == .active)
        #expect(open.pause == ProviderSubscription.Pause(from: nil, until: nil))
        let answer = try Fixture.json("answer.subscription.collection_paused_until")
        let ending = try mapped(answer, source: source)
        #expect(ending.status == .active)
        #expect(ending.pause == ProviderSubscription.Pause(from: nil, until: Fixture.end))
        let resumed = try mapped(answer.with("/pause_collection", .null), source: source)
        #expect(resumed.pause == nil)
    }

    @Test(arguments: [
        "trialing", "past_due", "unpaid", "paused", "canceled", "incomplete", "incomplete_expired",
    ])
    func `leaves every other status as it is`(word: String) throws {
        let answer = try Fixture.json("answer.subscription.collection_paused")
            .with("/status", .string(word))
        let subscription = try mapped(answer, source: Fixture.stripe(edits: Self.strict))
        #expect(subscription.status.rawValue == word)
        #expect(subscription.pause == nil)
    }

    @Test func `is unusable with an end that is no time`() throws {
        let answer = try Fixture.json("answer.subscription.collection_paused")
            .with("/pause_collection/resumes_at", "soon")
        #expect(try reason(answer) == "/pause_collection/resumes_at is no time in s")
    }

    @Test func `may tell its beginning at another provider`() throws {
        let until = "paused_until: /pause_collection/resumes_at"
        let source = try Fixture.stripe(
            edits: Self.strict.merging(
                [until: "\(until)\n  paused_from: /pause_collection/since"],
                uniquingKeysWith: { $1 }
            )
        )
        let answer = try Fixture.json("answer.subscription.collection_paused_until")
            .with("/pause_collection/since", 1_793_491_200)
        let pause = try mapped(answer, source: source).pause
        #expect(pause == ProviderSubscription.Pause(from: Fixture.start, until: Fixture.end))
    }
}

@Suite struct `What is owed at Stripe`: StripeAnswers {
    /// Stripe's subscription does not say since when; another provider's may.
    @Test func `has no beginning unless the map has one`() throws {
        let answer = try Fixture.json("answer.subscription.past_due")
            .with("/failed_at", 1_793_491_200)
        #expect(try mapped(answer).pastDueSince == nil)
        let source = try Fixture.stripe(
            edits: ["  ended_at: /ended_at": "  ended_at: /ended_at\n  past_due_since: /failed_at"]
        )
        #expect(try mapped(answer, source: source).pastDueSince == Fixture.start)
    }

    @Test func `and waits to be paid is not bought yet`() throws {
        let subscription = try mapped(Fixture.json("answer.subscription.pending_update"))
        #expect(subscription.items.map(\.prices.first) == ["price_pro_monthly"])
        #expect(subscription.items.map(\.quantity) == [3])
        #expect(subscription.upcoming == nil)
    }

    @Test func `is nothing for an item of which there are none`() throws {
        let subscription = try mapped(Fixture.json("answer.subscription.item_of_none"))
        #expect(subscription.items.map(\.quantity) == [3, 0])
    }
}
