import Entitlements
import Postgres
import Synchronization
import Testing
import TestSupport

@testable import Store

/// The writer of meters against a real Postgres: exact under any concurrency, whoever else writes.
@Suite(.database, .timeLimit(.minutes(5))) struct `The writer of meters` {
    @Test(arguments: [1, 2])
    func `never takes more than the limit, and no less`(instances: Int) async throws {
        let shop = try await Shop()
        try await shop.open("acme")
        let writers = (0..<instances).map { _ in shop.writer() }
        let takers = Takers()
        for number in 0..<1_000 {
            let order = takers.order("acme", 1, limit: 500)
            writers[number % instances].submit([order])
        }
        try await takers.wait()
        #expect(takers.taken == 500)
        #expect(takers.failures.isEmpty)
        #expect(try await shop.used("acme") == 500)
        #expect(try await shop.number("select sum(units) from meter_entry") == 500)
    }

    @Test func `takes whole requests only`() async throws {
        let shop = try await Shop()
        try await shop.open("acme")
        let writers = [shop.writer(), shop.writer()]
        let takers = Takers()
        for number in 0..<20 {
            writers[number % 2].submit([takers.order("acme", 75, limit: 500)])
        }
        try await takers.wait()
        #expect(takers.taken == 6 * 75)
        #expect(try await shop.used("acme") == 450)
    }

    @Test func `answers a key once, and tells when it is used for something else`() async throws {
        let shop = try await Shop()
        try await shop.open("acme")
        let (first, second) = (shop.writer(), shop.writer())
        let takers = Takers()
        for writer in [first, first, second] {
            writer.submit([takers.order("acme", 5, limit: 10, key: "k")])
            try await takers.wait()
        }
        second.submit([takers.order("acme", 6, limit: 10, key: "k")])
        try await takers.wait()
        #expect(takers.outcomes == ["taken 5", "repeated 5", "repeated 5", "reused"])
        #expect(try await shop.used("acme") == 5)
    }

    @Test func `refuses a key that is being carried out`() async throws {
        let shop = try await Shop()
        try await shop.open("acme")
        let takers = Takers()
        shop.writer()
            .submit([
                takers.order("acme", 5, limit: 10, key: "k"),
                takers.order("acme", 5, limit: 10, key: "k"),
            ])
        try await takers.wait()
        #expect(takers.outcomes.sorted() == ["in flight", "taken 5"])
        #expect(try await shop.used("acme") == 5)
    }

    @Test func `keeps no key of what was refused, and answers the first take of a full quota`()
        async throws
    {
        let shop = try await Shop()
        try await shop.open("acme")
        let writer = shop.writer()
        let takers = Takers()
        // The quota is full when the repetition of the request that filled it comes.
        for (key, units) in [("a", 11), ("a", 10), ("b", 1), ("a", 10)] as [(String, Int64)] {
            writer.submit([takers.order("acme", units, limit: 10, key: key)])
            try await takers.wait()
        }
        #expect(takers.outcomes == ["refused", "taken 10", "refused", "repeated 10"])
        #expect(try await shop.number("select count(*) from consume_key") == 1)
    }

    @Test func `counts on what others wrote meanwhile`() async throws {
        let shop = try await Shop()
        try await shop.open("acme")
        let writer = shop.writer()
        let takers = Takers()
        func take(_ units: Int64) async throws {
            writer.submit([takers.order("acme", units, limit: 10)])
            try await takers.wait()
        }
        try await take(4)
        try await shop.run("update meter set used = 9")
        try await take(2)
        try await shop.run("update meter set used = 0")
        // Denied by what is in memory, allowed by what is true.
        try await take(10)
        try await shop.run("delete from meter")
        try await take(10)
        #expect(takers.outcomes == ["taken 4", "refused", "taken 10", "taken 10"])
        #expect(writer.statistics.figures.conflicts > 0)
    }

    @Test func `lets a locked meter and a lost account hold up nobody else`() async throws {
        let shop = try await Shop()
        for account in ["acme", "beta", "gone"] { try await shop.open(account) }
        let writer = shop.writer()
        let takers = Takers()
        writer.submit([takers.order("acme", 1, limit: 10)])
        try await takers.wait()
        let holder = try await shop.connect()
        try await holder.execute(script: "begin; select from meter for update")
        try await shop.run("delete from account where account_id = 'gone'")
        // Were they found one by one, each would wait for the lock again.
        let stuck = (0..<200).map { _ in takers.order("acme", 1, limit: 10) }
        writer.submit(stuck + ["beta", "gone"].map { takers.order($0, 1, limit: 10) })
        try await takers.wait()
        #expect(takers.failures.count { $0 == .busy } == 200)
        #expect(takers.failures.last == .vanished)
        #expect(takers.outcomes == ["taken 1", "taken 1"])
        try await holder.execute(script: "rollback")
        writer.submit([takers.order("acme", 1, limit: 10)])
        try await takers.wait()
        #expect(try await shop.used("acme") == 2)
        #expect(try await shop.used("beta") == 1)
    }

    @Test func `is as it was after a crash of the server in the middle`() async throws {
        let shop = try await Shop()
        try await shop.open("acme")
        let writer = shop.writer()
        let takers = Takers()
        for _ in 0..<5 {
            writer.submit((0..<20).map { _ in takers.order("acme", 1, limit: 1_000) })
            try await shop.endBackends(named: "usher meters")
            try await takers.wait()
        }
        let used = try await shop.used("acme")
        let unknown = takers.failures.count { $0 == .outcomeUnknown }
        #expect(used >= takers.taken && used <= takers.taken + Int64(unknown))
        #expect(try await shop.number("select coalesce(sum(units), 0) from meter_entry") == used)
    }
}

