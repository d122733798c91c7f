import Entitlements
import Testing

@testable import Webhooks

@Suite struct `The call for a schedule` {
    static let path =
        "https://api.stripe.com/v1/subscription_schedules/sub_sched_1Modern"
        + "?expand%5B%5D=phases.items.price"

    func exchange() throws -> CallbackExchange {
        try CallbackExchange(source: Fixture.stripe(), subject: `A callback`.subscription)
    }

    @Test func `follows a subscription that names one`() throws {
        var exchange = try exchange()
        let subscription = try Fixture.payload("answer.subscription.scheduled")
        #expect(exchange.receive(status: 200, body: subscription) == nil)
        #expect(exchange.request.url == Self.path)
        #expect(exchange.request.purpose == .schedule)
        #expect(exchange.request.headers.count == 3)
        let schedule = try Fixture.payload("answer.schedule.downgrade")
        let outcome = exchange.receive(status: 200, body: schedule)
        guard case .subscriptions(let found, complete: false) = outcome else {
            Issue.record("\(String(describing: outcome))")
            return
        }
        #expect(found.map(\.upcoming?.at) == [Fixture.end])
    }

    @Test func `waits for the items that were left out`() throws {
        var exchange = try exchange()
        let cut = try Fixture.json("answer.subscription.items_cut_short")
            .with("/schedule", "sub_sched_1Modern")
        #expect(exchange.receive(status: 200, body: cut.bytes) == nil)
        #expect(exchange.request.purpose == .items)
        let page = try Fixture.payload("answer.subscription.items_page_2")
        #expect(exchange.receive(status: 200, body: page) == nil)
        #expect(exchange.request.url == Self.path)
        let schedule = try Fixture.payload("answer.schedule.downgrade")
        guard case .subscriptions(let found, _) = exchange.receive(status: 200, body: schedule)
        else {
            Issue.record("no subscription")
            return
        }
        #expect(found.first?.items.count == 3)
    }

    @Test(arguments: [401, 403, 404])
    func `holds up nothing where the key may not make it`(status: Int) throws {
        var exchange = try exchange()
        let subscription = try Fixture.payload("answer.subscription.scheduled")
        #expect(exchange.receive(status: 200, body: subscription) == nil)
        #expect(exchange.request.isOptional)
        let outcome = exchange.receive(status: status, body: `An answer`.notFound)
        guard case .subscriptions(let found, _)? = outcome else {
            Issue.record("\(String(describing: outcome))")
            return
        }
        #expect(found.map(\.status) == [.active] && found.first?.upcoming == nil)
        #expect(exchange.withheld == "the subscription's schedule (\(status))")
    }

    @Test(arguments: [
        (429, CallbackOutcome.rateLimited), (500, .retry(reason: "the provider answered 500")),
    ])
    func `decides by its status as any other does`(status: Int, expected: CallbackOutcome) throws {
        var exchange = try exchange()
        let subscription = try Fixture.payload("answer.subscription.scheduled")
        #expect(exchange.receive(status: 200, body: subscription) == nil)
        #expect(exchange.receive(status: status, body: `An answer`.notFound) == expected)
    }

    @Test(arguments: [#""sub_sched_1Modern""#, "[]", "null"])
    func `takes no answer that is no schedule`(body: String) throws {
        var exchange = try exchange()
        let subscription = try Fixture.payload("answer.subscription.scheduled")
        #expect(exchange.receive(status: 200, body: subscription) == nil)
        let outcome = exchange.receive(status: 200, body: Array(body.utf8))
        let reason = "the answer about its schedule is no object"
        #expect(outcome == .unusable(reason: reason))
    }

    @Test(arguments: ["../x", "a?b", "a\r\nb", ".."])
    func `is not made for a hostile id`(id: String) throws {
        var exchange = try exchange()
        let answer = try Fixture.json("answer.subscription.scheduled")
            .with("/schedule", .string(id))
        let reason = "/schedule names a schedule that is not here"
        #expect(exchange.receive(status: 200, body: answer.bytes) == .unusable(reason: reason))
    }

    @Test func `is left out of a file that does not know schedules`() throws {
        let yaml = try Fixture.text("stripe.yaml")
        let start = try #require(yaml.firstRange(of: "  schedule:\n    at:")?.lowerBound)
        let end = try #require(yaml.firstRange(of: "\nstatus:")?.lowerBound)
        let call = try #require(yaml.firstRange(of: "  schedule: \"/v1")?.lowerBound)
        let line = yaml[call...].prefix { $0 != "\n" }
        let source = try Fixture.stripe(edits: [
            String(yaml[start..<end]): "", String(line): "",
        ])
        var exchange = try CallbackExchange(source: source, subject: `A callback`.subscription)
        let subscription = try Fixture.payload("answer.subscription.scheduled")
        let outcome = exchange.receive(status: 200, body: subscription)
        guard case .subscriptions(let found, complete: false) = outcome else {
            Issue.record("\(String(describing: outcome))")
            return
        }
        #expect(found.map(\.upcoming) == [nil])
    }
}
