import Entitlements
import Limits
import Postgres

/// The one reader of barriers: owns the connection and the memory, on a queue of its own.
///
/// It blocks that queue while Postgres answers. That is simpler and quicker than waiting
/// asynchronously (reference: style guide, the libpq measurements), and no other thread waits.
actor BarrierWorker {
    private let settings: ConnectionSettings
    private let statistics: BarrierStatistics
    private let executor = QueueExecutor(label: "usher.barrier")
    private var memory: BarrierMemory
    private var flags = CompiledFlags()
    private var connection: BlockingConnection?
    private var isClosed = false
    private var last: Read?
    /// Checks that their barrier left unanswered.
    private var rest: [BarrierJob] = []

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    init(
        settings: ConnectionSettings,
        bounds: BarrierBounds,
        trusted: KeyDigest?,
        statistics: BarrierStatistics
    ) {
        var settings = settings
        // The feed is nearly empty when the plan is made, and may not be when it is used.
        settings.options["enable_seqscan"] = "off"
        settings.options["plan_cache_mode"] = "force_generic_plan"
        settings.options["jit"] = "off"
        settings.applicationName = "usher checks"
        self.settings = settings
        self.statistics = statistics
        memory = BarrierMemory(bounds: bounds, trusted: trusted)
    }

    /// Starts to read barriers until nobody waits.
    ///
    /// Returns at once.
    ///
    /// Straight onto the queue: a task would first pass through the global pool, one more thread to
    /// wake while a check waits.
    nonisolated func start(
        next: @escaping @Sendable (_ inHand: Int) -> [BarrierJob],
        onFailure: @escaping @Sendable (any Error) -> Void
    ) {
        executor.async {
            self.assumeIsolated { $0.drain(next: next, onFailure: onFailure) }
        }
    }

    /// A barrier that was read, and its checks, which are still to be answered.
    private struct Read {
        let jobs: [BarrierJob]
        let barrier: Barrier
        let needs: BarrierNeeds
    }

    /// While Postgres reads one barrier, the checks of the one before it are decided.
    private func drain(next: (Int) -> [BarrierJob], onFailure: (any Error) -> Void) {
        while true {
            // What is left was changed or forgotten in its very barrier; the next one loads it.
            let leftOver = rest.count
            let waiting = rest + next(leftOver + (last?.jobs.count ?? 0))
            rest = []
            // Let in just before the close, and come here just behind it.
            guard !isClosed else { return waiting.complete(with: .databaseUnavailable) }
            guard !waiting.isEmpty else {
                guard last != nil else { return }
                settle()
                continue
            }
            do {
                let needs = memory.needs(of: waiting, leftOver: leftOver)
                let barrier = try readTwice(needs)
                // Done by now; said again because memory moves on, and what is answered from it is
                // answered from it as it was.
                settle()
                memory.advance(to: barrier)
                last = Read(jobs: waiting, barrier: barrier, needs: needs)
            } catch {
                settle()
                connection = nil
                (waiting + rest).complete(with: .databaseUnavailable)
                rest = []
                return onFailure(error)
            }
        }
    }

    /// Answers the checks of the last barrier, if that was not done yet.
    private func settle() {
        guard let read = last else { return }
        last = nil
        rest += answer(read)
    }

    /// Whether a barrier can be read; connects if need be.
    func isReachable() -> Bool {
        guard !isClosed else { return false }
        do {
            memory.advance(to: try read(BarrierNeeds()))
            return true
        } catch {
            connection = nil
            return false
        }
    }

    func close() {
        isClosed = true
        connection = nil
    }

    /// A connection that broke since the last barrier is replaced once: the server may be well.
    private func readTwice(_ needs: BarrierNeeds) throws -> Barrier {
        do {
            return try read(needs)
        } catch let error as PostgresError where error.isUnavailable && error.kind != .timeout {
            connection = nil
            return try read(needs)
        }
    }

    private func read(_ needs: BarrierNeeds) throws -> Barrier {
        let connection = try openConnection()
        let read = BarrierStatements.read(since: memory.position, meters: needs.meters)
        guard !needs.isEmpty else {
            return try Barrier(connection.query(read) { settle() })
        }
        return try load(needs, behind: read, on: connection)
    }

    /// The barrier and the rows that memory lacks, in one snapshot and one round trip.
    private func load(
        _ needs: BarrierNeeds,
        behind read: SQL,
        on connection: BlockingConnection
    ) throws -> Barrier {
        let sessions = Array(needs.sessions)
        let accounts = Array(needs.accounts)
        let owners = sessions.map { SessionID.account(of: $0).map(String.init) ?? "" }
        var statements = [
            BarrierStatements.begin, read,
            BarrierStatements.sessions(sessions, accounts: owners),
            BarrierStatements.accounts(accounts), BarrierStatements.subscriptions(accounts),
        ]
        if needs.configuration { statements += ConfigurationStatements.all }
        statements.append(BarrierStatements.commit)
        let answers = try connection.pipeline(statements) { settle() }
        var barrier = try Barrier(answers[1])
        var reader = RowReader()
        for session in reader.read(answers[2], Session.init) {
            barrier.loaded.sessions[session.id] = session
        }
        for account in Account.read(answers[3], subscriptions: answers[4], by: &reader) {
            barrier.loaded.accounts[account.id] = account
        }
        if needs.configuration {
            barrier.loaded.configuration = try LiveConfiguration(
                answers: answers.dropFirst(5).dropLast(),
                by: &reader,
                &flags
            )
        }
        barrier.loaded.unreadable = reader.unreadable
        return barrier
    }

    private func openConnection() throws -> BlockingConnection {
        if let connection, connection.isAlive { return connection }
        let opened = try BlockingConnection(settings)
        // The token names the cluster. A database that was dropped and restored in it is another one.
        let row = try opened.query(BarrierStatements.database).first
        memory.enter(database: try row?.text(0) ?? "")
        connection = opened
        return opened
    }

    /// Completes every job whose rows are known as of its barrier; returns the others.
    ///
    /// Memory must still be as of that barrier.
    private func answer(_ read: Read) -> [BarrierJob] {
        let rest = complete(read)
        statistics.record(
            answered: read.jobs.count - rest.count,
            barrier: read.barrier,
            held: memory.held
        )
        return rest
    }

    private func complete(_ read: Read) -> [BarrierJob] {
        let (jobs, barrier, needs) = (read.jobs, read.barrier, read.needs)
        guard let live = memory.configuration else { return jobs }
        var rest: [BarrierJob] = []
        for job in jobs {
            guard memory.knows(job.caller) else {
                // It is refused whatever the rows say, so none were loaded for it.
                job.complete(.success(BarrierView(at: barrier.at, live: live)))
                continue
            }
            guard
                let session = memory.settled(job.session, in: barrier, having: needs),
                let account = memory.settledAccount(job.account, in: barrier, having: needs)
            else {
                rest.append(job)
                continue
            }
            guard let meters = meters(of: job, session.row, read) else {
                var job = job
                job.lastSeen = session.row
                rest.append(job)
                continue
            }
            guard meters.isReadable else {
                job.complete(.failure(.unreadableMeter))
                continue
            }
            let view = BarrierView(
                at: barrier.at,
                session: session.row,
                account: account.row,
                live: live,
                meters: meters.found
            )
            job.complete(.success(view))
        }
        jobs.flushClients()
        return rest
    }

    /// The meters that a job wants, or nil when the barrier did not ask for all of them: what says
    /// which they are was not known yet, or came to be another.
    private func meters(
        of job: BarrierJob,
        _ session: Session?,
        _ read: Read
    ) -> (found: [MeterKey: Meter], isReadable: Bool)? {
        if case .none = job.meters { return ([:], true) }
        guard let keys = memory.meterKeys(of: job, session: session) else { return nil }
        var meters: [MeterKey: Meter] = [:]
        for key in keys {
            guard read.needs.meters.contains(key) else { return nil }
            meters[key] = read.barrier.loaded.meters[key]
        }
        let isReadable = read.barrier.loaded.closedMeters.isDisjoint(with: keys)
        return (meters, isReadable)
    }
}
