import Entitlements
import Foundation
import Testing

@testable import Webhooks

@Suite struct `An event of Stripe` {
    @Test(arguments: ExpectedEvent.all)
    func `is read as the subject that it points at`(expected: ExpectedEvent) throws {
        let event = try Fixture.stripe().read(body: Fixture.payload(expected.payload))
        #expect(event.key == expected.key)
        #expect(event.type == expected.type)
        #expect(event.subjects == (expected.subject.map { [$0] } ?? []))
        #expect(event.ignored == expected.ignored)
        #expect(event.isIgnored == (expected.subject == nil))
    }

    @Test func `is recorded nowhere without being expected`() throws {
        let folder = Fixture.folder.appending(path: "payloads/stripe").path
        let files = try FileManager.default.contentsOfDirectory(atPath: folder)
        let events = files.filter { $0.hasPrefix("event.") }.sorted()
        #expect(events == ExpectedEvent.all.map { "\($0.payload).json" }.sorted())
    }

    /// Every type that Stripe documents of these families; each is recorded in one example above.
    @Test(arguments: [
        (
            payload: "event.customer.subscription.updated",
            types: [
                "customer.subscription.created", "customer.subscription.deleted",
                "customer.subscription.paused", "customer.subscription.resumed",
                "customer.subscription.trial_will_end",
                "customer.subscription.pending_update_applied",
                "customer.subscription.pending_update_expired",
            ]
        ),
        (
            payload: "event.thin.customer.subscription.past_due",
            types: [
                "v1.customer.subscription.paused", "v1.customer.subscription.resumed",
                "v1.customer.subscription.trial_will_end",
                "v1.customer.subscription.default_payment_method_changed",
                "v1.customer.subscription.cancel_at_changed",
                "v1.customer.subscription.pending_update_expired",
            ]
        ),
        (
            payload: "event.invoice.paid",
            types: [
                "invoice.payment_failed", "invoice.payment_action_required",
                "invoice.payment_attempt_required", "invoice.finalization_failed",
                "invoice.overdue", "invoice.marked_uncollectible", "invoice.voided",
            ]
        ),
        (
            payload: "event.subscription_schedule.updated",
            types: [
                "subscription_schedule.aborted", "subscription_schedule.canceled",
                "subscription_schedule.completed", "subscription_schedule.expiring",
            ]
        ),
    ])
    func `of a whole family points at the subscription`(payload: String, types: [String]) throws {
        let source = try Fixture.stripe()
        for type in types {
            let body = try Fixture.json(payload).with("/type", .string(type))
            let event = try source.read(body: body.bytes)
            #expect(event.subjects == [Subject(kind: .subscription, id: "sub_1Modern")])
            #expect(event.ignored == nil)
        }
    }

    @Test func `tells its mode, account and time`() throws {
        let source = try Fixture.stripe()
        let snapshot = try source.read(body: Fixture.payload("event.connected_account"))
        #expect(snapshot.livemode == true)
        #expect(snapshot.account == "acct_1Other")
        #expect(snapshot.createdAt == Fixture.start + .seconds(60))
        #expect(snapshot.alias == nil)
        let thin = try source.read(body: Fixture.payload("event.thin.customer.deleted"))
        #expect(thin.account == nil)
        #expect(thin.createdAt == Fixture.start + .milliseconds(60_123))
        #expect(thin.alias == "evt_1Doc")
    }

    @Test(arguments: [(wanted: true, taken: "live"), (wanted: false, taken: "test")])
    func `of the other mode is ignored`(wanted: Bool, taken: String) throws {
        let source = try Fixture.stripe(adding: "livemode: \(wanted)\n")
        let live = try source.read(body: Fixture.payload("event.invoice.paid"))
        let test = try source.read(
            body: Fixture.payload("event.localstripe.customer.subscription.created")
        )
        #expect(live.isIgnored == (taken == "test"))
        #expect(test.isIgnored == (taken == "live"))
        let ignored = taken == "live" ? test : live
        #expect(ignored.ignored == "its livemode is \(!wanted), this source takes \(wanted)")
        #expect(ignored.subjects.isEmpty)
    }

    @Test func `of a connected account is taken by the source of that account`() throws {
        let source = try Fixture.stripe(adding: "account: $USHER_STRIPE_ACCOUNT\n")
        let event = try Fixture.json("event.connected_account")
        let theirs = try source.read(body: event.bytes)
        let ours = try source.read(body: event.with("/account", "acct_1Ours").bytes)
        #expect(theirs.isIgnored)
        #expect(ours.subjects == [Subject(kind: .subscription, id: "sub_1Modern")])
    }

