import Entitlements
import Limits
package import Logging
package import Postgres
import Synchronization

/// Counts what is consumed: one transaction for all orders that wait, one row write for each meter
/// among them, one flush.
///
/// While one transaction is on its way, arriving orders wait; the next one carries them all out. So
/// a hot meter costs one update a batch, and batches size themselves: one order when idle, hundreds
/// under load, no timer. Several instances may write the same meters; see `MeterWorker`.
package final class MeterWriter: Sendable {
    private struct State {
        var waiting: [any MeterOrder] = []
        var inHand = 0
        var isWriting = false
        var isClosed = false
    }

    private enum Admission { case waits, starts, refused(MeterFailure) }

    private let state = Mutex(State())
    private let worker: MeterWorker
    package let statistics = MeterStatistics()

    /// Connects when the first order arrives.
    package init(
        settings: ConnectionSettings,
        bound: Int = Limits.metersHeld,
        logger: Logger
    ) {
        worker = MeterWorker(
            settings: settings,
            bound: bound,
            statistics: statistics,
            logger: logger
        )
    }

    /// Hands over orders that arrived together; each is completed exactly once.
    package func submit(_ orders: [any MeterOrder]) {
        guard !orders.isEmpty else { return }
        let admission = state.withLock { state -> Admission in
            if state.isClosed { return .refused(.databaseUnavailable) }
            guard state.inHand + state.waiting.count + orders.count <= Limits.consumeQueue else {
                return .refused(.overloaded)
            }
            state.waiting.append(contentsOf: orders)
            defer { state.isWriting = true }
            return state.isWriting ? .waits : .starts
        }
        switch admission {
        case .waits: break
        case .starts:
            worker.start { [self] inHand, most in
                state.withLock { state in
                    let orders = Array(state.waiting.prefix(most))
                    state.waiting.removeFirst(orders.count)
                    state.inHand = inHand + orders.count
                    state.isWriting = state.inHand > 0
                    return orders
                }
            }
        case .refused(let failure): orders.complete(with: failure)
        }
    }

    /// Refuses from here on, also what waits; a transaction on its way ends first.
    package func close() async {
        state.withLock { $0.isClosed = true }
        await worker.close()
    }
}

extension [any MeterOrder] {
    func complete(with failure: MeterFailure) {
        for order in self { order.complete(.failure(failure)) }
        flushClients()
    }

    /// Tells each client once; there are one or two, so a list is quicker than a set.
    func flushClients() {
        var told: [ObjectIdentifier] = []
        for order in self where !told.contains(ObjectIdentifier(order.client)) {
            told.append(ObjectIdentifier(order.client))
            order.client.flush()
        }
    }
}

/// What the writer did so far: counts for `/metrics`.
package final class MeterStatistics: Sendable {
    package struct Figures: Sendable {
        package var transactions = 0
        package var orders = 0
        package var metersWritten = 0
        package var metersLoaded = 0
        /// Transactions that were done again because somebody else had written their meters.
        package var conflicts = 0
        package var failures = 0
        package var metersHeld = 0
    }

    private let state = Mutex(Figures())
    package var figures: Figures { state.withLock { $0 } }

    func record(_ change: (inout Figures) -> Void) {
        state.withLock { change(&$0) }
    }
}
