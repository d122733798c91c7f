import Entitlements
import Postgres
import Store
import TestSupport
import Testing

@testable import Service

@Suite(.inTurn, .database, .timeLimit(.minutes(3))) struct `A delivery` {
    @Test func `is applied once its subject was fetched, and the next check sees it`() async throws
    {
        try await World.run { world in
            let session = try await world.signUp(customer: "cus_acme")
            world.provider.set(StripeSubscription())
            #expect(try await world.deliver(StripeEvent("evt_1")) == .applied)
            #expect(try await world.reason(session) == .plan)
            let held = try #require(try await world.subscriptions().first)
            #expect(held.subscription.id == "sub_1")
            #expect(held.subscription.status == .active)
            #expect(held.source == "stripe")
            #expect(held.providerID == "sub_1")
            let event = try await world.event("evt_1")
            #expect(event.state == .applied)
            #expect(event.settledAt != nil)
            #expect(world.counted("applied") == 1)
        }
    }

    @Test func `again is a duplicate, and fetches nothing`() async throws {
        try await World.run { world in
            try await world.signUp(customer: "cus_acme")
            world.provider.set(StripeSubscription())
            #expect(try await world.deliver(StripeEvent("evt_1")) == .applied)
            let changes = try await world.changes()
            for _ in 1...3 {
                #expect(try await world.deliver(StripeEvent("evt_1")) == .duplicate)
            }
            #expect(world.provider.fetches(of: "sub_1") == 1)
            #expect(try await world.changes() == changes)
            #expect(world.counted("duplicate") == 3)
        }
    }

    @Test(arguments: [
        (type: "product.updated", livemode: true), (type: "payout.paid", livemode: true),
        (type: "checkout.session.expired", livemode: true),
    ])
    func `of no interest is recorded as ignored, with the reason, and asks nobody`(
        type: String,
        livemode: Bool
    ) async throws {
        try await World.run { world in
            try await world.signUp(customer: "cus_acme")
            let event = StripeEvent("evt_1", type: type, object: ["id": "obj_1"])
            #expect(try await world.deliver(event) == .ignored)
            #expect(try await world.deliver(event) == .duplicate)
            let record = try await world.event("evt_1")
            #expect(record.state == .ignored)
            #expect(record.lastError != nil)
            #expect(record.subject == nil)
            #expect(try await world.count("select count(*) as n from subject") == 0)
        }
    }

    @Test func `is queued when the provider fails, and says so again`() async throws {
        try await World.run { world in
            let session = try await world.signUp(customer: "cus_acme")
            world.provider.set("sub_1", .status(500))
            #expect(try await world.deliver(StripeEvent("evt_1")) == .queued)
            #expect(try await world.deliver(StripeEvent("evt_1")) == .queued)
            #expect(try await world.event("evt_1").state == .pending)
            #expect(try await world.reason(session) == .notInPlan)

            world.provider.set(StripeSubscription())
            try await world.makeDue()
            try await world.work()
            #expect(try await world.event("evt_1").state == .applied)
            #expect(try await world.reason(session) == .plan)
        }
    }

    @Test func `is queued when the provider takes too long, and applied when it answers`()
        async throws
    {
        try await World.run { world in
            let session = try await world.signUp(customer: "cus_acme")
            world.provider.set(StripeSubscription())
            let gate = world.provider.hold("sub_1")
            #expect(try await world.deliver(StripeEvent("evt_1")) == .queued)
            #expect(try await world.reason(session) == .notInPlan)
            gate.open()
            try await eventually { try await world.event("evt_1").state == .applied }
            #expect(try await world.reason(session) == .plan)
            #expect(world.provider.fetches(of: "sub_1") == 1)
        }
    }

    @Test func `under a known id with another body keeps the first and counts a conflict`()
        async throws
    {
        try await World.run { world in
            try await world.signUp(customer: "cus_acme")
            world.provider.set(StripeSubscription())
            let first = StripeEvent("evt_1")
            try await world.deliver(first)
            #expect(try await world.deliver(StripeEvent("evt_1", about: "sub_2")) == .duplicate)
            #expect(try await world.deliver(first) == .duplicate)
            let record = try await world.event("evt_1")
            #expect(record.conflicts == 1)
            #expect(record.subject == .subscription("sub_1"))
            let rows = try await world.pool.query("select body from inbox")
            #expect(try rows.map { try $0.bytes("body") } == [first.body])
            #expect(world.provider.fetches(of: "sub_2") == 0)
        }
    }

    @Test func `that names a source which is not there is refused`() async throws {
        try await World.run(catalog: []) { world in
            let refused = try await refusal {
                _ = try await world.service.receive(
                    from: "nobody",
                    headers: { _ in [] },
                    body: [],
                    requestID: "req"
                )
            }
            #expect(refused.code == .unknownSource)
            #expect(refused.remedy?.contains("stripe") == true)
        }
    }
}

