import Entitlements
import Testing

@testable import Webhooks

@Suite struct `An answer` {
    static let notFound = Array(#"{"error":{"code":"resource_missing"}}"#.utf8)

    func outcome(
        _ subject: Subject,
        status: Int = 200,
        body: [UInt8] = notFound
    ) throws -> CallbackOutcome {
        try Fixture.stripe().interpret(subject: subject, status: status, body: body)
    }

    @Test(arguments: [
        (404, CallbackOutcome.gone), (401, .unauthorized), (403, .unauthorized),
        (429, .rateLimited), (500, .retry(reason: "the provider answered 500")),
        (503, .retry(reason: "the provider answered 503")),
        (409, .retry(reason: "the provider answered 409")),
        (408, .retry(reason: "the provider answered 408")),
        (400, .unusable(reason: "the provider answered 400")),
        (302, .unusable(reason: "the provider answered 302")),
        (204, .unusable(reason: "the provider answered 204")),
        (100, .unusable(reason: "the provider answered 100")),
    ])
    func `is judged by its status first`(status: Int, expected: CallbackOutcome) throws {
        #expect(try outcome(`A callback`.subscription, status: status) == expected)
        #expect(try outcome(`A callback`.customer, status: status) == expected)
    }

    @Test(arguments: ["", "<html>", "{", "[]", "{}", "null"])
    func `of 200 that says nothing is unusable`(body: String) throws {
        for subject in [`A callback`.subscription, `A callback`.customer] {
            let found = try outcome(subject, body: Array(body.utf8))
            guard case .unusable = found else {
                Issue.record("\(subject): \(found)")
                continue
            }
        }
    }

    @Test func `about a deleted customer says so`() throws {
        let body = try Fixture.payload("answer.customer.deleted")
        #expect(try outcome(`A callback`.customer, body: body) == .customerDeleted("cus_Acme"))
    }

    @Test func `about another deleted customer is unusable`() throws {
        let body = try Fixture.json("answer.customer.deleted").with("/id", "cus_Other").bytes
        let reason = "the answer is about another customer, or about none"
        #expect(try outcome(`A callback`.customer, body: body) == .unusable(reason: reason))
    }

    @Test func `about a customer that exists says nothing more`() throws {
        let body = try Fixture.payload("answer.customer")
        #expect(
            try outcome(`A callback`.customer, body: body) == .subscriptions([], complete: false)
        )
    }

    @Test func `that lists a customer's subscriptions is complete`() throws {
        let body = try Fixture.payload("answer.subscriptions")
        let found = try outcome(`A callback`.customer, body: body)
        guard case .subscriptions(let list, complete: true) = found else {
            Issue.record("\(found)")
            return
        }
        #expect(list.map(\.id) == ["sub_1Modern", "sub_2Old"])
        #expect(list.map(\.status) == [.active, .canceled])
    }

    @Test func `that lists no subscription is complete too`() throws {
        let body = Array(#"{"object":"list","data":[],"has_more":false}"#.utf8)
        #expect(
            try outcome(`A callback`.customer, body: body) == .subscriptions([], complete: true)
        )
    }

    @Test(arguments: [
        (
            pointer: "/data/1/customer", value: JSON?.some("cus_Other"),
            reason: "the list holds a subscription of another customer"
        ),
        (
            pointer: "/data/1/status", value: .some("new_word"),
            reason: "the status `new_word` is not known"
        ),
        (
            pointer: "/has_more", value: .some(true),
            reason: "the list does not say at /has_more that it is whole"
        ),
        (
            pointer: "/has_more", value: .none,
            reason: "the list does not say at /has_more that it is whole"
        ),
    ])
    func `that is a doubtful list is unusable as a whole`(
        pointer: String,
        value: JSON?,
        reason: String
    ) throws {
        let body = try Fixture.json("answer.subscriptions").with(pointer, value).bytes
        #expect(try outcome(`A callback`.customer, body: body) == .unusable(reason: reason))
    }
}

@Suite struct `An exchange with the provider` {
    /// Plays the provider: hands out answers in order and keeps what was asked.
    func run(
        _ subject: Subject,
        _ answers: [(status: Int, body: [UInt8])]
    ) throws -> (outcome: CallbackOutcome?, urls: [String]) {
        var exchange = try CallbackExchange(source: Fixture.stripe(), subject: subject)
        var urls: [String] = []
        for answer in answers {
            urls.append(exchange.request.url.replacing("https://api.stripe.com/v1", with: ""))
            if let outcome = exchange.receive(status: answer.status, body: answer.body) {
                return (outcome, urls)
            }
        }
        return (nil, urls)
    }

