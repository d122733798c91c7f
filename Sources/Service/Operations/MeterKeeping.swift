import Limits
package import Logging
import ServiceLifecycle
import Store

/// What keeps counting quick over years: nothing that a decision depends on.
///
/// - the ledger is summed up by the hour, and has partitions for the months to come
/// - what is older than it is kept is dropped
/// - periods that ended are told of, where nobody uses the feature
package struct MeterKeeping: Service {
    private let usher: UsherService
    private let retention: UsageRetention
    private let logger: Logger

    package init(service: UsherService, retention: UsageRetention, logger: Logger) {
        usher = service
        self.retention = retention
        self.logger = logger
    }

    package func run() async throws {
        var upkeptAt: ContinuousClock.Instant?
        while await pause(for: Limits.housekeeping) {
            let isDue = upkeptAt.map { $0 + Limits.ledgerUpkeep < .now } ?? true
            await keep(isUpkeepDue: isDue)
            if isDue { upkeptAt = .now }
        }
    }

    /// One round of everything.
    func keep(isUpkeepDue: Bool) async {
        await step("sum up usage") { try await sumUp() }
        await step("tell of ended periods") { try await usher.sweepMeters() }
        await step("forget requests") { try await usher.store.forgetRequests() }
        guard isUpkeepDue else { return }
        await step("prepare the ledger") { try await usher.store.prepareLedger() }
        await step("forget usage") {
            let dropped = try await usher.store.forgetUsage(
                ledger: retention.ledger,
                sums: retention.sums
            )
            guard dropped > 0 else { return }
            logger.notice("months of the ledger dropped", metadata: ["count": "\(dropped)"])
        }
    }

    /// Until nothing is left, or it is the turn of something else.
    private func sumUp() async throws {
        for _ in 0..<Limits.sumUp.steps {
            guard try await usher.store.sumUpUsage(atMost: Limits.sumUp.lines) else { return }
        }
    }

    /// One step that fails keeps no other from its turn.
    private func step(_ what: String, _ body: () async throws -> some Any) async {
        do {
            _ = try await body()
        } catch {
            logger.warning(
                "housekeeping will be tried again",
                metadata: ["step": "\(what)", "error": "\(error)"]
            )
        }
    }
}

/// How long usage is kept.
package struct UsageRetention: Sendable {
    /// Every line of the ledger.
    package let ledger: Duration
    /// The sums by the hour.
    package let sums: Duration

    package init(ledgerDays: Int, usageDays: Int) {
        ledger = .seconds(ledgerDays * 86_400)
        sums = .seconds(usageDays * 86_400)
    }
}
