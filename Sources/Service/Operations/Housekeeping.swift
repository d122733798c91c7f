import Limits
package import Logging
import ServiceLifecycle
package import Store
import Webhooks

/// What runs beside the calls: nothing that a decision depends on, since time itself changes state.
///
/// - the feed of changed keys is kept short, and put right after a restore
/// - answers kept for idempotency keys are forgotten after a day, bodies of events after 90
/// - subscriptions whose webhook never came are found and fetched
package struct Housekeeping: Service {
    typealias Horizon = (notedAt: ContinuousClock.Instant, horizon: String)

    private let store: Store
    private let billing: Billing
    private let logger: Logger

    package init(store: Store, billing: Billing, logger: Logger) {
        self.store = store
        self.billing = billing
        self.logger = logger
    }

    package func run() async throws {
        // Horizons noted so far, oldest first; one is used when it is older than the retention.
        var horizons: [Horizon] = []
        while await pause(for: Limits.housekeeping) {
            await keepHouse(&horizons)
        }
    }

    /// One round of everything.
    func keepHouse(_ horizons: inout [Horizon]) async {
        await step("prune the feed") { try await pruneFeed(&horizons) }
        await step("put the feed right") { try await healFeed() }
        await step("look for missed webhooks") { try await sweep() }
        await step("forget answers") { _ = try await store.pruneIdempotency() }
        await step("forget bodies") {
            _ = try await store.forgetBodies(after: Limits.inboxBodies)
        }
    }

    /// One step that fails keeps no other from its turn.
    private func step(_ what: String, _ body: () async throws -> Void) async {
        do {
            try await body()
        } catch {
            logger.warning(
                "housekeeping will be tried again",
                metadata: ["step": "\(what)", "error": "\(error)"]
            )
        }
    }

    private func pruneFeed(_ horizons: inout [Horizon]) async throws {
        horizons.append((.now, try await store.feedHorizon()))
        let ripe = horizons.prefix { $0.notedAt + Limits.feedRetention < .now }
        guard let horizon = ripe.last?.horizon else { return }
        let rows = try await store.pruneFeed(below: horizon)
        horizons.removeFirst(ripe.count)
        logger.debug("feed pruned", metadata: ["rows": "\(rows)"])
    }

    private func healFeed() async throws {
        guard try await store.healFeed() else { return }
        logger.notice("the feed held another cluster's transactions; put right")
    }

    private func sweep() async throws {
        let count = try await store.sweep(sources: billing.reachableSources)
        guard count > 0 else { return }
        logger.info("subjects to verify", metadata: ["count": "\(count)"])
    }
}

/// Waits; false when the service is to stop.
func pause(for duration: Duration) async -> Bool {
    await cancelWhenGracefulShutdown {
        do {
            try await Task.sleep(for: duration)
            return true
        } catch {
            return false
        }
    }
}

extension Billing {
    /// Sources whose provider can be asked.
    fileprivate var reachableSources: [String] {
        processor.all.map(\.source).filter(\.hasAPIKey).map(\.name)
    }
}
