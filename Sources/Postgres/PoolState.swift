/// What a pool decides; ``Pool`` does it.
///
/// Pure: time and what happened come in, actions go out.
///
/// `Member` is a connection; waiters are known by number, in the order in which they came.
struct PoolState<Member: Sendable>: Sendable {
    /// What to do once the state's lock is released.
    struct Actions: Sendable {
        var served: [(waiter: Int, outcome: Result<Member, PostgresError>)] = []
        /// Connections to let go of, outside of the lock: closing one writes to its socket.
        var dropped: [Member] = []
        var opens = 0
    }

    private let maximum: Int
    private let patience: Duration
    private var idle: [Member] = []
    private var inUse = 0
    private var opening = 0
    private var waiters: [(id: Int, until: ContinuousClock.Instant)] = []
    private var backoff = Backoff.reconnect
    /// Since the last attempt to open failed: its error, and when the next attempt may be made.
    private var outage: (error: PostgresError, until: ContinuousClock.Instant)?
    private var isClosed = false

    init(maximum: Int, patience: Duration) {
        precondition(maximum > 0, "a pool of no connections")
        self.maximum = maximum
        self.patience = patience
    }

    var statistics: PoolStatistics {
        PoolStatistics(
            maximum: maximum,
            inUse: inUse,
            idle: idle.count,
            opening: opening,
            waiting: waiters.count
        )
    }

    /// When the waiter that came first gives up; all have the same patience.
    var nextExpiry: ContinuousClock.Instant? { waiters.first?.until }

    /// Lends an idle connection, unless somebody waits already.
    mutating func take(isUsable: (Member) -> Bool) -> (member: Member?, actions: Actions) {
        var actions = Actions()
        guard waiters.isEmpty, !isClosed else { return (nil, actions) }
        while let member = idle.popLast() {
            guard isUsable(member) else {
                actions.dropped.append(member)
                continue
            }
            inUse += 1
            return (member, actions)
        }
        return (nil, actions)
    }

    /// Queues a waiter, and opens a connection for it if one more is allowed.
    mutating func wait(_ id: Int, now: ContinuousClock.Instant) -> Actions {
        var actions = Actions()
        if isClosed {
            actions.served.append((id, .failure(Self.closed)))
        } else if let outage, now < outage.until, inUse == 0 {
            actions.served.append((id, .failure(outage.error)))
        } else {
            waiters.append((id, now + patience))
            serve(&actions, now: now, isUsable: { _ in true })
        }
        return actions
    }

    /// A waiter's task was cancelled.
    mutating func cancel(_ id: Int) -> Actions {
        var actions = Actions()
        guard let index = waiters.firstIndex(where: { $0.id == id }) else { return actions }
        waiters.remove(at: index)
        let error = PostgresError(kind: .cancelled, message: "the task was cancelled")
        actions.served.append((id, .failure(error)))
        return actions
    }

    /// Sends away those who have waited for too long.
    mutating func expire(now: ContinuousClock.Instant) -> Actions {
        var actions = Actions()
        let late = waiters.prefix { $0.until <= now }
        guard !late.isEmpty else { return actions }
        let error = exhausted
        actions.served = late.map { ($0.id, .failure(error)) }
        waiters.removeFirst(late.count)
        return actions
    }

    /// A connection comes back from its user.
    mutating func giveBack(
        _ member: Member,
        isUsable: (Member) -> Bool,
        now: ContinuousClock.Instant
    ) -> Actions {
        precondition(inUse > 0, "a connection was given back twice")
        inUse -= 1
        var actions = Actions()
        idle.append(member)
        serve(&actions, now: now, isUsable: isUsable)
        return actions
    }

    /// An attempt to open a connection has ended.
    mutating func opened(
        _ result: Result<Member, PostgresError>,
        now: ContinuousClock.Instant
    ) -> Actions {
        precondition(opening > 0, "a connection that nobody opened")
        opening -= 1
        var actions = Actions()
        switch result {
        case .success(let member):
            outage = nil
            backoff.reset()
            idle.append(member)
            serve(&actions, now: now, isUsable: { _ in true })
        case .failure(let error):
            outage = (error, now + backoff.next())
            // Whoever has a connection will give it back to those who wait; otherwise nobody will.
            guard inUse == 0 else { break }
            actions.served = waiters.map { ($0.id, .failure(error)) }
            waiters = []
        }
        return actions
    }

    /// No more connections: refuses all who wait, lets go of what is idle.
    mutating func close() -> Actions {
        isClosed = true
        var actions = Actions()
        actions.served = waiters.map { ($0.id, .failure(Self.closed)) }
        waiters = []
        actions.dropped = idle
        idle = []
        return actions
    }

    /// Hands idle connections to waiters in their order, and opens what is still missing.
    private mutating func serve(
        _ actions: inout Actions,
        now: ContinuousClock.Instant,
        isUsable: (Member) -> Bool
    ) {
        idle.removeAll { member in
            let leaves = isClosed || !isUsable(member)
            if leaves { actions.dropped.append(member) }
            return leaves
        }
        while let waiter = waiters.first, let member = idle.popLast() {
            waiters.removeFirst()
            inUse += 1
            actions.served.append((waiter.id, .success(member)))
        }
        actions.opens = missing(now: now)
        opening += actions.opens
    }

    /// How many connections to open now.
    ///
    /// While the server is known to be down one attempt at a time finds out whether it is back.
    private func missing(now: ContinuousClock.Instant) -> Int {
        let room = maximum - inUse - idle.count - opening
        let wanted = min(waiters.count - opening, room)
        guard let outage else { return max(0, wanted) }
        return now < outage.until || opening > 0 ? 0 : max(0, min(1, wanted))
    }

    private var exhausted: PostgresError {
        PostgresError(
            kind: .poolExhausted,
            message: "none of the \(maximum) database connections became free within \(patience)",
            detail: "in use \(inUse), opening \(opening), waiting \(waiters.count)"
        )
    }

    private static var closed: PostgresError {
        PostgresError(kind: .poolExhausted, message: "the pool of database connections is closed")
    }
}

/// How busy a pool is, for metrics.
package struct PoolStatistics: Sendable, Equatable {
    package let maximum: Int
    package let inUse: Int
    package let idle: Int
    package let opening: Int
    package let waiting: Int
}