extension Shop {
    func writer() -> MeterWriter {
        MeterWriter(
            settings: ConnectionSettings(url: url, statementTimeout: .seconds(30)),
            logger: .silent
        )
    }

    func used(_ account: String) async throws -> Int64 {
        try await number("select coalesce(sum(used), 0) from meter where account_id = \(account)")
    }

    func endBackends(named name: String) async throws {
        _ = try await pool.query(
            """
            select pg_terminate_backend(pid)
              from pg_stat_activity
             where application_name = \(name) and datname = current_database()
            """
        )
    }
}

/// Orders that take from one quota, and what became of them.
final class Takers: BarrierClient {
    private struct State {
        var submitted = 0
        var outcomes: [String] = []
        var taken: Int64 = 0
        var failures: [MeterFailure] = []
    }

    private let state = Mutex(State())

    var outcomes: [String] { state.withLock { $0.outcomes } }
    var taken: Int64 { state.withLock { $0.taken } }
    var failures: [MeterFailure] { state.withLock { $0.failures } }

    func flush() {}

    func wait() async throws {
        try await StoreTests.wait {
            state.withLock { $0.outcomes.count + $0.failures.count == $0.submitted }
        }
    }

    func order(
        _ account: String,
        _ units: Int64,
        limit: Int64,
        key: String? = nil
    ) -> TakeOrder {
        state.withLock { $0.submitted += 1 }
        return TakeOrder(
            key: MeterKey(account: account, feature: "calls"),
            units: units,
            limit: limit,
            claim: key.map {
                ConsumeClaim(account: account, key: $0, fingerprint: Array("\(units)".utf8))
            },
            takers: self
        )
    }

    fileprivate func note(_ outcome: Result<OrderOutcome, MeterFailure>) {
        state.withLock { state in
            switch outcome {
            case .failure(let failure): state.failures.append(failure)
            case .success(.repeated(let answer)): state.outcomes.append("repeated \(answer)")
            case .success(.reused): state.outcomes.append("reused")
            case .success(.inFlight): state.outcomes.append("in flight")
            case .success(.applied(let effects)):
                let taken = (effects.tag as? Taken)?.units
                state.taken += taken ?? 0
                state.outcomes.append(taken.map { "taken \($0)" } ?? "refused")
            }
        }
    }
}

/// What an order took, to be found again when it is completed.
private final class Taken: Sendable {
    let units: Int64

    init(_ units: Int64) {
        self.units = units
    }
}

struct TakeOrder: MeterOrder {
    let key: MeterKey
    let units: Int64
    let limit: Int64
    let claim: ConsumeClaim?
    let takers: Takers

    var keys: [MeterKey] { [key] }
    var needs: MeterNeeds { MeterNeeds(claim: claim) }
    var client: any BarrierClient { takers }

    func apply(to known: MeterKnown) -> MeterEffects {
        var effects = MeterEffects()
        let terms = MeterTerms(
            allowances: [
                MeterTerms.Allowance(slot: Meter.baseSlot, amount: .units(limit), cycle: .never)
            ]
        )
        let now = Instant(microseconds: 1_800_000_000_000_000)
        var meter = (known.meters[key] ?? Meter(at: now)).advanced(to: now, under: terms).meter
        guard let taking = meter.take(units, under: terms) else { return effects }
        effects.meters[key] = meter
        effects.entries = [
            MeterEntry(key: key, kind: .consume, at: now, units: taking.change)
        ]
        effects.tag = Taken(taking.units)
        effects.answer = Array("\(taking.units)".utf8)
        if let claim {
            effects.consumption = Consumption(
                fingerprint: claim.fingerprint,
                answer: "\(taking.units)",
                takes: nil
            )
        }
        return effects
    }

    func complete(_ outcome: Result<OrderOutcome, MeterFailure>) {
        takers.note(outcome)
    }
}
