import Entitlements
import Foundation
import Limits
import Logging
package import Store
import Webhooks

/// Fetches subjects and applies what the provider says, one worker a subject.
///
/// However many events mark a subject dirty, and however many instances there are, at most one
/// fetch of it is on its way, and a fetch answers only events that were recorded before it began.
/// That makes order, duplicates and lost events harmless (reference: billing webhooks, inbox).
package actor SubjectProcessor {
    let providers: [String: Provider]
    let store: Store
    let catchUp: MeterCatchUp
    let logger: Logger
    private var running: [SubjectKey: Task<Void, any Error>] = [:]

    init(providers: [Provider], store: Store, catchUp: MeterCatchUp, logger: Logger) {
        self.providers = Dictionary(uniqueKeysWithValues: providers.map { ($0.source.name, $0) })
        self.store = store
        self.catchUp = catchUp
        self.logger = logger
    }

    /// The endpoints, for metrics.
    package nonisolated var all: [Provider] { Array(providers.values) }

    /// Works on a subject until a generation of it is settled, or time is up, or it has to wait.
    ///
    /// Returns whether what was wanted is done. Work that outlives the wait goes on.
    package func settle(
        _ key: SubjectKey,
        generation: Int64,
        within limit: Duration
    ) async throws -> Bool {
        // An instance that lacks the source leaves its subjects to those that have it.
        guard providers[key.source] != nil else { return false }
        let deadline = ContinuousClock.now + limit
        while ContinuousClock.now < deadline {
            let task = run(key)
            guard try await wait(for: task, until: deadline) else { return false }
            guard let progress = try await store.progress(of: key) else { return false }
            if progress.done >= generation {
                guard !progress.isDead, !progress.isUnlinked else { return false }
                return try await settleSubscriptions(of: key, until: deadline)
            }
            if progress.isWaiting { return false }
            // Another instance holds the lease: it is quick, or its lease runs out.
            try await Task.sleep(for: .milliseconds(25))
        }
        return false
    }

    /// Works on whatever is due at a source.
    ///
    /// Tells whether there may be more: not when work failed, which would be due again at once.
    func workOnDue(_ source: String) async throws -> Bool {
        let due = try await store.due(source: source, most: Limits.callbacksInFlight)
        let went = await withTaskGroup(of: Bool.self) { group in
            for key in due {
                group.addTask { await self.work(on: key) }
            }
            var went = true
            for await each in group { went = went && each }
            return went
        }
        return went && !due.isEmpty
    }

    /// Waits for the work that is under way: it ends with its calls, each of which has its bound.
    func drain() async {
        for task in running.values { _ = await task.result }
    }

    private func work(on key: SubjectKey) async -> Bool {
        do {
            try await run(key).value
            return true
        } catch {
            logger.warning(
                "a subject waits",
                metadata: ["subject": "\(key.id)", "error": "\(error)"]
            )
            return false
        }
    }

    /// A customer is settled when each of its subscriptions is: it changes nothing by itself.
    private func settleSubscriptions(
        of key: SubjectKey,
        until deadline: ContinuousClock.Instant
    ) async throws -> Bool {
        guard key.kind == "customer" else { return true }
        for (subscription, generation) in try await store.undone(
            customer: key.id,
            source: key.source
        ) {
            let rest = deadline - .now
            guard try await settle(subscription, generation: generation, within: rest) else {
                return false
            }
        }
        return true
    }

    /// The running work on a subject, or new work.
    ///
    /// Everybody who waits for a subject shares it.
    private func run(_ key: SubjectKey) -> Task<Void, any Error> {
        if let task = running[key] { return task }
        let task = Task {
            defer { running[key] = nil }
            let token = UUID().uuidString.lowercased()
            guard let claim = try await store.claim(key, token: token) else { return }
            try await carryOut(claim)
        }
        running[key] = task
        return task
    }

    /// Whether the work ended in time.
    ///
    /// It is not cancelled: a fetch under way is worth finishing.
    private func wait(
        for task: Task<Void, any Error>,
        until deadline: ContinuousClock.Instant
    ) async throws -> Bool {
        let (ends, end) = AsyncThrowingStream<Bool, any Error>.makeStream()
        let work = Task {
            do {
                try await task.value
                end.yield(true)
            } catch {
                end.finish(throwing: error)
            }
        }
        let clock = Task {
            try await Task.sleep(until: deadline)
            end.yield(false)
        }
        defer {
            work.cancel()
            clock.cancel()
        }
        for try await ended in ends { return ended }
        return false
    }
}