    @Test(arguments: [
        "../customers/cus_1", "sub_1/../../accounts", "sub_1?expand[]=customer", "sub_1#x", "..",
        ".", "sub_1\r\nX-Evil: 1", "sub_1%2f..", "sub 1", "süb", "sub_1\u{0}",
        String(repeating: "s", count: 256),
    ])
    func `with a hostile id is no event`(id: String) throws {
        let source = try Fixture.stripe()
        let snapshot = try Fixture.json("event.customer.subscription.updated")
            .with("/data/object/id", .string(id))
        let thin = try Fixture.json("event.thin.customer.subscription.past_due")
            .with("/related_object/id", .string(id))
        for body in [snapshot.bytes, thin.bytes] {
            let problem = try #require(throws: EventProblem.self) { try source.read(body: body) }
            #expect(problem.message == "is no id of a subscription")
            #expect(!problem.description.contains(id) || id == ".")
        }
    }

    @Test func `may have an id of 255 characters`() throws {
        let id = String(repeating: "s", count: 255)
        let body = try Fixture.json("event.customer.subscription.updated")
            .with("/data/object/id", .string(id))
        #expect(try Fixture.stripe().read(body: body.bytes).subjects.map(\.id) == [id])
    }

    @Test(arguments: [
        (pointer: "/id", value: JSON?.none, field: "/id"),
        (pointer: "/id", value: .some(""), field: "/id"),
        (pointer: "/id", value: .some(7), field: "/id"),
        (pointer: "/id", value: .some("evt 1"), field: "/id"),
        (pointer: "/type", value: .none, field: "/type"),
        (
            pointer: "/type", value: .some(.string(String(repeating: "x", count: 129))),
            field: "/type"
        ),
        (pointer: "/type", value: .some("a\nb"), field: "/type"),
        (pointer: "/object", value: .some("charge"), field: ""),
        (pointer: "/object", value: .none, field: ""),
        (pointer: "/livemode", value: .some("true"), field: "/livemode"),
    ])
    func `that is malformed names the field`(pointer: String, value: JSON?, field: String) throws {
        let body = try Fixture.json("event.invoice.paid").with(pointer, value).bytes
        let source = try Fixture.stripe()
        let problem = try #require(throws: EventProblem.self) { try source.read(body: body) }
        #expect(problem.field == field)
        #expect(!problem.remedy.isEmpty)
    }

    @Test(arguments: [
        "", "{", "[]", "null", "\"evt_1\"", "{\"object\":\"event\",\"object\":\"x\"}",
    ])
    func `is a JSON object`(body: String) throws {
        let source = try Fixture.stripe()
        #expect(throws: EventProblem.self) { try source.read(body: Array(body.utf8)) }
    }
}

@Suite struct `The grammar of events` {
    static let auth = "auth: { scheme: basic, weak: true }"

    func read(
        _ event: String,
        _ body: String,
        headers: [String: String] = [:]
    ) throws -> IncomingEvent {
        try Fixture.source(auth: Self.auth, event: event, secrets: "a:b")
            .read(body: Array(body.utf8), headers: Fixture.headers(headers))
    }

    @Test func `digests the body where there is no id`() throws {
        let event = try read(
            "event: { id: { sha256: body }, type: /meta/event_name }",
            SignedSample.lemonSqueezyBody
        )
        #expect(event.key == "21fc598f286dace3772800557701b55d64b1c18a9da8a6a75c0a5a48d701108c")
        #expect(event.type == "subscription_updated")
        #expect(event.subjects == [Subject(kind: .subscription, id: "42")])
    }

    @Test func `takes the id from a header`() throws {
        let event = "event: { id: { header: X-Lago-Unique-Key }, type: /webhook_type }"
        let body = #"{"webhook_type":"subscription.started","id":"ext_1"}"#
        let read = try read(event, body, headers: ["x-lago-unique-key": "key-1"])
        #expect(read.key == "key-1")
        let problem = try #require(throws: EventProblem.self) { try self.read(event, body) }
        #expect(problem.field == "X-Lago-Unique-Key")
    }

    @Test func `joins a type from its pieces`() throws {
        let event = try read(
            #"event: { id: /id, type: { join: [/object_type, ".", /event_type] } }"#,
            #"{"id":"r1","object_type":"subscription","event_type":"renew","uuid":"u-1"}"#
        )
        #expect(event.type == "subscription.renew")
        #expect(event.subjects == [Subject(kind: .subscription, id: "u-1")])
    }

    @Test func `reads times in each unit`() throws {
        let shape = "event: { id: /id, type: /id, created: /at, time_unit: "
        let expected = Instant(microseconds: 1_700_000_000_123_000)
        #expect(try read(shape + "ms }", #"{"id":"a","at":1700000000123}"#).createdAt == expected)
        let text = #"{"id":"a","at":"2023-11-14T22:13:20.123Z"}"#
        #expect(try read(shape + "rfc3339 }", text).createdAt == expected)
        #expect(try read(shape + "s }", text).createdAt == nil)
        #expect(try read(shape + "s }", #"{"id":"a","at":-5}"#).createdAt == nil)
    }
}
