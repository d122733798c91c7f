import Entitlements
import Limits
import Postgres
import Synchronization
import TestSupport
import Testing

@testable import Store

/// Sends cold checks, and after every barrier as many again as the reader takes.
private final class Flood: BarrierClient {
    private struct State {
        var made = 0
        var completed = 0
        var refused = 0
        var others = 0
        var mostOutstanding = 0
        var barriers = 0
        var isPouring = false
    }

    private let state = Mutex(State())
    private let reader: BarrierReader
    /// Checks that are handed over together, all of which are taken or refused.
    private let step = 1_000
    /// Four barriers' worth: each one answers a quarter of all that waits.
    private let keys = 4 * Limits.barrierKeys
    /// So many barriers the flood lasts.
    private let barriers = 8

    init(_ reader: BarrierReader) {
        self.reader = reader
    }

    var refused: Int { state.withLock { $0.refused } }
    /// Checks that failed for another reason than the flood.
    var others: Int { state.withLock { $0.others } }
    /// The most checks that were held at once.
    var mostOutstanding: Int { state.withLock { $0.mostOutstanding } }
    var isOver: Bool { state.withLock { $0.made > 0 && $0.completed == $0.made } }

    /// Fills the reader up: hands over until it refuses.
    func pour() {
        state.withLock { $0.isPouring = true }
        while true {
            let before = refused
            reader.submit(make())
            guard refused == before else { break }
            state.withLock { state in
                state.mostOutstanding = max(state.mostOutstanding, state.made - state.completed)
            }
        }
        state.withLock { $0.isPouring = false }
    }

    /// Comes after each barrier, on the reader's own queue; and with a refusal, inside `pour`.
    func flush() {
        let goesOn = state.withLock { state in
            guard !state.isPouring else { return false }
            state.barriers += 1
            return state.barriers <= barriers
        }
        if goesOn { pour() }
    }

    private func make() -> [BarrierJob] {
        let first = state.withLock { state in
            defer { state.made += step }
            return state.made
        }
        return (first..<first + step)
            .map { number in
                BarrierJob(account: "cold_\(number % keys)", client: self) { [self] in complete($0)
                }
            }
    }

    private func complete(_ result: Result<BarrierView, BarrierFailure>) {
        state.withLock { state in
            state.completed += 1
            switch result {
            case .success: break
            case .failure(.overloaded): state.refused += 1
            case .failure: state.others += 1
            }
        }
    }
}

@Suite(.database, .timeLimit(.minutes(5))) struct `A flood of cold checks` {
    /// One barrier loads but few of them: those it leaves over still count as waiting.
    @Test func `is refused, and what is held stays bounded`() async throws {
        let reader = try await Shop().reader()
        let flood = Flood(reader)
        flood.pour()
        try await wait { flood.isOver }
        #expect(flood.refused > 0 && flood.others == 0)
        // A batch that is being read, and as many that wait for it.
        #expect(flood.mostOutstanding <= 2 * Limits.checkQueue)
        // When the flood is over, everybody is answered again.
        _ = try await reader.view(account: "acme")
        await reader.close()
    }
}

@Suite(.database, .timeLimit(.minutes(5))) struct `A caller whom nobody knows` {
    let shop: Shop
    let session: String

    init() async throws {
        shop = try await Shop()
        session = try await shop.open("acme")
    }

    private func digest(of secret: String) async throws -> KeyDigest {
        let rows = try await shop.pool.query("select sha256(\(secret)::text::bytea) as hash")
        return KeyDigest(bytes: try rows[0].bytes("hash"))
    }

    @Test func `has nothing read for it, until its key is made`() async throws {
        let reader = shop.reader()
        let key = try await digest(of: "later")
        _ = try await reader.view()
        for number in 1...20 {
            let asked = Shop.session(of: "acme", number)
            let view = try await reader.view(session: asked, caller: .key(key))
            #expect(view.session == nil && view.account == nil && view.live.keys[key] == nil)
        }
        // Figures are written behind the answer; this one's barrier is behind them all.
        _ = try await reader.view()
        #expect(reader.statistics.figures.keysLoaded == 0)

        try await shop.run(
            """
            insert into api_key (key_id, name, hash, scopes)
            values ('later', 'Later', sha256('later'), '{check}')
            """
        )
        let view = try await reader.view(session: session, caller: .key(key))
        #expect(view.live.keys[key]?.id == "later")
        #expect(view.session?.id == session && view.account?.subscriptions.count == 1)
        await reader.close()
    }

    /// Both in one batch: whoever has a key gets the rows, the other is refused beside it.
    @Test func `does not keep others from their answers`() async throws {
        let reader = shop.reader()
        let key = try await digest(of: "secret")
        let stranger = try await digest(of: "stranger")
        async let refused = reader.view(session: session, caller: .key(stranger))
        async let answered = reader.view(session: session, caller: .key(key))
        #expect(try await answered.session != nil)
        #expect(try await refused.live.keys[stranger] == nil)
        await reader.close()
    }
}
