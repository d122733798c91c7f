import Limits
import Store
import Synchronization

/// The figures of `/metrics` that the database has to count, kept for a moment: anybody may ask for
/// them, and must not keep the pool busy by it.
final class GaugeCache: Sendable {
    typealias Gauges = (feed: Int64, undone: Int64, oldestSeconds: Double)

    private let kept = Mutex<(at: ContinuousClock.Instant, gauges: Gauges)?>(nil)

    func current(of store: Store) async throws -> Gauges {
        if let kept = kept.withLock({ $0 }), kept.at + Limits.gaugesKept > .now {
            return kept.gauges
        }
        let gauges = try await store.gauges()
        kept.withLock { $0 = (.now, gauges) }
        return gauges
    }
}
