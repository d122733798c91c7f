import Entitlements
import Limits
import Postgres
import TestSupport
import Testing

@testable import Store

@Suite(.database, .timeLimit(.minutes(5))) struct `A memory smaller than what is asked` {
    let shop: Shop

    init() async throws {
        shop = try await Shop()
    }

    /// More keys than one barrier may load, all of them asked for at once.
    @Test(arguments: [1, 3, 10, 10_000])
    func `answers every check, and holds no more than its bound`(bound: Int) async throws {
        let accounts = try await openMany(600)
        let reader = shop.reader(bounds: BarrierBounds(accounts: bound, sessions: bound))
        var random = SplitMix(state: UInt64(bound))
        for _ in 0..<3 {
            let jobs = Jobs()
            for account in accounts.shuffled(using: &random) {
                let isAccountOnly = Int.random(in: 0..<4, using: &random) == 0
                jobs.add(session: isAccountOnly ? nil : Shop.session(of: account), of: account)
            }
            jobs.submit(to: reader)
            try await jobs.wait()
            #expect(jobs.failures == 0 && jobs.completedTwice == 0)
            #expect(jobs.absent.prefix(3) == [])
            let figures = reader.statistics.figures
            #expect(figures.accountsHeld <= bound && figures.sessionsHeld <= bound)
        }
        await reader.close()
    }

    @Test func `is not asked to load more keys at once than a barrier may`() async throws {
        var memory = BarrierMemory(bounds: BarrierBounds())
        let jobs = Jobs()
        for number in 0..<1_000 { jobs.add(session: Shop.session(of: "acc\(number)"), of: "") }
        let needs = memory.needs(of: jobs.all)
        #expect(needs.configuration)
        #expect((Limits.barrierKeys...Limits.barrierKeys + 1).contains(needs.count))
        memory.forget()
    }

    /// Each of two checks finds one of its rows held, and what it lacks takes the other's place:
    /// it must not go on like that for ever.
    @Test func `does not let two checks push each other out`() async throws {
        let accounts = try await openMany(2)
        let reader = shop.reader(bounds: BarrierBounds(accounts: 1, sessions: 1))
        _ = try await reader.view(session: Shop.session(of: accounts[0]))
        _ = try await reader.view(account: accounts[1])
        let jobs = Jobs()
        for account in accounts { jobs.add(session: Shop.session(of: account), of: account) }
        jobs.submit(to: reader)
        try await jobs.wait()
        #expect(jobs.failures == 0 && jobs.absent == [])
        await reader.close()
    }

    @Test func `forgets nothing of what fits`() async throws {
        let accounts = try await openMany(5)
        let reader = shop.reader(bounds: BarrierBounds(accounts: 5, sessions: 5))
        for _ in 0..<3 {
            for account in accounts {
                _ = try await reader.view(session: Shop.session(of: account))
            }
        }
        try await wait { reader.statistics.figures.answered == 15 }
        #expect(reader.statistics.figures.keysLoaded == 10)
        await reader.close()
    }

    private func openMany(_ count: Int) async throws -> [String] {
        let head = Shop.session(of: "")
        try await shop.run(
            """
            insert into account (account_id) select 'acc' || n from generate_series(1, \(count)) n;
            insert into session (account_id, session_id, user_id, expires_at)
            select 'acc' || n, '\(head)acc' || n, 'ann', now() + interval '1 hour'
              from generate_series(1, \(count)) n;
            """
        )
        return (1...count).map { "acc\($0)" }
    }
}
