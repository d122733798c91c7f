import Entitlements
import Limits
import Postgres
import Store
import TestSupport
import Testing

@testable import Service

/// What the provider's answer means (reference: billing webhooks, the callback's result).
///
/// In each case the state that was last verified stays in force.
@Suite(.inTurn, .database, .timeLimit(.minutes(3))) struct `A callback that ends` {
    /// A world with a verified subscription, whose next fetch gets another answer.
    private func run(
        _ answer: FakeProvider.Answer,
        attempts: Int = 0,
        isAskedOnce: Bool = true,
        _ body: (World) async throws -> Void
    ) async throws {
        try await World.run { world in
            let session = try await world.signUp(customer: "cus_acme")
            world.provider.set(StripeSubscription())
            #expect(try await world.deliver(StripeEvent("evt_1")) == .applied)
            _ = try await world.pool.query("update subject set attempts = \(attempts)")
            world.provider.set("sub_1", answer)
            #expect(try await world.deliver(StripeEvent("evt_2")) == .queued)
            if isAskedOnce { #expect(world.provider.fetches(of: "sub_1") == 2) }
            try await body(world)
            #expect(try await world.reason(session) == .plan, "the last verified state stays")
            #expect(try await world.subscriptions().count == 1)
        }
    }

    private func expectWait(
        _ seconds: ClosedRange<Double>,
        attempts: Int,
        in world: World,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let subject = try await world.subject()
        #expect(subject.progress.attempts == attempts, sourceLocation: sourceLocation)
        #expect(!subject.progress.isDead, sourceLocation: sourceLocation)
        #expect(subject.progress.lastError != nil, sourceLocation: sourceLocation)
        let wait = try #require(subject.seconds, sourceLocation: sourceLocation)
        // Up to a few seconds may have passed since it was written.
        let range = (seconds.lowerBound - 5)...seconds.upperBound
        #expect(range ~= wait, sourceLocation: sourceLocation)
        #expect(try await world.event("evt_2").state == .pending, sourceLocation: sourceLocation)
    }

    private func expectDead(
        saying part: String,
        in world: World,
        sourceLocation: SourceLocation = #_sourceLocation
    ) async throws {
        let subject = try await world.subject()
        #expect(subject.progress.isDead, sourceLocation: sourceLocation)
        #expect(subject.seconds == nil, sourceLocation: sourceLocation)
        let event = try await world.event("evt_2")
        #expect(event.state == .dead, sourceLocation: sourceLocation)
        #expect(event.lastError?.contains(part) == true, sourceLocation: sourceLocation)
        try await world.work()
        #expect(world.provider.fetches(of: "sub_1") == 2, "nobody asks again by himself")
        #expect(try await world.event("evt_1").state == .applied, sourceLocation: sourceLocation)
    }

    @Test(arguments: [
        (attempts: 0, wait: 150.0...300), (attempts: 1, wait: 1_800...3_600),
    ])
    func `404 is asked again after five minutes and an hour`(
        attempts: Int,
        wait: ClosedRange<Double>
    ) async throws {
        try await run(.status(404), attempts: attempts) { world in
            try await expectWait(wait, attempts: attempts + 1, in: world)
        }
    }

    @Test func `404 for the third time is a dead letter, and revokes nothing`() async throws {
        try await run(.status(404), attempts: 2) { world in
            try await expectDead(saying: "knows no such object", in: world)
        }
    }

    @Test(arguments: [401, 403])
    func `401 or 403 waits for the operator, and asks for no other subject either`(
        status: Int
    ) async throws {
        try await run(.status(status)) { world in
            try await expectWait(60...60, attempts: 0, in: world)
            world.provider.set(StripeSubscription(id: "sub_2"))
            let other = StripeEvent("evt_3", about: "sub_2")
            #expect(try await world.deliver(other) == .queued)
            #expect(world.provider.fetches(of: "sub_2") == 0)
            #expect(try await world.subject("sub_2").progress.attempts == 0)
        }
    }

    @Test func `429 waits as long as it asks, and a new event does not cut that short`()
        async throws
    {
        try await run(.status(429, retryAfter: 40)) { world in
            try await expectWait(40...40, attempts: 0, in: world)
            world.provider.set(StripeSubscription())
            #expect(try await world.deliver(StripeEvent("evt_3")) == .queued)
            #expect(world.provider.fetches(of: "sub_1") == 2)
            try await expectWait(40...40, attempts: 0, in: world)
        }
    }

    @Test func `429 that asks for nothing waits a second, and is no attempt`() async throws {
        try await run(.status(429), attempts: 3) { world in
            try await expectWait(1...1, attempts: 3, in: world)
        }
    }

    @Test(arguments: [
        (attempts: 0, wait: 0.5...1), (attempts: 1, wait: 2.5...5), (attempts: 2, wait: 15...30),
        (attempts: 3, wait: 60...120), (attempts: 4, wait: 300...600),
        (attempts: 5, wait: 1_800...3_600), (attempts: 6, wait: 10_800...21_600),
        (attempts: 10, wait: 10_800...21_600),
    ])
    func `5xx is tried again, ever later`(attempts: Int, wait: ClosedRange<Double>) async throws {
        try await run(.status(503), attempts: attempts) { world in
            try await expectWait(wait, attempts: attempts + 1, in: world)
        }
    }

    @Test func `5xx for the twelfth time is a dead letter`() async throws {
        try await run(.status(500), attempts: Limits.webhookAttempts - 1) { world in
            try await expectDead(saying: "500", in: world)
            #expect(try await world.subject().progress.attempts == Limits.webhookAttempts)
        }
    }

    @Test(arguments: [409, 500, 502])
    func `with what passes by itself is an attempt`(status: Int) async throws {
        try await run(.status(status)) { world in
            try await expectWait(0.5...1, attempts: 1, in: world)
        }
    }

    @Test func `without an answer is an attempt`() async throws {
        // libcurl itself tries again on a new connection when a kept one turns out to be dead.
        try await run(.silence, isAskedOnce: false) { world in
            try await expectWait(0.5...1, attempts: 1, in: world)
        }
    }

    @Test func `in an answer without end is an attempt`() async throws {
        let endless = String(repeating: " ", count: Limits.callbackBytes + 1)
        try await run(.text(endless)) { world in
            try await expectWait(0.5...1, attempts: 1, in: world)
            let error = try await world.subject().progress.lastError
            #expect(error?.contains("larger than") == true)
        }
    }

    /// A quantity that the tables have no place for.
    private static let tooMany = StripeSubscription(
        items: [StripeSubscription.Item(quantity: 2_000_000_000)]
    )

    @Test(arguments: [
        (FakeProvider.Answer.text("no JSON"), "no JSON"),
        (.object(StripeSubscription(id: "sub_9").json), "another subscription"),
        (.object(StripeSubscription(status: "perhaps").json), "perhaps"),
        (.object([:]), "items"), (.object(tooMany.json), "quantity"),
        (.status(400), "400"), (.status(301), "301"),
    ])
    func `in what makes no sense is a dead letter at once, with the reason`(
        answer: FakeProvider.Answer,
        reason: String
    ) async throws {
        try await run(answer) { world in
            try await expectDead(saying: reason, in: world)
        }
    }

    @Test func `well forgets the attempts before it`() async throws {
        try await World.run { world in
            try await world.signUp(customer: "cus_acme")
            world.provider.set("sub_1", .status(500))
            try await world.deliver(StripeEvent("evt_1"))
            #expect(try await world.subject().progress.attempts == 1)
            world.provider.set(StripeSubscription())
            try await world.deliver(StripeEvent("evt_2"))
            let progress = try await world.subject().progress
            #expect(progress.attempts == 0)
            #expect(progress.lastError == nil)
            #expect(progress.done == progress.wanted)
        }
    }
}

@Suite(.inTurn, .database, .timeLimit(.minutes(3))) struct `A dead letter` {
    @Test func `lives again when it is replayed`() async throws {
        try await World.run { world in
            let session = try await world.signUp(customer: "cus_acme")
            world.provider.set("sub_1", .text("no JSON"))
            try await world.deliver(StripeEvent("evt_1"))
            let dead = try await world.event("evt_1")
            #expect(dead.state == .dead)

            world.provider.set(StripeSubscription())
            let replayed = try await world.service.replay(
                dead.id,
                within: .seconds(10),
                as: world.author
            )
            #expect(replayed.state == .applied)
            #expect(replayed.lastError == nil)
            #expect(replayed.attempts == 0)
            #expect(try await world.reason(session) == .plan)
        }
    }

    @Test func `lives again with the next event`() async throws {
        try await World.run { world in
            let session = try await world.signUp(customer: "cus_acme")
            world.provider.set("sub_1", .text("no JSON"))
            try await world.deliver(StripeEvent("evt_1"))
            world.provider.set(StripeSubscription())
            #expect(try await world.deliver(StripeEvent("evt_2")) == .applied)
            #expect(try await world.reason(session) == .plan)
            #expect(try await world.event("evt_1").state == .dead)
        }
    }

    @Test func `without a subject, or that never was, cannot be replayed`() async throws {
        try await World.run(catalog: []) { world in
            let event = StripeEvent("evt_1", type: "product.updated", object: ["id": "prod_1"])
            try await world.deliver(event)
            let id = try await world.event("evt_1").id
            let codes: [Refusal.Code] = [
                try await code(of: id, in: world), try await code(of: id + 1, in: world),
            ]
            #expect(codes == [.conflict, .unknownEvent])
        }
    }

    private func code(of id: Int64, in world: World) async throws -> Refusal.Code {
        try await refusal {
            _ = try await world.service.replay(id, within: .seconds(1), as: world.author)
        }
        .code
    }
}
