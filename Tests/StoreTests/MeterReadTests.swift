import Entitlements
import Postgres
import Testing
import TestSupport

@testable import Store

/// The meters that a barrier brings along: of the same snapshot, and of nobody else's business.
@Suite(.database, .timeLimit(.minutes(5))) struct `The meters of a barrier` {
    private static let calls = MeterKey(account: "acme", feature: "calls")

    @Test func `show what any instance has counted, at the next read`() async throws {
        let shop = try await Shop()
        try await shop.open("acme")
        let (reader, writers) = (shop.reader(), [shop.writer(), shop.writer()])
        let takers = Takers()
        for number in 1...20 {
            writers[number % 2].submit([takers.order("acme", 1, limit: 100)])
            try await takers.wait()
            let view = try await reader.view(account: "acme", meters: .feature("calls"))
            #expect(view.meters[Self.calls]?.used == Int64(number))
        }
        #expect(takers.taken == 20)
    }

    @Test func `come to those who ask for what is consumed, and to nobody else`() async throws {
        let shop = try await Shop()
        try await shop.open("acme")
        try await shop.run(
            "insert into meter (account_id, feature_id, used) values ('acme', 'calls', 7)"
        )
        let reader = shop.reader()
        let demands: [(MeterDemand, Int64?)] = [
            (.all, 7), (.feature("calls"), 7), (.features(["sso", "calls"]), 7),
            (.keys([Self.calls]), 7), (.feature("sso"), nil), (.feature("nope"), nil), (.none, nil),
        ]
        for (demand, used) in demands {
            let view = try await reader.view(account: "acme", meters: demand)
            #expect(view.meters[Self.calls]?.used == used, "\(demand)")
        }
    }

    @Test func `that cannot be read close what they count, and hold up nobody else`() async throws {
        let shop = try await Shop()
        for account in ["acme", "beta"] { try await shop.open(account) }
        try await shop.run(
            """
            insert into meter (account_id, feature_id, used, detail)
            values ('acme', 'calls', 7, '"in words of another program"'), ('beta', 'calls', 3, null)
            """
        )
        let reader = shop.reader()
        _ = try await reader.view(account: "acme")
        let error = await #expect(throws: BarrierFailure.self) {
            try await reader.view(account: "acme", meters: .feature("calls"))
        }
        #expect(error == .unreadableMeter)
        #expect(reader.isAvailable)
        let other = try await reader.view(account: "beta", meters: .feature("calls"))
        #expect(other.meters.values.map(\.used) == [3])
        let plain = try await reader.view(account: "acme", meters: .feature("sso"))
        #expect(plain.account != nil)
        // Nor is it written over.
        let takers = Takers()
        shop.writer().submit(["acme", "beta"].map { takers.order($0, 1, limit: 100) })
        try await takers.wait()
        #expect(takers.failures == [.broken] && takers.taken == 1)
        #expect(try await shop.used("acme") == 7)
    }
}
