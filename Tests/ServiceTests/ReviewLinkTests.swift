import Entitlements
import Limits
import Postgres
import Store
import TestSupport
import Testing

@testable import Service

/// A webhook and a link at the same time, each as far as it can get while the other stands still.
@Suite(.inTurn, .database, .timeLimit(.minutes(5))) struct `A link beside its first webhook` {
    /// What holds up whom: the webhook at the point where it found no account and is about to say
    /// so, or the link at the point where nobody else sees it yet.
    enum First: Sendable, CaseIterable {
        case webhook, link

        var lock: String {
            switch self {
            case .webhook: "select from inbox for update"
            case .link: "select from chain_head where account_id = 'acme' for update"
            }
        }
    }

    @Test(arguments: First.allCases)
    func `loses nothing, whichever comes first`(first: First) async throws {
        try await World.run { world in
            let session = try await world.signUp()
            world.provider.set(StripeSubscription())
            if first == .webhook { try await receiveOnly(world) }
            let holder = try await Connection(ConnectionSettings(url: TestDatabase.url))
            try await holder.execute(script: "begin; \(first.lock)")

            // The link waits for the one who holds the lock, and the webhook for the link; or the
            // webhook for the one, and the link for the webhook.
            let gate = world.provider.hold("sub_1")
            async let webhook = world.sync(.subscription("sub_1"))
            await world.provider.arrivals(of: "sub_1").wait()
            if first == .webhook {
                gate.open()
                try await waitForWaiting(1, in: world)
            }
            async let link: Void = world.link("acme", to: "cus_acme")
            if first == .link {
                try await waitForWaiting(1, in: world)
                gate.open()
            }
            try await waitForWaiting(2, in: world)

            try await holder.execute(script: "commit")
            try await link
            _ = try await webhook
            try await world.work()
            #expect(try await world.reason(session) == .plan)
            #expect(
                try await world.count(
                    "select count(*) as n from subject where unlinked and wanted = done"
                ) == 0
            )
            #expect(try await world.events(.unlinked).isEmpty)
        }
    }

    /// An event that is recorded, and whose subject waits.
    private func receiveOnly(_ world: World) async throws {
        let store = world.service.store
        let subject = SubjectKey.subscription("sub_1")
        try await store.write(as: world.author) { connection in
            _ = try await store.receive(
                InboxContent(
                    source: "stripe",
                    eventKey: "evt_1",
                    eventType: "x",
                    subject: subject,
                    ignored: nil,
                    body: [],
                    bodyDigest: []
                ),
                on: connection
            )
        }
    }

    /// Returns when so many transactions wait for another, or the second got through.
    private func waitForWaiting(_ number: Int, in world: World) async throws {
        try await eventually {
            try await world.count(
                """
                select count(*) + (select count(*) from account_customer) as n
                  from pg_stat_activity
                 where datname = current_database() and wait_event_type = 'Lock'
                """
            ) >= number
        }
    }
}

@Suite(.inTurn, .database, .timeLimit(.minutes(5))) struct `What a customer has bought` {
    /// A world in which `acme` has what its customer bought.
    private func run(_ body: (World, _ acme: String) async throws -> Void) async throws {
        try await World.run { world in
            let session = try await world.signUp(customer: "cus_acme")
            world.provider.set(StripeSubscription())
            #expect(try await world.deliver(StripeEvent("evt_1")) == .applied)
            #expect(try await world.reason(session) == .plan)
            try await world.subscribe(id: "by_hand", plan: "free")
            try await body(world, session)
            let left = try await world.subscriptions().map(\.subscription.id)
            #expect(left == ["by_hand"], "what no provider feeds stays")
        }
    }

    @Test func `goes when it is unlinked, and to whom it is linked next`() async throws {
        try await run { world, acme in
            try await world.link("acme", to: nil)
            #expect(try await world.reason(acme) == .notInPlan)

            let bolt = try await world.signUp("bolt", customer: "cus_acme")
            try await world.work()
            #expect(try await world.reason(bolt) == .plan)
            #expect(try await world.reason(acme) == .notInPlan)

            world.provider.set(StripeSubscription(status: "canceled"))
            #expect(try await world.deliver(StripeEvent("evt_2")) == .applied)
            #expect(try await world.reason(bolt) == .subscriptionEnded)
        }
    }

    @Test func `comes back when its account is linked again`() async throws {
        try await World.run { world in
            let session = try await world.signUp(customer: "cus_acme")
            world.provider.set(StripeSubscription())
            try await world.deliver(StripeEvent("evt_1"))
            try await world.link("acme", to: nil)
            #expect(try await world.subscriptions().isEmpty)
            try await world.link("acme", to: "cus_acme")
            try await world.work()
            #expect(try await world.reason(session) == .plan)
            #expect(try await world.subscriptions().count == 1)
        }
    }

    @Test func `goes when another customer takes its place`() async throws {
        try await run { world, acme in
            try await world.link("acme", to: "cus_new")
            #expect(try await world.reason(acme) == .notInPlan)
            let bolt = try await world.signUp("bolt", customer: "cus_acme")
            try await world.work()
            #expect(try await world.reason(bolt) == .plan)
        }
    }

    /// What was to be fetched when the link went, and could not be, waits for the next link.
    @Test func `is fetched for the next account although the last fetch gave up`() async throws {
        try await run { world, _ in
            world.provider.set("sub_1", .status(500))
            #expect(try await world.deliver(StripeEvent("evt_2")) == .queued)
            try await world.link("acme", to: nil)
            _ = try await world.pool.query(
                "update subject set attempts = \(Limits.webhookAttempts - 1)"
            )
            try await world.makeDue()
            try await world.work()
            #expect(try await world.subject().progress.isDead)

            let bolt = try await world.signUp("bolt", customer: "cus_acme")
            try await world.work()
            let again = try await world.subject().progress
            #expect(!again.isDead && again.attempts == 1, "it has all its attempts again")
            world.provider.set(StripeSubscription())
            try await world.makeDue()
            try await world.work()
            #expect(try await world.reason(bolt) == .plan)
        }
    }

    /// A fetch that began under the old link ends under the new one.
    @Test func `is not brought back by a fetch that was under way`() async throws {
        try await run { world, acme in
            let gate = world.provider.hold("sub_1")
            async let late = world.deliver(StripeEvent("evt_2"))
            await world.provider.arrivals(of: "sub_1").wait(for: 2)
            try await world.link("acme", to: nil)
            gate.open()
            #expect(try await late == .queued)
            #expect(try await world.reason(acme) == .notInPlan)
            #expect(try await world.event("evt_2").state == .unlinked)

            let bolt = try await world.signUp("bolt", customer: "cus_acme")
            try await world.work()
            #expect(try await world.reason(bolt) == .plan)
            #expect(try await world.event("evt_2").state == .applied)
        }
    }
}
