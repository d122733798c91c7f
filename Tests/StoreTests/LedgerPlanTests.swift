import Entitlements
import Postgres
import TestSupport
import Testing

@testable import Store

/// A page of the ledger costs the same after a year, and a chart reads sums rather than lines.
@Suite(.database, .timeLimit(.minutes(5))) struct `The ledger of a busy year` {
    /// 60,000 lines of one account over twelve months, by fifty users.
    private static let year = """
        select create_ledger_partitions('2025-01-01', 11);
        insert into meter_entry (account_id, feature_id, subject, version, place, at, kind, user_id,
            units, number)
        select case when n % 3 = 0 then 'other' else 'acme' end, 'calls', '', n, 0,
               timestamptz '2025-01-01' + n * interval '525 seconds', 'consume', 'user' || n % 50, 1, n
          from generate_series(1, 60000) as n;
        insert into usage_hour
        select 'acme', 'calls', timestamptz '2025-01-01' + n * interval '1 hour', 7, 7
          from generate_series(0, 8759) as n;
        update usage_rollup set upto = 59900;
        analyze meter_entry, usage_hour;
        """

    private func plan(_ sql: SQL, in shop: Shop) async throws -> String {
        try await shop.pool.query("explain \(sql)").map { try $0.text(0) }.joined(separator: "\n")
    }

    private static func instant(_ text: String) -> Instant? { Instant(rfc3339: text) }

    private static let filters = [
        LedgerFilter(feature: "calls"),
        LedgerFilter(),
        LedgerFilter(feature: "calls", user: "user7"),
        LedgerFilter(
            feature: "calls",
            from: instant("2025-03-10T00:00:00Z"),
            to: instant("2025-04-10T00:00:00Z")
        ),
    ]

    @Test(arguments: filters) func `is paged by its indexes`(_ filter: LedgerFilter) async throws {
        let shop = try await Shop()
        try await shop.run(Self.year)
        let first = try await shop.store.ledger(of: "acme", filter, after: nil, size: 50)
        #expect(first.items.count == 50)
        let place = LedgerPlace(try #require(first.next))
        for place in [nil, place] {
            let plan = try await plan(
                Store.ledger(of: "acme", filter, after: place, size: 50),
                in: shop
            )
            #expect(!plan.contains("Seq Scan on meter_entry"), "\(plan)")
            #expect(plan.contains("Index Scan"), "\(plan)")
        }
        let second = try await shop.store.ledger(of: "acme", filter, after: place, size: 50)
        let last = try #require(first.items.last)
        #expect(try #require(second.items.first).at < last.at)
    }

    @Test func `reads the months that are asked for, and no other`() async throws {
        let shop = try await Shop()
        try await shop.run(Self.year)
        let plan = try await plan(
            Store.ledger(of: "acme", Self.filters[3], after: nil, size: 50),
            in: shop
        )
        for month in 1...12 {
            let name = "meter_entry_2025_" + (month < 10 ? "0\(month)" : "\(month)")
            #expect(plan.contains(name) == [3, 4].contains(month), "\(plan)")
        }
    }

    @Test func `is charted by its sums, and by the few lines that are not summed up`() async throws
    {
        let shop = try await Shop()
        try await shop.run(Self.year)
        let from = try #require(Self.instant("2025-01-01T00:00:00Z"))
        let question = UsageQuestion(
            account: "acme",
            feature: "calls",
            bounds: (0...12).map { from + .seconds($0 * 30 * 86_400) }
        )
        let plan = try await plan(
            Store.usage(question, unsummedFrom: 59_900, atMost: 10_000),
            in: shop
        )
        #expect(!plan.contains("Seq Scan on meter_entry"), "\(plan)")
        #expect(plan.contains("_number_idx"), "\(plan)")
    }
}
