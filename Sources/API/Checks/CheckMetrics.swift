import Synchronization

/// Checks and how long they took, from the whole request's arrival to its answer's writing.
package final class CheckMetrics: Sendable {
    struct Sample {
        let allowed: Int
        let denied: Int
        let nanoseconds: UInt64
    }

    struct Figures {
        var allowed = 0
        var denied = 0
        var refused = 0
        var buckets = [Int](repeating: 0, count: CheckMetrics.boundsMicroseconds.count + 1)
        var nanoseconds: UInt64 = 0
    }

    /// Upper bounds of the histogram.
    static let boundsMicroseconds: [UInt64] = [
        100, 250, 500, 1_000, 2_500, 5_000, 10_000, 25_000, 100_000, 1_000_000,
    ]

    private let state = Mutex(Figures())

    package init() {}

    var figures: Figures { state.withLock { $0 } }

    /// A batch at a time: one lock for all of them.
    func record(_ samples: [Sample]) {
        state.withLock { figures in
            for sample in samples {
                figures.allowed += sample.allowed
                figures.denied += sample.denied
                if sample.allowed + sample.denied == 0 { figures.refused += 1 }
                figures.nanoseconds &+= sample.nanoseconds
                let place = Self.boundsMicroseconds.firstIndex {
                    sample.nanoseconds <= $0 * 1_000
                }
                figures.buckets[place ?? Self.boundsMicroseconds.count] += 1
            }
        }
    }
}
