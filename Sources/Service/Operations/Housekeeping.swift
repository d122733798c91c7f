import Limits
package import Logging
import ServiceLifecycle
package import Store
import Webhooks

/// What runs beside the calls: nothing that a decision depends on.
///
/// Time itself changes state.
///
/// - the feed of changed keys is kept short
/// - answers kept for idempotency keys are forgotten after a day, bodies of events after 90
/// - subscriptions whose webhook never came are found and fetched
package struct Housekeeping: Service {
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
        var horizons: [(notedAt: ContinuousClock.Instant, horizon: String)] = []
        while await pause(for: Limits.housekeeping) {
            do {
                horizons.append((.now, try await store.feedHorizon()))
                try await pruneFeed(&horizons)
                if try await store.healFeed() {
                    logger.notice("the feed held another cluster's transactions; put right")
                }
                _ = try await store.pruneIdempotency()
                _ = try await store.forgetBodies(after: Limits.inboxBodies)
                let drifted = try await store.sweep(sources: billing.reachableSources)
                if drifted > 0 {
                    logger.info("subjects to verify", metadata: ["count": "\(drifted)"])
                }
            } catch {
                logger.warning("housekeeping will be tried again", metadata: ["error": "\(error)"])
            }
        }
    }

    private func pruneFeed(
        _ horizons: inout [(notedAt: ContinuousClock.Instant, horizon: String)]
    ) async throws {
        let ripe = horizons.prefix { $0.notedAt + Limits.feedRetention < .now }
        guard let horizon = ripe.last?.horizon else { return }
        let rows = try await store.pruneFeed(below: horizon)
        horizons.removeFirst(ripe.count)
        logger.debug("feed pruned", metadata: ["rows": "\(rows)"])
    }
}

/// Works on subjects that a request did not wait for: retries, links, sweeps, other instances'.
package struct SubjectWorker: Service {
    private let processor: SubjectProcessor
    private let logger: Logger

    package init(processor: SubjectProcessor, logger: Logger) {
        self.processor = processor
        self.logger = logger
    }

    package func run() async throws {
        while await pause(for: Limits.subjectPoll) {
            do {
                while try await processor.workOnDue() {}
            } catch {
                logger.warning("the inbox waits", metadata: ["error": "\(error)"])
            }
        }
    }
}

/// Waits; false when the service is to stop.
private func pause(for duration: Duration) async -> Bool {
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
        sources.values.filter(\.hasAPIKey).map(\.name)
    }
}