    func answers(_ names: String...) throws -> [(status: Int, body: [UInt8])] {
        try names.map { (200, try Fixture.payload("answer.\($0)")) }
    }

    @Test func `about a subscription takes one call`() throws {
        let (outcome, urls) = try run(`A callback`.subscription, answers("subscription.active"))
        guard case .subscriptions(let found, complete: false) = outcome else {
            Issue.record("\(String(describing: outcome))")
            return
        }
        #expect(found.map(\.id) == ["sub_1Modern"])
        #expect(urls == ["/subscriptions/sub_1Modern?expand%5B%5D=customer"])
    }

    @Test func `fetches the items that an answer leaves out`() throws {
        let (outcome, urls) = try run(
            `A callback`.subscription,
            answers("subscription.items_cut_short", "subscription.items_page_2")
        )
        guard case .subscriptions(let found, complete: false) = outcome else {
            Issue.record("\(String(describing: outcome))")
            return
        }
        #expect(found.first?.items.map(\.id) == ["si_A", "si_B", "si_C"])
        #expect(found.first?.items.map(\.quantity) == [3, 1, 5])
        #expect(urls.count == 2)
    }

    @Test func `joins the pages of a list, and the items in it`() throws {
        let (outcome, urls) = try run(
            `A callback`.customer,
            answers(
                "customer",
                "subscriptions_page_1",
                "subscriptions_page_2",
                "subscription.items_page_2"
            )
        )
        guard case .subscriptions(let found, complete: true) = outcome else {
            Issue.record("\(String(describing: outcome))")
            return
        }
        #expect(found.map(\.id) == ["sub_3", "sub_2", "sub_1"])
        #expect(found.map(\.items.count) == [2, 1, 1])
        #expect(
            urls == [
                "/customers/cus_Acme",
                "/subscriptions?customer=cus_Acme&status=all&limit=100",
                "/subscriptions?customer=cus_Acme&status=all&limit=100&starting_after=sub_3",
                "/subscription_items?subscription=sub_3&limit=100&starting_after=si_A",
            ]
        )
    }

    @Test func `about a deleted customer ends at once`() throws {
        let (outcome, urls) = try run(`A callback`.customer, answers("customer.deleted"))
        #expect(outcome == .customerDeleted("cus_Acme"))
        #expect(urls == ["/customers/cus_Acme"])
    }

    @Test(arguments: [
        (404, CallbackOutcome.gone), (401, .unauthorized), (429, .rateLimited),
        (502, .retry(reason: "the provider answered 502")),
    ])
    func `ends where any of its calls fails`(status: Int, expected: CallbackOutcome) throws {
        let good = try answers("customer", "subscriptions_page_1", "subscriptions_page_2")
        for place in 0...good.count {
            let some = good.prefix(place) + [(status, `An answer`.notFound)]
            #expect(try run(`A callback`.customer, Array(some)).outcome == expected)
        }
    }

    @Test(arguments: ["{}", "[]", #"{"data":[]}"#, #"{"data":{},"has_more":false}"#])
    func `takes no page for the last that is none`(page: String) throws {
        var some = try answers("subscription.items_cut_short")
        some.append((200, Array(page.utf8)))
        let reason = "a further page is not a list that says whether it goes on"
        #expect(try run(`A callback`.subscription, some).outcome == .unusable(reason: reason))
    }

    @Test func `does not follow pages for ever`() throws {
        let page = try Fixture.json("answer.subscriptions_page_1")
        var some = try answers("customer")
        some += (0..<100).map { (200, page.with("/data/0/id", .string("sub_\($0)")).bytes) }
        let (outcome, urls) = try run(`A callback`.customer, some)
        #expect(outcome == .unusable(reason: "there are more than 20 pages"))
        #expect(urls.count == 21)
    }

    @Test func `does not begin without a safe id`() throws {
        let source = try Fixture.stripe()
        #expect(throws: CallbackProblem.self) {
            try CallbackExchange(source: source, subject: Subject(kind: .customer, id: "../x"))
        }
    }
}