@Suite(.inTurn, .database, .timeLimit(.minutes(3))) struct `A signature` {
    enum Flaw: CaseIterable {
        case absent, unreadable, otherSecret, otherBody, old, ahead
    }

    private func signature(_ flaw: Flaw, of body: [UInt8], now: Int64) -> String? {
        switch flaw {
        case .absent: nil
        case .unreadable: "v1=deadbeef"
        case .otherSecret: StripeEvent.signature(of: body, secret: "whsec_other", at: now)
        case .otherBody: StripeEvent.signature(of: body + [0x20], at: now)
        case .old: StripeEvent.signature(of: body, at: now - 302)
        case .ahead: StripeEvent.signature(of: body, at: now + 302)
        }
    }

    private static let codes: [Flaw: Refusal.Code] = [
        .absent: .signatureMissing, .unreadable: .signatureInvalid,
        .otherSecret: .signatureInvalid, .otherBody: .signatureInvalid,
        .old: .signatureStale, .ahead: .signatureStale,
    ]

    @Test(arguments: Flaw.allCases)
    func `that is not right leaves nothing but a counter`(flaw: Flaw) async throws {
        try await World.run { world in
            let body = StripeEvent("evt_1").body
            let now = try await world.service.barrier.view().at.microseconds / 1_000_000
            let signature = signature(flaw, of: body, now: now)
            let refused = try await refusal {
                _ = try await world.service.receive(
                    from: "stripe",
                    headers: { _ in signature.map { [$0] } ?? [] },
                    body: body,
                    requestID: "req"
                )
            }
            #expect(refused.code == Self.codes[flaw])
            #expect(try await world.count("select count(*) as n from inbox") == 0)
            #expect(try await world.count("select count(*) as n from subject") == 0)
            #expect(world.counted(refused.code.rawValue) == 1)
            #expect(world.provider.fetches(of: "sub_1") == 0)
        }
    }

    @Test(arguments: [Int64(-298), 298])
    func `within the tolerance is good`(skew: Int64) async throws {
        try await World.run { world in
            try await world.signUp(customer: "cus_acme")
            world.provider.set(StripeSubscription())
            let body = StripeEvent("evt_1").body
            let now = try await world.service.barrier.view().at.microseconds / 1_000_000
            let signature = StripeEvent.signature(of: body, at: now + skew)
            #expect(try await world.deliver(body, signature: signature) == .applied)
        }
    }

    @Test func `of what is no event of the provider stores nothing`() async throws {
        try await World.run(catalog: []) { world in
            let broken = try await refusal { try await world.deliver(Array("{".utf8)) }
            #expect(broken.code == .malformedJSON)
            var event = StripeEvent("evt_1")
            event.object = ["id": "../../admin", "object": "subscription"]
            let crafted = try await refusal { try await world.deliver(event) }
            #expect(crafted.code == .invalidField)
            #expect(crafted.field == "/data/object/id")
            #expect(try await world.count("select count(*) as n from inbox") == 0)
            #expect(world.counted("malformed") == 2)
        }
    }
}
