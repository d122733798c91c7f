import Entitlements
import Postgres
import Store
import TestSupport
import Testing

@Suite(.database, .timeLimit(.minutes(5))) struct `A view under concurrent writers` {
    /// Readers look without pause through two barrier readers, as two instances of the service
    /// would.
    ///
    /// With small bounds nearly every view loads rows; with the standard ones nearly none.
    @Test(arguments: [BarrierBounds(), BarrierBounds(accounts: 3, sessions: 2)])
    func `shows what was acknowledged before it began, as of one snapshot`(
        bounds: BarrierBounds
    ) async throws {
        let shop = try await Shop()
        try await FreshnessWorld.prepare(shop)
        let acknowledged = Acknowledged()
        let views = Shared(0)
        let problems = Shared<[String]>([])
        let isDone = Shared(false)
        let readers = [shop.reader(bounds: bounds), shop.reader(bounds: bounds)]
        try await withThrowingTaskGroup(of: Void.self) { looking in
            for place in 0..<8 {
                looking.addTask {
                    var random = SplitMix(state: UInt64(place))
                    while !isDone.value {
                        let found = try await Self.look(
                            through: readers[place % 2],
                            acknowledged,
                            &random
                        )
                        if let found { problems.change { $0.append(found) } }
                        views.change { $0 += 1 }
                    }
                }
            }
            defer { isDone.change { $0 = true } }
            try await Self.write(shop, acknowledged, past: readers)
            isDone.change { $0 = true }
            try await looking.waitForAll()
        }
        #expect(problems.value.prefix(5) == [], "\(problems.value.count) of \(views.value) views")
        for reader in readers {
            #expect(reader.statistics.figures.accountsHeld <= bounds.accounts)
            #expect(reader.statistics.figures.sessionsHeld <= bounds.sessions)
            await reader.close()
        }
    }

    /// One look at a random account; what is wrong with what it showed.
    private static func look(
        through reader: BarrierReader,
        _ acknowledged: Acknowledged,
        _ random: inout SplitMix
    ) async throws -> String? {
        let account = FreshnessWorld.accounts.randomElement(using: &random) ?? ""
        let floor = acknowledged.revision(of: account)
        let configurationFloor = acknowledged.revision(of: "")
        let view = try await reader.view(session: Shop.session(of: account))
        acknowledged.raise(account, to: view.account?.revision ?? 0)
        acknowledged.raise("", to: view.live.configuration.revision)
        return FreshnessWorld.problem(with: view, of: account, floor: floor)
            ?? FreshnessWorld.configurationProblem(with: view, floor: configurationFloor)
    }

    private static func write(
        _ shop: Shop,
        _ acknowledged: Acknowledged,
        past readers: [BarrierReader]
    ) async throws {
        let accounts = FreshnessWorld.accounts
        try await withThrowingTaskGroup(of: Void.self) { group in
            for first in stride(from: 0, to: accounts.count, by: 2) {
                let writer = FreshnessWriter(
                    shop: shop,
                    accounts: Array(accounts[first..<first + 2]),
                    acknowledged: acknowledged
                ) {
                    for reader in readers { _ = try await reader.view() }
                }
                group.addTask { try await writer.write(rounds: 4) }
            }
            for _ in 0..<2 {
                group.addTask {
                    try await ConfigurationWriter(shop: shop, acknowledged: acknowledged)
                        .write(rounds: 24)
                }
            }
            try await group.waitForAll()
        }
    }
}
