import Entitlements
import Limits
import Postgres
import TestSupport
import Testing

@testable import API
@testable import Service

/// Usage that is told afterwards: it counts once, in its own period, whatever stands beside it.
@Suite(.database, .timeLimit(.minutes(2))) struct `Usage events` {
    private static let noon = "2026-03-10T12:00:00Z"

    @Test func `count once, beyond any limit, without an entitlement`() async throws {
        try await Live.run { live in
            try await live.customer(at: Self.noon)
            let event = live.event("daily", "1", data: ["quantity": 12])
            #expect(try await live.tell(event, event) == ["accepted", "duplicate"])
            #expect(try await live.tell(event) == ["duplicate"])
            let meter = try await live.account("meters/daily")
            #expect((meter["used"], meter["over"], meter["remaining"]) == (12, 2, 0))
            #expect(try await live.tell(live.event("credits", "2")) == ["accepted"])
            #expect(try await live.account("meters/credits")["over"] == 1)
        }
    }

    @Test func `count in their own period, and what is too late on request`() async throws {
        try await Live.run { live in
            try await live.customer(at: "2026-03-10T20:00:00Z")
            try await live.consume("daily", 5)
            try await live.at("2026-03-11T08:00:00Z")
            try await live.consume("daily", 1)
            let told = try await live.tell(
                live.event("daily", "late", time: "2026-03-10T21:00:00Z", data: ["quantity": 3]),
                live.event("daily", "a day", time: "2026-03-10T08:00:00Z"),
                live.event("daily", "old", time: "2026-03-10T07:59:59.999Z"),
                live.event("daily", "ahead", time: "2026-03-11T08:05:00Z"),
                live.event("daily", "future", time: "2026-03-11T08:05:00.001Z")
            )
            #expect(
                told == [
                    "accepted", "accepted", "event_too_old time", "accepted",
                    "event_in_future time",
                ]
            )
            #expect(try await live.used("daily") == 2)
            let days = try await live.account("usage?feature=daily")
            #expect(days.column("units").suffix(2) == [9, 2])
            let old = live.event("daily", "old", time: "2026-03-10T07:59:59.999Z")
            #expect(try await live.tell(old, query: "?late=receive") == ["accepted"])
            #expect(try await live.used("daily") == 3)
        }
    }

    @Test func `count a user's share as well, and draw on the pool`() async throws {
        try await Live.run { live in
            try await live.customer(at: Self.noon)
            let session = try await live.signIn()
            let told = try await live.tell(
                live.event("calls", "1", data: ["quantity": 3, "user": "bo"]),
                live.event("calls", "2", data: ["session": .string(session)]),
                live.event("calls", "3", data: ["session": .string(session), "user": "bo"]),
                live.event("calls", "4", data: ["session": "ses_nope"]),
                live.event("image", "5", data: ["quantity": 2])
            )
            #expect(
                told == [
                    "accepted", "accepted", "invalid_field data.user",
                    "unknown_session data.session", "accepted",
                ]
            )
            #expect(try await live.used("calls") == 4)
            #expect(try await live.used("calls", user: "bo") == 3)
            #expect(try await live.used("calls", user: "ann") == 1)
            #expect(try await live.used("credits") == 20)
        }
    }

    /// The others count, and who sends learns what to do with those that do not.
    @Test func `that cannot be counted keep no other from counting`() async throws {
        try await Live.run { live in
            try await live.customer(at: Self.noon)
            try await live.customer("held", at: Self.noon)
            try await live.run(
                """
                insert into meter (account_id, feature_id, detail) values ('acme', 'daily', '7'),
                    ('held', 'calls', null);
                """
            )
            let holder = try await Connection(
                ConnectionSettings(url: TestDatabase.url, idleInTransactionTimeout: .zero)
            )
            try await holder.execute(
                script: "begin; select from meter where account_id = 'held' for update"
            )
            let held = live.event("calls", "h").object ?? [:]
            let other = JSON.object(held.merging(["subject": "held"]) { $1 })
            let told = try await live.tell(
                live.event("calls", "1"),
                live.event("daily", "2"),
                other,
                live.event("calls", "3")
            )
            #expect(told == ["accepted", "internal", "overloaded", "accepted"])
            try await holder.execute(script: "rollback")
            #expect(
                try await live.tell(live.event("calls", "1"), other) == ["duplicate", "accepted"]
            )
            #expect(try await live.used("calls") == 2)
        }
    }

    /// Together they are one key of an index, whose length has a bound.
    @Test func `have names of up to 1,024 bytes`() async throws {
        try await Live.run { live in
            try await live.customer(at: Self.noon)
            var random = SystemRandomNumberGenerator()
            let name = { (letters: Int) in
                String(
                    (0..<letters)
                        .map { _ in "абвгдежзийклмнопрст".randomElement(using: &random) ?? "а" }
                )
            }
            let long = live.event("calls", "x").object ?? [:]
            let event = { (source: Int, id: Int) in
                JSON.object(
                    long.merging(["source": .string(name(source)), "id": .string(name(id))]) { $1 }
                )
            }
            let told = try await live.tell(
                event(256, 256),
                event(256, 257),
                live.event("calls", "1"),
                event(1_024, 1_024),
                event(257, 256)
            )
            let tooLong = "invalid_field id"
            #expect(told == ["accepted", tooLong, "accepted", tooLong, tooLong])
            #expect(try await live.used("calls") == 2)
        }
    }

    private static let mistakes: [([String: JSON], String)] = [
        (["id": ""], "invalid_field id"), (["id": .null], "invalid_field id"),
        (["source": 7], "invalid_field source"),
        (["specversion": "0.3"], "invalid_field specversion"),
        (["type": "nope"], "unknown_feature type"), (["type": "sso"], "invalid_field type"),
        (["type": "search"], "invalid_field type"),
        (["subject": "nobody"], "unknown_account subject"),
        (["subject": "a b"], "invalid_name subject"), (["time": "noon"], "invalid_field time"),
        (["Time": "2026-03-10T12:00:00Z"], "unknown_field Time"),
        (["data": [1]], "invalid_field data"),
        (["data": ["quantity": 0]], "invalid_field data.quantity"),
        (["data": ["quantity": 1.5]], "invalid_field data.quantity"),
        (["data": ["quantity": 1_000_000_000_000_001]], "invalid_field data.quantity"),
        (["data": ["user": "ä"]], "invalid_name data.user"),
        (["data": ["units": 1]], "unknown_field data.units"),
        (["data_base64": "AA=="], "invalid_field data_base64"),
    ]

    @Test func `are rejected one by one, and leave the others`() async throws {
        try await Live.run { live in
            try await live.customer(at: Self.noon)
            var events: [JSON] = []
            for (number, mistake) in Self.mistakes.enumerated() {
                let members = live.event("calls", "bad \(number)").object ?? [:]
                events.append(live.event("calls", "good \(number)"))
                events.append(.object(members.merging(mistake.0) { $1 }))
            }
            events.append(7)
            let answer = try await live.send("POST", "/v1/usage", .array(events))
            let items = try #require(answer.json["items"]?.array)
            #expect(items.map { $0["index"] } == events.indices.map { .integer(Int64($0)) })
            for (number, mistake) in Self.mistakes.enumerated() {
                #expect(items[2 * number]["status"] == "accepted")
                let item = items[2 * number + 1]
                let words = "\(item["code"]?.string ?? "") \(item["field"]?.string ?? "")"
                #expect(words == mistake.1)
                #expect(item["remedy"]?.string != nil)
            }
            let count = Int64(Self.mistakes.count)
            #expect(answer.json["accepted"] == .integer(count))
            #expect(answer.json["rejected"] == .integer(count + 1))
            #expect(try await live.used("calls") == count)
        }
    }

    @Test(
        arguments: [
            ("application/json", true), ("application/cloudevents+json", true),
            ("application/cloudevents-batch+json; charset=utf-8", true), ("text/plain", false),
        ]
    )
    func `come by their media types`(type: String, isTaken: Bool) async throws {
        try await Live.run { live in
            try await live.customer(at: Self.noon)
            var request = RawRequest("POST", "/v1/usage", live.event("calls", "1"))
            request.headers = [("Content-Type", type)]
            let answer = try await live.send(request)
            if isTaken {
                #expect(answer.json["accepted"] == 1, "\(answer.text)")
            } else {
                try Shape.expectProblem(answer, 415, .unsupportedMediaType)
            }
        }
    }

    @Test func `come in batches, and no larger ones`() async throws {
        try await Live.run { live in
            try await live.customer(at: Self.noon)
            let most = Limits.usageEvents
            let events = (0...most).map { live.event("calls", "\($0)") }
            let whole = try await live.send("POST", "/v1/usage", .array(Array(events.prefix(most))))
            #expect(whole.json["accepted"] == .integer(Int64(most)))
            #expect(try await live.used("calls") == Int64(most))
            let more = try await live.send("POST", "/v1/usage", .array(events))
            try Shape.expectProblem(more, 400, .batchTooLarge, field: "body")
            let none = try await live.send("POST", "/v1/usage", [])
            try Shape.expectProblem(none, 400, .invalidField, field: "body")
            let late = try await live.send("POST", "/v1/usage?late=x", .array([events[0]]))
            try Shape.expectProblem(late, 400, .invalidField, field: "late")
            let key = try await live.key("check")
            let stranger = RawRequest("POST", "/v1/usage", .array([events[0]])).with(key: key)
            try Shape.expectProblem(try await live.send(stranger), 403, .missingScope)
        }
    }
}
