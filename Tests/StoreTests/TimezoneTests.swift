import Entitlements
import Foundation
import Postgres
import Store
import TestSupport
import Testing

/// Two programs have a table of time zones: ours, which reckons, and Postgres's, which refuses.
@Suite(.database, .timeLimit(.minutes(5))) struct `A time zone` {
    @Test func `that the service takes is one that the table takes`() async throws {
        let shop = try await Shop()
        let names = TimeZone.knownTimeZoneIdentifiers.filter { Zone(named: $0) != nil }
        #expect(names.count > 400)
        let strange = try await shop.pool
            .query(
                "select name from unnest(\(names)::text[]) as name where not is_timezone(name)"
            )
            .map { try $0.text("name") }
        #expect(strange == [])
    }

    @Test func `that changes leaves the one before, for periods that were announced in it`()
        async throws
    {
        let shop = try await Shop()
        try await shop.run(
            """
            insert into account (account_id, clock_at) values ('acme', '2026-03-01Z');
            update account set timezone = 'Asia/Tokyo';
            """
        )
        let time = try #require(try await shop.store.time(ofAccount: "acme"))
        #expect(time.timezone == "Asia/Tokyo" && time.previousTimezone == "UTC")
        #expect(time.timezoneChangedAt == Instant(rfc3339: "2026-03-01T00:00:00Z"))
        #expect(time.now == Instant(rfc3339: "2026-03-01T00:00:00Z"))
        #expect(try await shop.store.time(ofAccount: "nobody") == nil)
    }
}
