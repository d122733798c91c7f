import Entitlements
import Testing

@testable import Webhooks

@Suite struct `A callback` {
    static let subscription = Subject(kind: .subscription, id: "sub_1Modern")
    static let customer = Subject(kind: .customer, id: "cus_Acme")

    @Test func `for a subscription is one call, pinned to a version`() throws {
        let requests = try Fixture.stripe().callback(for: Self.subscription)
        let request = try #require(requests.first)
        #expect(requests.count == 1)
        #expect(
            request.url
                == "https://api.stripe.com/v1/subscriptions/sub_1Modern?expand%5B%5D=customer"
        )
        #expect(request.purpose == .subscription)
        #expect(
            request.headers.map { "\($0.name): \($0.value)" } == [
                "Authorization: Bearer rk_live_very_secret",
                "Stripe-Version: 2026-10-28.endive", "Accept: application/json",
            ]
        )
    }

    @Test func `for a customer asks for it and for all its subscriptions`() throws {
        let requests = try Fixture.stripe().callback(for: Self.customer)
        #expect(
            requests.map(\.url) == [
                "https://api.stripe.com/v1/customers/cus_Acme",
                "https://api.stripe.com/v1/subscriptions?customer=cus_Acme&status=all&limit=100",
            ]
        )
        #expect(requests.map(\.purpose) == [.customer, .subscriptions])
    }

    @Test func `names the source's account, if it has one`() throws {
        let source = try Fixture.stripe(adding: "account: $USHER_STRIPE_ACCOUNT\n")
        let headers = try #require(source.callback(for: Self.subscription).first).headers
        #expect(headers.contains { $0.name == "Stripe-Account" && $0.value == "acct_1Ours" })
    }

    @Test func `with Basic has the key as user`() throws {
        let source = try Fixture.source(auth: `The grammar of events`.auth, secrets: "a:b")
        let request = try #require(source.callback(for: Self.subscription).first)
        #expect(request.url == "https://api.example.org/subscriptions/uuid-sub_1Modern")
        #expect(request.headers.first?.value == "Basic cmtfbGl2ZV92ZXJ5X3NlY3JldDo=")
    }

    @Test(arguments: [
        ("http://127.0.0.1:8420", "http://127.0.0.1:8420"),
        ("https://proxy.example/stripe/", "https://proxy.example/stripe"),
        ("https://[::1]:12111", "https://[::1]:12111"),
    ])
    func `goes to the base that the environment sets`(base: String, begins: String) throws {
        let source = try Fixture.stripe(base: base)
        let url = try #require(source.callback(for: Self.subscription).first).url
        #expect(url == "\(begins)/v1/subscriptions/sub_1Modern?expand%5B%5D=customer")
    }

    @Test(arguments: [
        "api.stripe.com", "ftp://x", "https://", "https://user:pw@x", "https://x?y=1",
        "https://x#y",
        "https://x/../y", "https://x y", "https://x:0", "https://x:99999", "https://x:",
        "https:///v1",
    ])
    func `never goes to what is no base`(base: String) throws {
        let problem = try #require(throws: SettingProblem.self) {
            try Fixture.stripe(base: base)
        }
        #expect(problem.variable == "USHER_STRIPE_API_BASE")
    }

    @Test(arguments: [
        "", ".", "..", "../customers", "a/b", "a?b", "a#b", "a b", "a\r\nb", "a%2Fb", "ä", "a\u{0}",
        "a&b=c", "a:b", "a@b", String(repeating: "x", count: 256),
    ])
    func `is never made for a hostile id`(id: String) throws {
        let source = try Fixture.stripe()
        for kind in Subject.Kind.allCases {
            #expect(throws: CallbackProblem.self) {
                try source.callback(for: Subject(kind: kind, id: id))
            }
        }
    }

    @Test func `is not made without a key, and says which to set`() throws {
        let source = try Fixture.stripe(apiKey: nil)
        let problem = try #require(throws: CallbackProblem.self) {
            try source.callback(for: Self.subscription)
        }
        #expect(problem.remedy == "set USHER_STRIPE_API_KEY")
        #expect(!source.hasAPIKey)
    }

    @Test func `is not made for a kind without a plan`() throws {
        let source = try Fixture.source(auth: `The grammar of events`.auth, secrets: "a:b")
        let problem = try #require(throws: CallbackProblem.self) {
            try source.callback(for: Self.customer)
        }
        #expect(problem.remedy == "add callback.fetch.customer to its file")
    }
}

@Suite struct `A further page` {
    func next(_ answer: JSON, of subject: Subject, call index: Int) throws -> CallbackRequest? {
        let source = try Fixture.stripe()
        let request = try source.callback(for: subject)[index]
        return source.next(after: answer, of: request)
    }

    @Test func `of a list begins after its last entry`() throws {
        let source = try Fixture.stripe()
        let first = try source.callback(for: `A callback`.customer)[1]
        let page = try Fixture.json("answer.subscriptions_page_1")
        let second = try #require(source.next(after: page, of: first))
        #expect(second.url == first.url + "&starting_after=sub_3")
        #expect(second.headers.count == first.headers.count)
        let again = page.with("/data/0/id", "sub_2")
        #expect(source.next(after: again, of: second)?.url == first.url + "&starting_after=sub_2")
        let last = try Fixture.json("answer.subscriptions_page_2")
        #expect(source.next(after: last, of: second) == nil)
    }

    @Test func `of items is asked for by the subscription's id`() throws {
        let page = try Fixture.json("answer.subscription.items_cut_short")
        let request = try next(page, of: `A callback`.subscription, call: 0)
        #expect(request?.purpose == .items)
        #expect(
            request?.url
                == "https://api.stripe.com/v1/subscription_items?subscription=sub_1Modern&limit=100"
                + "&starting_after=si_B"
        )
    }

    @Test(arguments: ["../x", "a&status=active", "a\r\nb", ""])
    func `is not asked for after a hostile id`(id: String) throws {
        let list = try Fixture.json("answer.subscriptions_page_1").with("/data/0/id", .string(id))
        #expect(try next(list, of: `A callback`.customer, call: 1) == nil)
        let items = try Fixture.json("answer.subscription.items_cut_short")
            .with("/items/data/1/id", .string(id))
        #expect(try next(items, of: `A callback`.subscription, call: 0) == nil)
    }

    @Test func `is not asked for after a whole answer`() throws {
        let subscription = try Fixture.json("answer.subscription.active")
        #expect(try next(subscription, of: `A callback`.subscription, call: 0) == nil)
        let customer = try Fixture.json("answer.customer")
        #expect(try next(customer, of: `A callback`.customer, call: 0) == nil)
    }
}
