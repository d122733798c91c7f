import Synchronization

/// Deliveries by source and outcome since the start.
///
/// A refused delivery leaves nothing but this: a row for each would let whoever forges them fill
/// the disk.
package final class WebhookCounters: Sendable {
    package struct Key: Sendable, Hashable {
        package let source: String
        package let outcome: String
    }

    private let counts = Mutex<[Key: Int]>([:])

    package init() {}

    package var figures: [Key: Int] { counts.withLock { $0 } }

    func count(_ outcome: String, source: String) {
        counts.withLock { $0[Key(source: source, outcome: outcome), default: 0] += 1 }
    }
}
