import Entitlements
import Postgres
import Store
import TestSupport
import Testing

@testable import API
@testable import Service

/// Each action over HTTP, with what checks say before and after its instant.
@Suite(.database, .timeLimit(.minutes(2))) struct `A subscription over HTTP` {
    @Test func `begins the plan's trial, and falls to its plan when that ends`() async throws {
        try await Live.run { live in
            let ada = try await Subscriber(live)
            let made = try await ada.put(["plan": "pro", "status": "trialing"])
            #expect(made["trial_start"] == "2026-03-02T12:00:00.000Z")
            #expect(made["trial_end"] == "2026-03-16T12:00:00.000Z")
            #expect(made["effective"]?["access"] == "trial")
            try await ada.at("2026-03-16T11:59:59.999Z")
            #expect(try await ada.reason() == "trial")
            try await ada.at("2026-03-16T12:00:00Z")
            #expect(try await ada.reason() == "trial_ended")
            let lapsed = try await ada.get()
            #expect(lapsed["effective"]?["plan"] == "free")
            #expect(lapsed["effective"]?["access"] == "fallback")
            let extended = try await ada.act("trial/extend", ["days": 7, "reason": "asked nicely"])
            #expect(extended["trial_end"] == "2026-03-23T12:00:00.000Z")
            #expect(try await ada.reason() == "trial")
            let ended = try await ada.act("trial/end")
            #expect(ended["trial_end"] == "2026-03-16T12:00:00.000Z")
            #expect(try await ada.reason() == "trial_ended")
            try await ada.expectRefused("trial/end", nil, .conflict, "status")
            try await ada.expectRefused(
                "trial/extend",
                ["trial_end": "2026-03-01T00:00:00Z"],
                .invalidField,
                "trial_end"
            )
            let changes = try await live.send("GET", "/v1/accounts/acme/changes")
            #expect(changes.text.contains("asked nicely"))
        }
    }

    @Test func `put again does not begin its trial again`() async throws {
        try await Live.run { live in
            let ada = try await Subscriber(live)
            let first = try await ada.put(["plan": "pro", "status": "trialing"])
            try await ada.at("2026-03-10T00:00:00Z")
            let again = try await ada.put(["plan": "pro", "status": "trialing"])
            #expect(again["trial_end"] == first["trial_end"])
            #expect(try await live.send("DELETE", ada.path).status == 204)
            let anew = try await ada.put(["plan": "pro", "status": "trialing"])
            #expect(anew["trial_end"] == first["trial_end"])
            let late: JSON = [
                "plan": "pro", "status": "trialing", "trial_start": "2026-03-10T00:00:00Z",
            ]
            let refused = try await live.send("PUT", ada.path, late)
            try Shape.expectProblem(refused, 400, .invalidField, field: "trial_start")
            #expect(try await live.send("DELETE", ada.path).status == 204)
            let twice = try await live.send("PUT", ada.path, late)
            try Shape.expectProblem(twice, 400, .invalidField, field: "trial_start")
        }
    }

    @Test func `has one trial a family and account, whoever comes first`() async throws {
        try await Live.run { live in
            let ada = try await Subscriber(live)
            let body: JSON = ["plan": "pro", "status": "trialing"]
            let answers = try await withThrowingTaskGroup(of: RawAnswer.self) { group in
                for number in 1...6 {
                    let path = "/v1/accounts/acme/subscriptions/sub_\(number)"
                    group.addTask { try await live.send("PUT", path, body) }
                }
                return try await group.reduce(into: [RawAnswer]()) { $0.append($1) }
            }
            #expect(answers.count { $0.status == 201 } == 1)
            for answer in answers where answer.status != 201 {
                try Shape.expectProblem(answer, 409, .trialAlreadyUsed, field: "status")
            }
            let used = try await live.send("GET", "/v1/accounts/acme/trials").json["items"]
            #expect(used?.array?.count == 1)
            #expect(used?[0]?["family"] == "pro")
            #expect(used?[0]?["started_at"] == .string(Subscriber.start))
            // Paid, it may be held as often as anybody likes.
            _ = try await ada.put(["plan": "pro"], id: "another")
        }
    }

    @Test func `is cancelled at the period's end, once, and taken back until then`() async throws {
        try await Live.run { live in
            let ada = try await Subscriber(live)
            _ = try await ada.put([
                "plan": "pro", "period_anchor": "2026-01-31T00:00:00Z", "period_every": "month",
            ])
            let period = try await ada.get()["period"]
            #expect(period?["start"] == "2026-02-28T00:00:00.000Z")
            #expect(period?["end"] == "2026-03-31T00:00:00.000Z")
            let cancelled = try await ada.act("cancel")
            #expect(cancelled["cancel_at"] == "2026-03-31T00:00:00.000Z")
            #expect(try await ada.act("cancel") == cancelled)
            try await ada.at("2026-03-30T23:59:59.999Z")
            #expect(try await ada.reason() == "plan")
            #expect(try await ada.act("uncancel")["cancel_at"] == .null)
            _ = try await ada.act("cancel")
            try await ada.at("2026-03-31T00:00:00Z")
            #expect(try await ada.reason() == "subscription_ended")
            try await ada.expectRefused("uncancel", nil, .conflict, "status")
        }
    }

    @Test func `without a period is cancelled now or at a time`() async throws {
        try await Live.run { live in
            let ada = try await Subscriber(live)
            _ = try await ada.put(["plan": "pro"])
            try await ada.expectRefused("cancel", nil, .noPeriod, "at")
            _ = try await ada.act("cancel", ["at": "2026-03-03T00:00:00Z"])
            #expect(try await ada.reason() == "plan")
            let ended = try await ada.act("cancel", ["at": "now"])
            #expect(ended["status"] == "canceled")
            #expect(ended["ended_at"] == .string(Subscriber.start))
            #expect(try await ada.reason() == "subscription_ended")
            #expect(try await ada.act("cancel", ["at": "now"]) == ended)
        }
    }

    @Test func `is paused and resumed, and a cancellation is not swallowed`() async throws {
        try await Live.run { live in
            let ada = try await Subscriber(live)
            _ = try await ada.put(["plan": "pro", "period_end": "2026-03-31T00:00:00Z"])
            _ = try await ada.act("pause", ["until": "2026-04-20T00:00:00Z"])
            #expect(try await ada.reason() == "subscription_paused")
            #expect(try await ada.act("resume")["paused_from"] == .null)
            #expect(try await ada.reason() == "plan")
            _ = try await ada.act("pause")
            #expect(try await ada.act("cancel")["cancel_at"] == "2026-03-31T00:00:00.000Z")
            try await ada.at("2026-03-31T00:00:00Z")
            #expect(try await ada.reason() == "subscription_ended")
            try await ada.expectRefused("resume", nil, .conflict, "status")
        }
    }

    @Test func `changes its plan when the time has come, and is tidied by the next action`()
        async throws
    {
        try await Live.run { live in
            let ada = try await Subscriber(live)
            _ = try await ada.put([
                "plan": "pro", "quantity": 3, "period_end": "2026-03-31T00:00:00Z",
            ])
            let waiting = try await ada.act("change", ["plan": "free", "at": "period_end"])
            let change: JSON = [
                "plan": "free", "version": .null, "at": "2026-03-31T00:00:00.000Z",
            ]
            #expect(waiting["change"] == change)
            let later = try await ada.act("change", ["quantity": 2, "at": "period_end"])
            #expect(later["change"] == change)
            #expect(later["quantity_change"]?["quantity"] == 2)
            #expect(try await ada.act("change", ["plan": "pro"])["change"] == .null)
            _ = try await ada.act("change", ["plan": "free", "at": "period_end"])
            try await ada.at("2026-03-30T23:59:59.999Z")
            #expect(try await ada.reason() == "plan")
            try await ada.at("2026-03-31T00:00:00Z")
            #expect(try await ada.reason() == "not_in_plan")
            let effective: JSON = ["plan": "free", "version": 1, "quantity": 2, "access": "grace"]
            #expect(try await ada.get()["effective"] == effective)
            let tidied = try await live.send("DELETE", ada.path + "/change")
            #expect(tidied.status == 200)
            #expect(tidied.json["plan"] == "free" && tidied.json["quantity"] == 2)
            #expect(tidied.json["change"] == .null && tidied.json["quantity_change"] == .null)
            #expect(tidied.json["effective"] == effective)
        }
    }

    @Test func `drops what waits`() async throws {
        try await Live.run { live in
            let ada = try await Subscriber(live)
            _ = try await ada.put(["plan": "pro", "period_end": "2026-03-31T00:00:00Z"])
            _ = try await ada.act(
                "change",
                [
                    "plan": "free", "quantity": 9, "at": "2026-03-20T00:00:00Z",
                ]
            )
            let dropped = try await live.send("DELETE", ada.path + "/change?reason=no")
            #expect(dropped.json["change"] == .null)
            #expect(dropped.json["quantity_change"] == .null)
            #expect(dropped.json["plan"] == "pro" && dropped.json["quantity"] == 1)
        }
    }

    @Test func `keeps the seats that are assigned`() async throws {
        try await Live.run { live in
            let ada = try await Subscriber(live)
            _ = try await ada.put(["plan": "pro", "quantity": 2])
            _ = try await live.service.store.pool.query(
                """
                insert into seat (account_id, feature_id, user_id)
                select 'acme', 'seats', 'user_' || n from generate_series(1, 11) as n
                """
            )
            let revision = try await ada.get()["revision"]
            try await ada.expectRefused("change", ["quantity": 1], .seatsInUse, "quantity")
            try await ada.expectRefused(
                "change",
                ["quantity": 1, "at": "2027-01-01T00:00:00Z"],
                .seatsInUse,
                "quantity"
            )
            let smaller: [JSON] = [
                ["plan": "pro", "quantity": 1], ["plan": "pro"],
                [
                    "plan": "pro", "quantity": 2,
                    "quantity_change": ["quantity": 1, "at": "2027-01-01T00:00:00Z"],
                ],
            ]
            for body in smaller {
                let answer = try await live.send("PUT", ada.path, body)
                try Shape.expectProblem(answer, 409, .seatsInUse, field: "quantity")
            }
            let kept = try await ada.get()
            #expect(kept["quantity"] == 2 && kept["revision"] == revision)
            _ = try await ada.put(["plan": "pro", "quantity": 2])
            _ = try await ada.put(["plan": "pro", "quantity": 4])
            _ = try await ada.put(["plan": "pro", "quantity": 2])
            _ = try await ada.act("change", ["quantity": 3])
            // A smaller plan is not asked: nothing is clamped, and nobody new gets in.
            _ = try await ada.act("change", ["plan": "free"])
            _ = try await ada.put(["plan": "free", "quantity": 3])
        }
    }

    @Test func `is acted on once under an Idempotency-Key`() async throws {
        try await Live.run { live in
            let ada = try await Subscriber(live)
            _ = try await ada.put(["plan": "pro", "status": "trialing"])
            let extend = RawRequest("POST", ada.path + "/trial/extend", ["days": 3])
                .with("Idempotency-Key", "k-1")
            let first = try await live.send(extend)
            #expect(first.json["trial_end"] == "2026-03-19T12:00:00.000Z")
            #expect(try await live.send(extend).body == first.body)
            #expect(try await ada.get()["trial_end"] == "2026-03-19T12:00:00.000Z")
            let other = RawRequest("POST", ada.path + "/trial/extend", ["days": 4])
                .with("Idempotency-Key", "k-1")
            try Shape.expectProblem(try await live.send(other), 422, .idempotencyKeyReused)
        }
    }

    @Test func `of a provider is the provider's to change`() async throws {
        try await Live.run { live in
            let ada = try await Subscriber(live)
            _ = try await live.service.store.pool.query(
                """
                insert into subscription (account_id, subscription_id, plan_id, status, source)
                values ('acme', 'main', 'pro', 'active', 'stripe')
                """
            )
            for action in ["pause", "resume", "cancel", "uncancel", "trial/end"] {
                try await ada.expectRefused(action, nil, .conflict, "subscription")
            }
            let dropped = try await live.send("DELETE", ada.path + "/change")
            try Shape.expectProblem(dropped, 409, .conflict, field: "subscription")
        }
    }
}
