import Entitlements
import Postgres
import Store
import TestSupport
import Testing

@testable import API
@testable import Service

/// What was used and what is left, over HTTP.
@Suite(.database, .timeLimit(.minutes(2))) struct `Meters and their history` {
    private static let noon = "2026-03-10T12:00:00Z"

    @Test func `show what is used and left of every feature, with its balances`() async throws {
        try await Live.run { live in
            try await live.customer(at: Self.noon)
            try await live.consume("daily", 3)
            let list = try await live.account("meters")
            #expect(list.column("feature") == ["calls", "credits", "daily", "image", "search"])
            let meter = try await live.account("meters/daily")
            #expect(list["items"]?.array?[2] == meter)
            #expect((meter["used"], meter["remaining"], meter["limit"]) == (3, 7, 10))
            #expect(
                meter["period"] == [
                    "start": "2026-03-10T00:00:00.000Z", "end": "2026-03-11T00:00:00.000Z",
                ]
            )
            let slot: JSON = [
                "slot": "base", "kind": "allowance", "amount": 10, "left": 7, "priority": 100,
                "lost_at": "2026-03-11T00:00:00.000Z",
            ]
            #expect(meter["slots"] == [slot])
            let page = try await live.account("meters?limit=2&cursor=calls")
            #expect(page.column("feature") == ["credits", "daily"])
            #expect(page["next_cursor"] == "daily")
            #expect(try await live.account("meters/credits")["limit"] == 0)
        }
    }

    @Test func `tell a user's own share beside the account's`() async throws {
        try await Live.run { live in
            try await live.customer(at: Self.noon)
            try await live.consume("calls", 5, user: "ada")
            try await live.consume("calls", 2)
            #expect(try await live.used("calls") == 7)
            #expect(try await live.used("calls", user: "ada") == 5)
            let list = try await live.account("meters?feature=calls&user=ada")
            #expect(list.column("subject") == ["", "user:ada"])
            #expect(list.column("limit") == [100, 60])
            // Nothing limits a user's share of it: the account's is what is drawn on.
            #expect(try await live.account("meters/daily?user=ada")["subject"] == "")
        }
    }

    @Test func `give a user's own grant a meter of its own`() async throws {
        try await Live.run { live in
            try await live.customer(at: Self.noon)
            let grant: JSON = [
                "feature": "daily", "effect": "allow", "user": "ada", "limit": 99, "reason": "x",
            ]
            let made = try await live.send("POST", "/v1/accounts/acme/grants", grant)
            #expect(made.status == 201, "\(made.text)")
            let meter = try await live.account("meters/daily?user=ada")
            #expect((meter["subject"], meter["limit"]) == ("user:ada", 99))
        }
    }

    @Test func `add up by the account's days, the short one of spring too`() async throws {
        try await Live.run { live in
            try await live.customer(at: "2026-03-28T22:59:59.999Z", timezone: "Europe/Berlin")
            try await live.consume("calls", 1)
            try await live.at("2026-03-28T23:00:00Z")
            try await live.consume("calls", 2, user: "ada")
            try await live.at("2026-03-29T21:59:59.999Z")
            try await live.consume("calls", 4)
            _ = try await live.service.store.sumUpUsage(atMost: 100)
            try await live.at("2026-03-29T22:00:00Z")
            try await live.consume("calls", 8)
            let span = "&from=2026-03-27T23:00:00Z&to=2026-03-30T22:00:00Z"
            let days = try await live.account("usage?feature=calls" + span)
            #expect(days.column("units") == [1, 6, 8])
            #expect(days.column("requests") == [1, 2, 1])
            #expect(days.column("end")[1] == "2026-03-29T22:00:00.000Z")
            #expect(days["timezone"] == "Europe/Berlin")
            let ada = try await live.account("usage?feature=calls&user=ada" + span)
            #expect(ada.column("units") == [0, 2, 0])
            let users = try await live.account("usage?feature=calls&by=user" + span)
            #expect(users.column("user") == [.null, .null, "ada", .null])
            #expect(users.column("units") == [1, 4, 2, 8])
            let months = try await live.account("usage?feature=calls&window=month")
            #expect(months.column("units").count == 12)
            #expect(months.column("units").last == 15)
        }
    }

    @Test func `are explained by a ledger, newest first`() async throws {
        try await Live.run { live in
            try await live.customer(at: Self.noon)
            try await live.consume("calls", 1, user: "ada")
            try await live.at("2026-03-10T13:00:00Z")
            try await live.consume("calls", 2)
            #expect(
                try await live.tell(live.event("image", "e1", data: ["quantity": 3])) == [
                    "accepted"
                ]
            )
            let ledger = try await live.account("ledger")
            #expect(ledger.column("feature") == ["image", "credits", "calls", "calls"])
            #expect(ledger.column("units") == [3, 30, 2, 1])
            #expect(ledger.column("via") == [.null, "image", .null, .null])
            #expect(ledger.column("parts")[1] == [["slot": "over", "units": 30]])
            let first = try await live.account("ledger?limit=3")
            #expect(first.column("units") == [3, 30, 2])
            let cursor = try #require(first["next_cursor"]?.string)
            let rest = try await live.account("ledger?limit=3&cursor=" + cursor)
            #expect((rest.column("units"), rest["next_cursor"]) == ([1], .null))
            let span = "ledger?feature=calls&from=2026-03-10T12:00:00Z&to=2026-03-10T13:00:00Z"
            #expect(try await live.account(span).column("user") == ["ada"])
            #expect(try await live.account("ledger?user=ada").column("units") == [1])
        }
    }

    @Test func `tell a threshold and a reset once, the latter without use`() async throws {
        try await Live.run { live in
            try await live.customer(at: Self.noon)
            try await live.consume("calls", 79)
            #expect(try await live.account("alerts").column("kind") == [])
            try await live.consume("calls", 1)
            try await live.at("2026-04-01T00:00:00Z")
            for _ in 0..<2 { try await live.service.sweepMeters() }
            let alerts = try await live.account("alerts")
            #expect(alerts.column("kind") == ["quota.reset", "quota.threshold"])
            #expect(alerts.column("threshold") == [.null, 80])
            #expect(alerts.column("used") == [80, 80])
            let march: JSON = [
                "start": "2026-03-01T00:00:00.000Z", "end": "2026-04-01T00:00:00.000Z",
            ]
            #expect(alerts.column("period") == [march, march])
            #expect(try await live.used("calls") == 0)
        }
    }

    @Test func `tell whoever is refused that the limit came down to what is used, once`()
        async throws
    {
        try await Live.run { live in
            try await live.customer(at: Self.noon)
            let more: JSON = [
                "feature": "calls", "effect": "allow", "mode": "stack", "limit": 900, "reason": "x",
            ]
            let grant = try await live.send("POST", "/v1/accounts/acme/grants", more)
            try await live.consume("calls", 600)
            #expect(try await live.account("alerts").column("kind") == [])
            let path = "/v1/accounts/acme/grants/\(grant.json["grant"]?.string ?? "")"
            _ = try await live.send("DELETE", path)
            for _ in 0..<2 {
                let body: JSON = ["account": "acme", "feature": "calls"]
                let refused = try await live.send("POST", "/v1/consume", body)
                #expect(refused.json["reason"] == "quota_exhausted")
            }
            #expect(try await live.account("alerts").column("threshold") == [80])
            #expect(try await live.used("calls") == 600)
        }
    }

    @Test func `are swept once when their period is over, in real time too`() async throws {
        try await Live.run { live in
            try await live.customer(at: Self.noon)
            let lifted = try await live.send("PUT", "/v1/accounts/acme/clock", [:])
            #expect(lifted.status == 200)
            try await live.consume("calls", 5)
            // By somebody else than the writer, which has the meter in memory.
            _ = try await live.service.store.pool.query(
                """
                update meter
                   set period_start = now() - interval '2 hours',
                       period_end = now() - interval '1 hour'
                """
            )
            #expect(try await live.service.sweepMeters() == 1)
            #expect(try await live.service.sweepMeters() == 0)
            let alerts = try await live.account("alerts")
            #expect(alerts.column("kind") == ["quota.reset"])
            #expect(alerts.column("used") == [5])
            #expect(try await live.used("calls") == 0)
        }
    }

    /// What cannot be read, is held up or means nothing any more keeps nobody else's reset back.
    @Test(.timeLimit(.minutes(2)))
    func `are swept past those that cannot be brought on`() async throws {
        try await Live.run { live in
            try await live.customer(at: Self.noon)
            for account in ["broken", "held", "well"] {
                _ = try await live.send("PUT", "/v1/accounts/" + account, [:])
            }
            try await live.run(
                """
                insert into meter (account_id, feature_id, used, period_start, period_end, source,
                    detail)
                select account_id, 'calls', 5, now() - interval '2 hours', now() - age, 'kit', detail
                  from (values ('acme', interval '1 minute', '7'::jsonb),
                               ('broken', '40 minutes', '7'), ('held', '30 minutes', null),
                               ('well', '20 minutes', null)) as m (account_id, age, detail);
                update account set clock_at = now() where account_id = 'acme';
                """
            )
            let holder = try await Connection(
                ConnectionSettings(url: TestDatabase.url, idleInTransactionTimeout: .zero)
            )
            try await holder.execute(
                script: "begin; select from meter where account_id = 'held' for update"
            )
            try await live.service.sweepMeters()
            #expect(try await live.told() == ["well"])
            try await holder.execute(script: "rollback")
            try await live.service.sweepMeters()
            #expect(try await live.told() == ["held", "well"])
        }
    }

    /// Shares of sessions that are gone: nothing holds for them, and they stay as they are.
    @Test func `are swept on test clocks behind any number without terms`() async throws {
        try await Live.run { live in
            try await live.customer(at: "2026-04-01T00:00:00Z")
            try await live.customer("zeta", at: "2026-04-01T00:00:00Z")
            try await live.run(
                """
                insert into meter (account_id, subject, feature_id, used, period_start, period_end)
                select account_id, subject, 'calls', 5, '2026-03-01', '2026-04-01'
                  from (select 'acme' as account_id, 'session:ses_' || n as subject
                          from generate_series(1, 1100) as n
                        union all select 'zeta', '') as m;
                """
            )
            try await live.service.sweepMeters()
            #expect(try await live.told() == ["zeta"])
        }
    }

    @Test(
        arguments: [
            ("meters/sso", 400, .invalidField, "feature"),
            ("meters/nope", 404, .unknownFeature, "feature"),
            ("meters?user=a%20b", 400, .invalidName, "user"),
            ("usage", 400, .missingField, "feature"),
            ("usage?feature=sso", 400, .invalidField, "feature"),
            ("usage?feature=calls&window=week", 400, .invalidField, "window"),
            ("usage?feature=calls&by=colour", 400, .invalidField, "by"),
            ("usage?feature=calls&from=yesterday", 400, .invalidField, "from"),
            (
                "usage?feature=calls&from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z", 400,
                .invalidField, "to"
            ),
            (
                "usage?feature=calls&window=hour&from=0001-01-01T00:00:00Z", 400, .invalidField,
                "from"
            ),
            ("ledger?cursor=1/2", 400, .invalidField, "cursor"),
            ("ledger?feature=nope", 404, .unknownFeature, "feature"),
            ("alerts?cursor=x", 400, .invalidField, "cursor"),
        ] as [(String, Int, Refusal.Code, String)]
    )
    func `are refused by name`(
        path: String,
        status: Int,
        code: Refusal.Code,
        field: String
    ) async throws {
        try await Live.run { live in
            try await live.customer(at: Self.noon)
            let answer = try await live.send("GET", "/v1/accounts/acme/" + path)
            try Shape.expectProblem(answer, status, code, field: field)
            let list = path.split(whereSeparator: { "/?".contains($0) })[0]
            let nobody = try await live.send("GET", "/v1/accounts/nobody/\(list)?feature=calls")
            try Shape.expectProblem(nobody, 404, .unknownAccount)
        }
    }
}

extension Live {
    /// Statements as somebody types them in psql.
    func run(_ script: String) async throws {
        try await service.store.pool.withConnection { try await $0.execute(script: script) }
    }

    /// The accounts that were told of a reset.
    fileprivate func told() async throws -> [String] {
        try await service.store.pool
            .query("select distinct account_id from outbox where kind = 'quota.reset' order by 1")
            .map { try $0.text(0) }
    }
}
