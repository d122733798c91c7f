import Testing

@testable import Postgres

@Suite struct `The state of a pool` {
    private static let start = ContinuousClock.now
    private static let down = PostgresError(kind: .connection, message: "refused")

    private var state = PoolState<String>(maximum: 2, patience: .seconds(1))

    @Test mutating func `opens for those who wait and no more than the maximum`() {
        #expect(state.wait(1, now: Self.start).opens == 1)
        #expect(state.wait(2, now: Self.start).opens == 1)
        #expect(state.wait(3, now: Self.start).opens == 0)
        #expect(served(state.opened(.success("a"), now: Self.start)) == ["1: a"])
        #expect(served(state.opened(.success("b"), now: Self.start)) == ["2: b"])
        let actions = state.giveBack("a", isUsable: { _ in true }, now: Self.start)
        #expect(served(actions) == ["3: a"])
    }

    @Test mutating func `replaces what came back broken`() {
        _ = state.wait(1, now: Self.start)
        _ = state.opened(.success("a"), now: Self.start)
        _ = state.wait(2, now: Self.start)
        _ = state.opened(.success("b"), now: Self.start)
        _ = state.wait(3, now: Self.start)
        let actions = state.giveBack("a", isUsable: { _ in false }, now: Self.start)
        #expect(actions.dropped == ["a"])
        #expect(actions.opens == 1)
        #expect(served(actions) == [])
    }

    @Test mutating func `probes a server that is down one at a time, and not before its time`() {
        _ = state.wait(1, now: Self.start)
        _ = state.wait(2, now: Self.start)
        #expect(served(state.opened(.failure(Self.down), now: Self.start)) == ["1: !", "2: !"])
        _ = state.opened(.failure(Self.down), now: Self.start)
        let early = state.wait(3, now: Self.start)
        #expect(served(early) == ["3: !"])
        #expect(early.opens == 0)
        let later = Self.start + .seconds(5)
        #expect(state.wait(4, now: later).opens == 1)
        #expect(state.wait(5, now: later).opens == 0)
        let back = state.opened(.success("a"), now: later)
        #expect(served(back) == ["4: a"])
        #expect(back.opens == 1, "the server is back: open for the other one too")
    }

    @Test mutating func `sends away those who waited too long, the first ones first`() {
        _ = state.wait(1, now: Self.start)
        _ = state.wait(2, now: Self.start + .milliseconds(500))
        #expect(state.nextExpiry == Self.start + .seconds(1))
        #expect(served(state.expire(now: Self.start + .milliseconds(999))) == [])
        #expect(served(state.expire(now: Self.start + .seconds(1))) == ["1: !"])
        #expect(state.nextExpiry == Self.start + .milliseconds(1_500))
        #expect(served(state.cancel(2)) == ["2: !"])
        #expect(state.nextExpiry == nil)
        // Nobody waits any more for what is being opened, so it is kept.
        #expect(served(state.opened(.success("a"), now: Self.start)) == [])
        #expect(state.take { _ in true }.member == "a")
    }

    @Test mutating func `does not let a newcomer overtake`() {
        _ = state.wait(1, now: Self.start)
        #expect(state.take { _ in true }.member == nil)
    }

    private func served(_ actions: PoolState<String>.Actions) -> [String] {
        actions.served.map { served in
            "\(served.waiter): \((try? served.outcome.get()) ?? "!")"
        }
    }
}

@Suite struct `A backoff` {
    @Test func `doubles up to its bound, never below a half`() {
        var backoff = Backoff(first: .milliseconds(50), most: .seconds(2))
        for expected in [50, 100, 200, 400, 800, 1_600, 2_000, 2_000] {
            let wait = backoff.next()
            #expect(wait <= .milliseconds(expected) && wait >= .milliseconds(expected) / 2)
        }
        backoff.reset()
        #expect(backoff.next() <= .milliseconds(50))
    }
}

@Suite struct `A cache of statements` {
    @Test func `lets the least recently used go`() {
        var cache = StatementCache(capacity: 2)
        cache.insert("a", name: cache.newName())
        cache.insert("b", name: cache.newName())
        let name = cache.name(of: "a")
        #expect(name != nil)
        cache.insert("c", name: cache.newName())
        #expect(cache.name(of: "b") == nil)
        #expect(cache.name(of: "a") == name)
        #expect(cache.retired.count == 1)
        #expect(cache.count == 2)
        cache.retire("a")
        #expect(cache.retired.count == 2)
        cache.deallocated()
        #expect(cache.retired.isEmpty)
    }
}
