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
///
/// While a transaction is on its way, those who arrive are carried out on what it will leave, and
/// those of the one before are told; the server and the writer then work at the same time. Should
/// it fail, they are carried out anew.
actor MeterWorker {
    let statistics: MeterStatistics
    let logger: Logger
    var memory: BoundedMap<MeterKey, MeterRow>
    var connection: BlockingConnection?
    /// Transactions that lock at once, since others write the same meters just now.
    var cautious = 0
    private let settings: ConnectionSettings
    private let executor = QueueExecutor(label: "usher.meters")
    private(set) var isClosed = false

    /// Gives those who wait, up to a number, and is told how many are in hand already.
    typealias Next = @Sendable (_ inHand: Int, _ most: Int) -> [any MeterOrder]

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
    nonisolated func start(next: @escaping Next) {
        executor.async { self.assumeIsolated { $0.work(next) } }
    }

    func close() {
        isClosed = true
        connection = nil
    }

    private func work(_ next: Next) {
        var batch = MeterBatch()
        var committed: MeterBatch?
        while true {
            let inHand = batch.orders.count + (committed?.orders.count ?? 0)
            batch.add(next(inHand, Limits.consumeBatch - batch.orders.count))
            guard !batch.orders.isEmpty else {
                guard committed != nil else { return }
                tell(&committed)
                continue
            }
            guard cautious == 0, !isClosed else {
                tell(&committed)
                carryOut(batch.orders)
                batch = MeterBatch()
                continue
            }
            var ahead = MeterBatch()
            do {
                let count = batch.orders.count
                try commit(&batch, isLocking: false) {
                    tell(&committed)
                    goAhead(&ahead, next, behind: count)
                }
                tell(&committed)
                committed = batch
                batch = ahead
            } catch {
                tell(&committed)
                recover(batch, after: error)
                // They were carried out on what never came to be.
                batch = MeterBatch(ahead.orders)
            }
        }
    }

    /// Carries those who arrive out on what the transaction on its way will leave, up to the first
    /// for whom something has to be read.
    private func goAhead(_ batch: inout MeterBatch, _ next: Next, behind inHand: Int) {
        while true {
            let room = Limits.consumeBatch - batch.orders.count
            let orders = next(inHand + batch.orders.count, room)
            guard !orders.isEmpty else { return }
            batch.add(orders)
            while let order = batch.waiting.first {
                recall(order.keys, in: &batch)
                guard order.needs.isAnswered, order.keys.allSatisfy(batch.knows) else { return }
                batch.apply(1)
            }
        }
    }

    /// Tells the meters that are in memory.
    private func recall(_ keys: [MeterKey], in batch: inout MeterBatch) {
        for key in keys where !batch.knows(key) {
            if let row = memory.use(key) { batch.know(key, row) }
        }
    }

    private func tell(_ committed: inout MeterBatch?) {
        guard let batch = committed else { return }
        committed = nil
        finish(batch)
    }

    /// Tells the orders of a transaction that is committed.
    func finish(_ batch: MeterBatch) {
        let held = memory.count
        statistics.record { figures in
            figures.transactions += 1
            figures.orders += batch.orders.count
            figures.metersWritten += batch.written.count
            figures.metersHeld = held
        }
        for (order, outcome) in zip(batch.orders, batch.outcomes) {
            order.complete(.success(outcome))
        }
        batch.orders.flushClients()
    }

    /// Reads what is not known, carries the orders out on it, and commits what they come to.
    ///
    /// With locks everything is read, and the batch is a fresh one. `meanwhile` is called while the
    /// server works.
    func commit(
        _ batch: inout MeterBatch,
        isLocking: Bool,
        meanwhile: () -> Void = {}
    ) throws {
        let connection = try openConnection(for: &batch)
        try gather(for: &batch, isLocking: isLocking, on: connection)
        batch.apply()
        let writes = batch.writes()
        var statements = batch.statements(writing: writes, isLocked: isLocking)
        // Without a `begin`, the statements of a pipeline are one transaction.
        if isLocking { statements.append(MeterStatements.commit) }
        guard !statements.isEmpty else { return }
        batch.wasSent = true
        // From here on; taken back with all the rest where it fails.
        for write in writes {
            memory.insert(MeterRow(meter: write.meter, version: write.version), for: write.key)
        }
        _ = try connection.pipeline(statements, meanwhile: meanwhile)
    }

    private func gather(
        for batch: inout MeterBatch,
        isLocking: Bool,
        on connection: BlockingConnection
    ) throws {
        if !isLocking { recall(batch.waiting.flatMap(\.keys), in: &batch) }
        let missing = batch.missing
        let needs = batch.waiting.map(\.needs)
        let reads = MeterReads(missing, needs, isLocking: isLocking)
        guard !reads.statements.isEmpty || isLocking else { return }
        let begin = isLocking ? [MeterStatements.begin] : []
        let answers = try connection.pipeline(begin + reads.statements).dropFirst(begin.count)
        statistics.record { $0.metersLoaded += missing.count }
        try reads.tell(Array(answers), to: &batch)
        for key in missing where !batch.knows(key) { batch.know(key, .absent) }
        guard !isLocking else { return }
        // Also of those that are not there: the next writing finds out whether that is still so.
        for key in missing {
            memory.insert(batch.row(of: key), for: key)
        }
    }

    private func openConnection(for batch: inout MeterBatch) throws -> BlockingConnection {
        let isOpen = connection?.isAlive == true
        // What it was carried out on may be of a server that lost it, or of another one.
        if !isOpen { batch = MeterBatch(batch.orders) }
        return try openConnection()
    }

    func openConnection() throws -> BlockingConnection {
        if let connection, connection.isAlive { return connection }
        // As above, of what is held.
        memory.removeAll()
        let opened = try BlockingConnection(settings)
        connection = opened
        return opened
    }
}
