import Entitlements
import Flags
import Postgres
import TestSupport
import Testing

@testable import Store

@Suite(.database, .timeLimit(.minutes(2))) struct `Flags that were compiled` {
    private func written(_ shop: Shop, _ sql: SQL) async throws -> (flags: Rows, shared: Rows) {
        _ = try await shop.pool.query(sql)
        return (
            try await shop.pool.query(FlagStatements.flags),
            try await shop.pool.query(FlagStatements.shared)
        )
    }

    /// Whatever a set is made of makes another one, and what cannot be read is told each time.
    @Test func `are another set after any change of them, and the same after none`() async throws {
        let shop = try await Shop()
        var compiled = CompiledFlags()
        func values(_ sql: SQL) async throws -> [JSON?] {
            let rows = try await written(shop, sql)
            var seen: [[JSON?]] = []
            for _ in 1...2 {
                var reader = RowReader()
                let set = try compiled.set(rows.flags, shared: rows.shared, by: &reader)
                #expect(reader.unreadable == 1)
                let answer = set.evaluate("f", FlagContext(), at: Instant(microseconds: 0))
                seen.append([answer.value, answer.metadata["owner"]])
            }
            #expect(seen[0] == seen[1])
            return seen[0]
        }
        let made = try await values(
            """
            insert into flag (flag_id, definition) values
                ('f', '{"state": "ENABLED", "variants": {"a": 1, "b": 2}, "defaultVariant": "a"}'),
                ('broken', '{}')
            """
        )
        #expect(made == [1, nil])
        let changed = try await values(
            """
            update flag set definition = jsonb_set(definition, '{defaultVariant}', '"b"')
             where flag_id = 'f'
            """
        )
        #expect(changed == [2, nil])
        let shared = try await values("update flag_shared set metadata = '{\"owner\": \"web\"}'")
        #expect(shared == [2, "web"])
        let killed = try await values("update flag set killed_at = now() where flag_id = 'f'")
        #expect(killed == [nil, "web"])
        #expect(try await values("update flag set killed_at = null") == [2, "web"])
    }
}
