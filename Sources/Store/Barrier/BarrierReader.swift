import Dispatch
package import Entitlements
import Limits
package import Logging
package import Postgres
import Synchronization

/// Answers checks, each from a read of Postgres that was sent after the check had arrived.
///
/// While one read is on its way, arriving checks wait; the next read serves them all. So a read
/// costs Postgres the same however many checks wait for it, and batches size themselves: one check
/// when idle, hundreds under load, no timer. What the read returns is what was committed since the
/// previous one; applied to memory, it makes memory an exact copy at that snapshot.
package final class BarrierReader: Sendable {
    private struct State {
        var waiting: [BarrierJob] = []
        /// Checks that the worker could not answer yet.
        var inHand = 0
        var isReading = false
        /// While the database is away checks are refused at once, and only the probe looks again.
        var isAway = false
        var isClosed = false
    }

    private enum Admission { case waits, starts, refused(BarrierFailure) }

    private let state = Mutex(State())
    private let worker: BarrierWorker
    private let logger: Logger
    package let statistics: BarrierStatistics

    /// Connects when the first check arrives.
    ///
    /// - Parameters:
    ///   - settings: Where the primary is.
    ///   - bounds: How many decoded rows memory holds.
    ///   - trusted: The digest of the one key that is not in the database.
    ///   - logger: Told when checks begin to be refused, and when that ends.
    package init(
        settings: ConnectionSettings,
        bounds: BarrierBounds,
        trusted: KeyDigest? = nil,
        logger: Logger
    ) {
        statistics = BarrierStatistics()
        worker = BarrierWorker(
            settings: settings,
            bounds: bounds,
            trusted: trusted,
            statistics: statistics
        )
        self.logger = logger
    }

    /// Hands over checks that arrived together.
    ///
    /// Each is completed exactly once, on the reader's own queue, or here and now when it is
    /// refused.
    package func submit(_ jobs: [BarrierJob]) {
        let admission = state.withLock { state -> Admission in
            if state.isAway || state.isClosed { return .refused(.databaseUnavailable) }
            guard state.inHand + state.waiting.count + jobs.count <= Limits.checkQueue else {
                return .refused(.overloaded)
            }
            state.waiting.append(contentsOf: jobs)
            defer { state.isReading = true }
            return state.isReading ? .waits : .starts
        }
        switch admission {
        case .waits: break
        case .starts: startReading()
        case .refused(let failure): jobs.complete(with: failure)
        }
    }

    /// Refuses from here on; what is being read is still answered.
    package func close() async {
        state.withLock { $0.isClosed = true }
        await worker.close()
    }

    /// Whether checks are being answered; readiness, not a promise.
    package var isAvailable: Bool {
        state.withLock { !$0.isAway && !$0.isClosed }
    }

    private func startReading() {
        worker.start { [self] inHand in
            state.withLock { state in
                let batch = state.waiting
                state.waiting = []
                state.inHand = inHand
                state.isReading = inHand > 0 || !batch.isEmpty
                return batch
            }
        } onFailure: { [self] error in
            databaseWentAway(error)
        }
    }

    /// Refuses whoever waits, and starts the probe that finds out when the database is back.
    private func databaseWentAway(_ error: any Error) {
        let (stranded, isFirst) = state.withLock { state in
            defer {
                state.waiting = []
                state.inHand = 0
                state.isReading = false
                state.isAway = true
            }
            return (state.waiting, !state.isAway)
        }
        stranded.complete(with: .databaseUnavailable)
        guard isFirst else { return }
        logger.error("checks are refused: no barrier read", metadata: ["error": "\(error)"])
        Task { await probe() }
    }

    private func probe() async {
        var wait = Limits.reconnect.first
        while !state.withLock({ $0.isClosed }) {
            try? await Task.sleep(for: wait)
            // A closed worker is not reachable, and connects no more.
            if await worker.isReachable() {
                state.withLock { $0.isAway = false }
                logger.notice("checks are answered again")
                return
            }
            wait = min(wait * 2, Limits.reconnect.most)
        }
    }
}

