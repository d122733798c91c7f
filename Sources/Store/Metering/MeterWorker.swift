import Entitlements
import Limits
import Logging
import Postgres

/// The one writer of meters of this instance: owns the connection, and holds meters in memory.
///
/// A transaction first takes what it holds for true and compares on writing: one round trip, one
/// row write a meter. Where somebody else wrote a meter meanwhile, nothing is committed, and the
/// transaction is done again with the rows locked. So several instances stay exact, and one alone
/// pays for no lock. What keeps failing is halved, until whatever cannot be done stands alone.
actor MeterWorker {
    private let settings: ConnectionSettings
    private let statistics: MeterStatistics
    private let logger: Logger
    private let executor = QueueExecutor(label: "usher.meters")
    private var memory: BoundedMap<MeterKey, MeterRow>
    private var connection: BlockingConnection?
    private var isClosed = false
    /// Transactions that lock at once, since others write the same meters just now.
    private var cautious = 0

    nonisolated var unownedExecutor: UnownedSerialExecutor {
        unsafe executor.asUnownedSerialExecutor()
    }

    init(settings: ConnectionSettings, bound: Int, statistics: MeterStatistics, logger: Logger) {
        var settings = settings
        // Statements meet a few hundred rows of large tables, by their primary keys and in order.
        for option in ["enable_seqscan", "enable_hashjoin", "enable_mergejoin", "jit"] {
            settings.options[option] = "off"
        }
        settings.options["plan_cache_mode"] = "force_generic_plan"
        settings.lockTimeout = Limits.meterLock
        settings.applicationName = "usher meters"
        self.settings = settings
        self.statistics = statistics
        self.logger = logger
        memory = BoundedMap(bound: bound)
    }

    /// Starts to write until nobody waits.
    ///
    /// Returns at once; straight onto the queue, as with `BarrierWorker`.
    nonisolated func start(next: @escaping @Sendable () -> [any MeterOrder]) {
        executor.async {
            self.assumeIsolated { worker in
                while case let orders = next(), !orders.isEmpty { worker.carryOut(orders) }
            }
        }
    }

    func close() {
        isClosed = true
        connection = nil
    }

    /// All but the first attempt lock what they read.
    ///
    /// A batch that fails is taken apart until the deadline: others wait.
    private func carryOut(
        _ orders: [any MeterOrder],
        attempt: Int = 1,
        deadline: ContinuousClock.Instant? = nil
    ) {
        guard !isClosed else { return orders.complete(with: .databaseUnavailable) }
        var sent = false
        do {
            let isLocking = attempt > 1 || cautious > 0
            let batch = try transact(orders, isLocking: isLocking, sent: &sent)
            cautious = max(cautious - 1, 0)
            finish(batch)
        } catch {
            leaveTransaction()
            for order in orders { for key in order.keys { memory.remove(key) } }
            let failed = Failed(
                orders: orders,
                error: error,
                attempt: attempt,
                wasSent: sent,
                deadline: deadline ?? .now + Limits.meterRecovery
            )
            recover(failed)
        }
    }

    private func finish(_ batch: MeterBatch) {
        for write in batch.writes {
            memory.insert(MeterRow(meter: write.meter, version: write.version), for: write.key)
        }
        let held = memory.count
        statistics.record { figures in
            figures.transactions += 1
            figures.orders += batch.orders.count
            figures.metersWritten += batch.writes.count
            figures.metersHeld = held
        }
        for (order, outcome) in zip(batch.orders, batch.outcomes) {
            order.complete(.success(outcome))
        }
        batch.orders.flushClients()
    }

    /// A transaction that came to nothing.
    private struct Failed {
        let orders: [any MeterOrder]
        let error: any Error
        let attempt: Int
        let wasSent: Bool
        let deadline: ContinuousClock.Instant

        var failure: PostgresError? { error as? PostgresError }
    }

    private func recover(_ failed: Failed) {
        let orders = failed.orders
        if failed.failure?.isConflict == true {
            statistics.record { $0.conflicts += 1 }
            if failed.failure?.isOfKeys != true { cautious = Self.caution }
            if failed.attempt < Limits.meterTries {
                let attempt = failed.attempt + 1
                return carryOut(orders, attempt: attempt, deadline: failed.deadline)
            }
        }
        if failed.failure?.isLost == true {
            connection = nil
            memory.removeAll()
            fail(orders, failed.wasSent ? .outcomeUnknown : .databaseUnavailable, failed.error)
        } else if failed.failure?.sqlState == "55P03", orders.count > 1, setAsideLocked(failed) {
            return
        } else if orders.count > 1, ContinuousClock.now < failed.deadline {
            let middle = orders.count / 2
            carryOut(Array(orders[..<middle]), deadline: failed.deadline)
            carryOut(Array(orders[middle...]), deadline: failed.deadline)
        } else {
            fail(orders, orders.count > 1 ? .busy : MeterFailure(failed.failure), failed.error)
        }
    }

    /// Lets those go whose meters somebody else holds locked, and goes on with the others.
    ///
    /// - Returns: Whether that was it; what else is waited for can only be found by halving.
    private func setAsideLocked(_ failed: Failed) -> Bool {
        guard let locked = try? lockedKeys(of: failed.orders), !locked.isEmpty else { return false }
        let isBusy = { (order: any MeterOrder) in order.keys.contains(where: locked.contains) }
        fail(failed.orders.filter(isBusy), .busy, failed.error)
        let rest = failed.orders.filter { !isBusy($0) }
        if !rest.isEmpty { carryOut(rest, deadline: failed.deadline) }
        return true
    }

    /// The meters among theirs that cannot be locked just now.
    private func lockedKeys(of orders: [any MeterOrder]) throws -> Set<MeterKey> {
        let keys = Set(orders.flatMap(\.keys)).sorted()
        let answers = try openConnection()
            .pipeline([
                MeterStatements.read(keys, locking: false), MeterStatements.readUnlocked(keys),
            ])
        let (all, free) = (
            try answers[0].compactMap { try MeterRow.read($0)?.key },
            try answers[1].compactMap { try MeterRow.read($0)?.key }
        )
        return Set(all).subtracting(free)
    }

    /// How many transactions lock their rows after one that met another writer.
    private static let caution = 16

    private func fail(_ orders: [any MeterOrder], _ failure: MeterFailure, _ error: any Error) {
        statistics.record { $0.failures += orders.count }
        logger.warning(
            "not counted",
            metadata: ["orders": "\(orders.count)", "error": "\(error)"]
        )
        orders.complete(with: failure)
    }

    private func leaveTransaction() {
        guard let connection, connection.isAlive, connection.isInTransaction else { return }
        do {
            _ = try connection.query(MeterStatements.rollback)
        } catch {
            self.connection = nil
        }
    }

    /// Reads what is not known, carries the orders out on it, and commits what they come to.
    private func transact(
        _ orders: [any MeterOrder],
        isLocking: Bool,
        sent: inout Bool
    ) throws -> MeterBatch {
        let connection = try openConnection()
        var batch = MeterBatch(orders)
        try gather(for: &batch, isLocking: isLocking, on: connection)
        batch.apply()
        var statements = batch.statements(isLocked: isLocking)
        // Without a `begin`, the statements of a pipeline are one transaction.
        if isLocking { statements.append(MeterStatements.commit) }
        guard !statements.isEmpty else { return batch }
        sent = true
        _ = try connection.pipeline(statements)
        return batch
    }

    private func gather(
        for batch: inout MeterBatch,
        isLocking: Bool,
        on connection: BlockingConnection
    ) throws {
        var missing: [MeterKey] = []
        for key in batch.keys {
            if !isLocking, let row = memory.use(key) {
                batch.know(key, row)
            } else {
                missing.append(key)
            }
        }
        let needs = batch.orders.map(\.needs)
        let reads = MeterReads(missing, needs, isLocking: isLocking)
        guard !reads.statements.isEmpty || isLocking else { return }
        let begin = isLocking ? [MeterStatements.begin] : []
        let answers = try connection.pipeline(begin + reads.statements).dropFirst(begin.count)
        statistics.record { $0.metersLoaded += missing.count }
        try reads.tell(Array(answers), to: &batch)
        guard !isLocking else { return }
        // Also of those that are not there: the next writing finds out whether that is still so.
        for key in missing {
            memory.insert(batch.row(of: key), for: key)
        }
    }

    private func openConnection() throws -> BlockingConnection {
        if let connection, connection.isAlive { return connection }
        // What is held may be of a server that lost it, or of another one.
        memory.removeAll()
        let opened = try BlockingConnection(settings)
        connection = opened
        return opened
    }
}

extension MeterFailure {
    /// Why one order could not be carried out, on its own and with every lock.
    fileprivate init(_ error: PostgresError?) {
        switch error?.sqlState {
        case "23503": self = .vanished
        case "55P03", "57014", "UM001", "UM002", "23505", "40001", "40P01": self = .busy
        default: self = .broken
        }
    }
}

extension PostgresError {
    /// Somebody else was there first: what was known is read anew, and all is done again.
    fileprivate var isConflict: Bool {
        switch sqlState {
        case "UM001", "UM002", "23505", "40001", "40P01": true
        default: false
        }
    }

    /// A key that was used before: the meters are as they were known.
    fileprivate var isOfKeys: Bool {
        sqlState == "UM002" || constraint == "consume_key_pkey" || constraint == "usage_event_pkey"
    }

    /// Whether the session is of no use any more, and a commit on its way may have happened: the
    /// server did not say what became of it.
    fileprivate var isLost: Bool {
        if kind == .decoding { return false }
        return sqlState == nil || (isUnavailable && sqlState != "55P03" && sqlState != "57014")
    }
}
