import Entitlements
import Limits
import Logging
import Postgres

/// What becomes of orders whose transaction came to nothing.
extension MeterWorker {
    /// Carries orders out in a transaction of their own, and tells them.
    ///
    /// All but the first attempt lock what they read. A batch that fails is taken apart until the
    /// deadline: others wait.
    func carryOut(
        _ orders: [any MeterOrder],
        attempt: Int = 1,
        deadline: ContinuousClock.Instant? = nil
    ) {
        guard !isClosed else { return orders.complete(with: .databaseUnavailable) }
        var batch = MeterBatch(orders)
        do {
            try commit(&batch, isLocking: attempt > 1 || cautious > 0)
            cautious = max(cautious - 1, 0)
            finish(batch)
        } catch {
            recover(batch, after: error, attempt: attempt, deadline: deadline)
        }
    }

    /// Does it again, or tells why it cannot be done.
    func recover(
        _ batch: MeterBatch,
        after error: any Error,
        attempt: Int = 1,
        deadline: ContinuousClock.Instant? = nil
    ) {
        leaveTransaction()
        for order in batch.orders { for key in order.keys { memory.remove(key) } }
        let failed = Failed(
            orders: batch.orders,
            error: error,
            attempt: attempt,
            wasSent: batch.wasSent,
            deadline: deadline ?? .now + Limits.meterRecovery
        )
        recover(failed)
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