/// One check that waits for a barrier.
package struct BarrierJob: Sendable {
    /// The session it is about, and the account; either may be absent, the configuration never is.
    let session: String?
    let account: String?
    let caller: BarrierCaller
    let meters: MeterDemand
    let client: any BarrierClient
    let complete: @Sendable (Result<BarrierView, BarrierFailure>) -> Void
    /// The session as an earlier barrier had it, by which that barrier lacked a meter.
    var lastSeen: Session?

    /// - Parameters:
    ///   - session: A session id; its account is read along with it.
    ///   - account: An account to read where there is no session.
    ///   - caller: Who asks; rows are not read for a key that nobody has.
    ///   - meters: Of which features it wants to know what was consumed.
    ///   - client: Told once a barrier, after the last of its jobs.
    ///   - complete: Called exactly once, on the reader's queue or on the submitter's thread; it
    ///     holds up every other check, so it decides, writes its answer down, and returns.
    package init(
        session: String? = nil,
        account: String? = nil,
        caller: BarrierCaller = .service,
        meters: MeterDemand = .none,
        client: any BarrierClient,
        complete: @escaping @Sendable (Result<BarrierView, BarrierFailure>) -> Void
    ) {
        let owner = session.flatMap(SessionID.account)
        // What no session can be called is not looked for.
        self.session = owner == nil ? nil : session
        self.account = owner.map(String.init) ?? account
        self.caller = caller
        self.meters = meters
        self.client = client
        self.complete = complete
    }
}

/// Of which features the meters are wanted, as they are in the barrier's snapshot.
///
/// Which meters those are follows from the catalog, the session and its user.
package enum MeterDemand: Sendable, Equatable {
    case none
    case feature(String)
    case features([String])
    /// Of every feature that is consumed.
    case all
    /// By their keys, whatever is known of the features.
    case keys([MeterKey])
}

/// Who asks for state.
package enum BarrierCaller: Sendable, Equatable {
    /// The service itself, which refuses callers before it asks.
    case service
    /// A caller by the digest of its key; nil when it sent none.
    case key(KeyDigest?)
}

/// Who submits checks, and wants to hear once a barrier rather than once a check.
package protocol BarrierClient: AnyObject, Sendable {
    /// Called after a barrier's last completed job of this client.
    func flush()
}

/// The state a check is decided from: all of it as of one snapshot, taken after the check arrived.
package struct BarrierView: Sendable {
    /// When decisions about it are made.
    package let at: Instant
    /// The same without any test clock: for keys, and for what takes access away.
    package let now: Instant
    /// The database's clock as it was read: for times that others signed.
    package let clock: Instant
    /// Nil when there is no such session.
    package let session: Session?
    /// Nil when there is no such account.
    package let account: Account?
    package let live: LiveConfiguration
    /// Those that there are of the meters that were wanted; others stand at nothing.
    package let meters: [MeterKey: Meter]

    /// The time is the account's test clock, else the database's, but then never before a change
    /// that the view shows: after a clock was set back, what was revoked a moment ago would
    /// otherwise be open again.
    init(
        at: Instant,
        session: Session? = nil,
        account: Account? = nil,
        live: LiveConfiguration,
        meters: [MeterKey: Meter] = [:]
    ) {
        clock = at
        now = max(at, live.changedAt, account?.changedAt ?? at)
        self.at = account?.testClock ?? now
        self.session = session
        self.account = account
        self.live = live
        self.meters = meters
    }
}

/// Why a check got no barrier.
///
/// Nothing was answered from older state instead.
package enum BarrierFailure: Error, Sendable, Equatable {
    case databaseUnavailable, overloaded
    /// A meter that was asked for is in words that this program does not know.
    case unreadableMeter
}

extension [BarrierJob] {
    /// Completes every job the same way and tells each client once.
    func complete(with failure: BarrierFailure) {
        for job in self { job.complete(.failure(failure)) }
        flushClients()
    }

    /// Tells each client once; there are one or two, so a list is quicker than a set.
    func flushClients() {
        var told: [ObjectIdentifier] = []
        for job in self where !told.contains(ObjectIdentifier(job.client)) {
            told.append(ObjectIdentifier(job.client))
            job.client.flush()
        }
    }
}
