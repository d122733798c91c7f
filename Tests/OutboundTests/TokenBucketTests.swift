import Testing

@testable import Outbound

@Suite struct `A token bucket` {
    static let start = ContinuousClock.now

    @Test func `lets a burst go and then spaces the calls`() {
        var bucket = TokenBucket(rate: 10, burst: 3)
        let turns = (0..<5).map { _ in bucket.reserve(at: Self.start, most: .seconds(1)) }
        #expect(turns == [0, 0, 0, 100, 200].map { .after(.milliseconds($0)) })
    }

    @Test func `never exceeds its rate by more than its burst`() {
        var bucket = TokenBucket(rate: 20, burst: 5)
        let times = (0..<400)
            .compactMap { step -> Duration? in
                let at = Duration.milliseconds(step * 10)
                guard
                    case .after(let wait) = bucket.reserve(at: Self.start + at, most: .seconds(60))
                else { return nil }
                return at + wait
            }
        #expect(times == times.sorted())
        #expect(times.filter { $0 < .seconds(4) }.count == 4 * 20 + 5 - 1)
    }

    @Test func `refuses a wait beyond the bound, and takes nothing for it`() {
        var bucket = TokenBucket(rate: 10, burst: 1)
        #expect(bucket.reserve(at: Self.start, most: .zero) == .after(.zero))
        for _ in 0..<3 {
            #expect(
                bucket.reserve(at: Self.start, most: .milliseconds(99))
                    == .tooLong(.milliseconds(100))
            )
        }
        #expect(
            bucket.reserve(at: Self.start, most: .milliseconds(100)) == .after(.milliseconds(100))
        )
    }

    @Test func `fills up again to the burst`() {
        var bucket = TokenBucket(rate: 10, burst: 2)
        for _ in 0..<4 { _ = bucket.reserve(at: Self.start, most: .seconds(1)) }
        let later = Self.start + .seconds(60)
        let turns = (0..<3).map { _ in bucket.reserve(at: later, most: .seconds(1)) }
        #expect(turns == [0, 0, 100].map { .after(.milliseconds($0)) })
    }

    @Test func `takes an unused turn back`() {
        var bucket = TokenBucket(rate: 10, burst: 1)
        _ = bucket.reserve(at: Self.start, most: .zero)
        bucket.giveBack()
        #expect(bucket.reserve(at: Self.start, most: .zero) == .after(.zero))
    }
}

@Suite struct `The lanes of calls` {
    @Test func `serve in order of arrival within both bounds`() {
        var lanes = Lanes<Int>(total: 3, perHost: 2)
        for (number, host) in ["a", "a", "a", "b", "c"].enumerated() {
            lanes.append(number, lane: host)
        }
        #expect([lanes.next(), lanes.next(), lanes.next()] == [0, 1, 3])
        #expect(lanes.next() == nil)
        lanes.release(lane: "b")
        #expect(lanes.next() == 4)
        lanes.release(lane: "a")
        #expect(lanes.next() == 2)
        #expect(lanes.waiting.isEmpty)
    }

    @Test func `let go of those who wait and not of those who run`() {
        var lanes = Lanes<Int>(total: 1, perHost: 1)
        for number in 0..<3 { lanes.append(number, lane: "a") }
        #expect(lanes.next() == 0)
        #expect(lanes.remove { $0 < 2 } == [1])
        lanes.release(lane: "a")
        #expect(lanes.next() == 2)
    }
}
