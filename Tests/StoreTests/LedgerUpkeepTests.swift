import Entitlements
import Postgres
import TestSupport
import Testing

@testable import Store

/// Sums, partitions and retention: what is summed up and what is not are one answer.
@Suite(.database, .timeLimit(.minutes(5))) struct `The upkeep of the ledger` {
    private static let noon = Instant(rfc3339: "2026-03-10T12:00:00Z") ?? .earliestWritten

    /// A line of the ledger, in a transaction of its own.
    private static func line(
        _ units: Int64,
        at: String,
        account: String = "acme",
        user: String? = nil
    ) -> String {
        """
        insert into meter_entry (account_id, feature_id, subject, version, place, at, kind, user_id,
            units)
        values ('\(account)', 'calls', '', 1, 0, '\(at)', 'consume',
            \(user.map { "'\($0)'" } ?? "null"), \(units));
        """
    }

    private func used(
        _ shop: Shop,
        account: String = "acme",
        hours: Int = 24,
        from: Instant = noon
    ) async throws -> [Int64] {
        let question = UsageQuestion(
            account: account,
            feature: "calls",
            bounds: (0...hours).map { from + .seconds($0 * 3_600) }
        )
        let rows = try await shop.store.usage(question, atMost: 1_000)
        return (0..<hours).map { hour in rows.first { $0.window == hour }?.units ?? 0 }
    }

    /// Waits for all to be summed up: the transactions of other tests, on the same server, may hold
    /// numbers open.
    private func sumUp(_ shop: Shop, atMost most: Int = 100) async throws {
        try await wait {
            _ = try await shop.store.sumUpUsage(atMost: most)
            return try await shop.number(
                "select count(*) from meter_entry where number >= (select upto from usage_rollup)"
            ) == 0
        }
    }

    @Test func `sums up every line once, and nobody can tell`() async throws {
        let shop = try await Shop()
        try await shop.run("insert into account (account_id) values ('acme')")
        for round in 1...3 {
            try await shop.run(Self.line(5, at: "2026-03-10T12:10:00Z", user: "ada"))
            try await shop.run(Self.line(-2, at: "2026-03-10T12:59:59.999Z"))
            try await shop.run(Self.line(7, at: "2026-03-10T13:00:00Z", user: "ada"))
            let expected = [Int64(3 * round), Int64(7 * round)]
            #expect(try await Array(used(shop).prefix(2)) == expected)
            try await sumUp(shop, atMost: 2)
            #expect(try await Array(used(shop).prefix(2)) == expected)
        }
        #expect(try await shop.number("select sum(units)::bigint from usage_hour") == 30)
        #expect(try await shop.number("select sum(requests)::bigint from usage_hour") == 6)
        let ada = "select sum(units)::bigint from usage_hour_user where user_id = 'ada'" as SQL
        #expect(try await shop.number(ada) == 36)
    }

    /// However its transactions are cut, a round goes on until nothing is left.
    @Test(arguments: [1, 2, 4, 5, 100])
    func `goes on while there is more`(most: Int) async throws {
        let shop = try await Shop()
        let line = Self.line(1, at: "2026-03-10T12:10:00Z")
        for _ in 1...4 { try await shop.run(String(repeating: line, count: 3)) }
        let last = try await shop.number("select max(number) from meter_entry")
        // Older transactions of other tests hold it open.
        try await wait {
            try await shop.number("select pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
                > last
        }
        var steps = 1
        while try await shop.store.sumUpUsage(atMost: most) { steps += 1 }
        let units = "select coalesce(sum(units), 0)::bigint from usage_hour" as SQL
        #expect(try await shop.number(units) == 12)
        #expect(try await shop.number("select upto from usage_rollup") > last)
        #expect(steps <= 12)
    }

    @Test func `leaves what may still be committed`() async throws {
        let shop = try await Shop()
        let slow = try await shop.connect()
        try await slow.execute(script: "begin; " + Self.line(5, at: "2026-03-10T12:10:00Z"))
        try await shop.run(Self.line(7, at: "2026-03-10T12:20:00Z"))
        _ = try await shop.store.sumUpUsage(atMost: 100)
        #expect(try await used(shop)[0] == 7)
        try await slow.execute(script: "commit")
        #expect(try await used(shop)[0] == 12)
        try await sumUp(shop)
        #expect(try await used(shop)[0] == 12)
        #expect(try await shop.number("select sum(units)::bigint from usage_hour") == 12)
    }

    /// Midnight in Kolkata is at half past, and in Kathmandu at a quarter past an hour of UTC.
    @Test(arguments: [("Asia/Kolkata", 30), ("Asia/Kathmandu", 15), ("America/St_Johns", 30)])
    func `keeps days apart that begin within an hour`(zone: String, minute: Int) async throws {
        let shop = try await Shop()
        try await shop.run("insert into account (account_id, timezone) values ('acme', '\(zone)')")
        try await shop.run(Self.line(1, at: "2026-01-10T18:\(minute - 1):59.999Z"))
        try await shop.run(Self.line(2, at: "2026-01-10T18:\(minute):00Z"))
        try await sumUp(shop)
        let edge = try #require(Instant(rfc3339: "2026-01-10T18:\(minute):00Z"))
        #expect(try await used(shop, hours: 2, from: edge - .seconds(3_600)) == [1, 2])
    }

    @Test func `saturates rather than stop`() async throws {
        let shop = try await Shop()
        try await shop.run(Self.line(.max, at: "2026-03-10T12:10:00Z"))
        try await shop.run(Self.line(.max, at: "2026-03-10T12:10:00Z"))
        try await sumUp(shop, atMost: 1)
        try await shop.run(Self.line(.max, at: "2026-03-10T12:10:00Z"))
        try await sumUp(shop, atMost: 1)
        #expect(try await used(shop)[0] == .max)
    }

    @Test func `goes on above the numbers of a server that it was restored from`() async throws {
        let shop = try await Shop()
        #expect(try await !shop.store.prepareLedger())
        try await shop.run(Self.line(1, at: "2026-03-10T12:10:00Z"))
        try await sumUp(shop)
        // As if that had been a server of many transactions.
        try await shop.run(
            "update usage_rollup set upto = 1000000000000; update meter_entry set number = 999999999999"
        )
        #expect(try await shop.store.prepareLedger())
        #expect(try await !shop.store.prepareLedger())
        try await shop.run(Self.line(2, at: "2026-03-10T12:10:00Z"))
        #expect(try await used(shop)[0] == 3)
        try await sumUp(shop)
        #expect(try await used(shop)[0] == 3)
    }

    @Test func `gives a month that a test clock came to first its partition`() async throws {
        let shop = try await Shop()
        try await shop.run(Self.line(5, at: "2040-02-10T12:00:00Z"))
        #expect(try await shop.number("select count(*) from meter_entry_rest") == 1)
        #expect(try await shop.number("select create_ledger_partitions('2040-01-15', 2)") == 3)
        #expect(try await shop.number("select create_ledger_partitions('2040-01-15', 2)") == 0)
        #expect(try await shop.number("select count(*) from meter_entry_rest") == 0)
        #expect(try await shop.number("select units from meter_entry_2040_02") == 5)
    }

    @Test func `drops what is older than it is kept, once it is summed up`() async throws {
        let shop = try await Shop()
        try await shop.run(
            """
            select create_ledger_partitions('2020-01-01', 1);
            insert into usage_hour values ('acme', 'calls', '2019-01-01', 1, 1);
            """
        )
        try await shop.run(Self.line(5, at: "2020-01-10T12:00:00Z"))
        let days = { (count: Int) in Duration.seconds(count * 86_400) }
        #expect(try await shop.store.forgetUsage(ledger: days(400), sums: days(800)) == 1)
        #expect(try await shop.number("select count(*) from meter_entry") == 1)
        try await sumUp(shop)
        #expect(try await shop.store.forgetUsage(ledger: days(400), sums: days(4_000)) == 1)
        #expect(try await shop.number("select count(*) from meter_entry") == 0)
        #expect(try await shop.number("select sum(units)::bigint from usage_hour") == 5)
    }

    /// By the account's own time, which is another on a test clock.
    @Test func `forgets reservations and leases that are long over`() async throws {
        let shop = try await Shop()
        try await shop.run(
            """
            insert into account (account_id, clock_at) values
                ('acme', null), ('past', '2020-01-10'), ('ahead', '2100-01-10');
            insert into reservation (account_id, reservation_id, feature_id, units, meters, state,
                settled_units, expires_at, created_at)
            select account_id,
                   kind || '_0000000000000000000000000' || place || '_' || account_id,
                   'calls', 1, '[["", "calls", 1]]', state, case state when 'settled' then 1 end, now - age,
                   now - age - interval '1 hour'
              from (values ('acme', now()), ('past', '2020-01-10'), ('ahead', '2100-01-10'))
                   as account (account_id, now)
             cross join (values
                ('rsv', 1, 'settled', interval '7 days 1 second'),
                ('lea', 2, 'held', interval '7 days 1 second'),
                ('lea', 3, 'held', interval '6 days'),
                ('rsv', 4, 'held', interval '-1 hour')) as r (kind, place, state, age);
            """
        )
        try await shop.store.forgetRequests()
        let left = try await shop.pool.query(
            "select account_id || substr(reservation_id, 30, 1) from reservation order by 1"
        )
        let kept = try left.map { try $0.text(0) }
        #expect(kept == ["acme3", "acme4", "ahead3", "ahead4", "past3", "past4"])
    }

    @Test func `forgets requests and events in time`() async throws {
        let shop = try await Shop()
        try await shop.run(
            """
            insert into consume_key (account_id, key, fingerprint, answer, created_at) values
                ('acme', 'old', '', '{}', now() - interval '48 hours 1 second'),
                ('acme', 'new', '', '{}', now() - interval '47 hours');
            insert into usage_event (account_id, source, event_id, created_at) values
                ('acme', 's', 'old', now() - interval '7 days 1 second'),
                ('acme', 's', 'new', now() - interval '6 days');
            """
        )
        try await shop.store.forgetRequests()
        #expect(try await shop.number("select count(*) from consume_key where key = 'new'") == 1)
        #expect(try await shop.number("select count(*) from consume_key") == 1)
        #expect(try await shop.number("select count(*) from usage_event") == 1)
    }
}
