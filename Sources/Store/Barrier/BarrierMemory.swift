import Entitlements
import Limits

/// An exact copy of some accounts, some sessions and the configuration, as of one snapshot.
///
/// Not a cache with a lifetime: what it holds is answered from only behind a barrier, which first
/// takes out whatever was committed since the last one. Rules: reference, "The barrier read".
struct BarrierMemory {
    /// What the previous barrier returned; nil before the first and after `forget`.
    private(set) var position: BarrierPosition?
    private(set) var configuration: LiveConfiguration?
    private var accounts: BoundedMap<String, Account>
    private var sessions: BoundedMap<String, Session>
    private var database: String?
    /// The one key that is not in the database.
    private let trusted: KeyDigest?

    init(bounds: BarrierBounds, trusted: KeyDigest? = nil) {
        self.trusted = trusted
        accounts = BoundedMap(bound: bounds.accounts)
        sessions = BoundedMap(bound: bounds.sessions)
    }

    /// Whether rows are read for a caller: not for one that is refused in any case, or whoever has
    /// no key could keep those who have one waiting.
    func knows(_ caller: BarrierCaller) -> Bool {
        switch caller {
        case .service: true
        case .key(nil): false
        case .key(let digest?): digest == trusted || configuration?.keys[digest] != nil
        }
    }

    var held: (accounts: Int, sessions: Int) { (accounts.count, sessions.count) }

    /// Begins with a connection to a database; what was held of another one goes.
    mutating func enter(database: String) {
        if database != self.database { forget() }
        self.database = database
    }

    /// Everything goes: the server is another one, or lives another life, or we were away too long.
    mutating func forget() {
        position = nil
        configuration = nil
        accounts.removeAll()
        sessions.removeAll()
    }

    /// Moves to a barrier's snapshot: first out with what changed, then in with what was loaded.
    mutating func advance(to barrier: Barrier) {
        if !barrier.continues(position) { forget() }
        for change in barrier.changes { apply(change) }
        if let configuration = barrier.loaded.configuration { self.configuration = configuration }
        for (id, account) in barrier.loaded.accounts { accounts.insert(account, for: id) }
        for (id, session) in barrier.loaded.sessions { sessions.insert(session, for: id) }
        position = barrier.position
    }

    private mutating func apply(_ change: FeedChange) {
        switch change {
        case .everything:
            forget()
        case .configuration:
            configuration = nil
        case .account(let id, _):
            accounts.remove(id)
        case .session(let id, let account, let revision, let at):
            sessions.remove(id)
            // The account is as it was but for its number: revisions count sessions too. Rows of
            // one barrier come in no order, and the order of revisions is that of commits.
            accounts.update(account) { held in
                guard revision > held.revision else { return }
                held.revision = revision
                held.changedAt = at
            }
        }
    }
}

extension BarrierMemory {
    /// What is known about one row as of a barrier; `row` is nil when there is no such row.
    struct Settled<Row> {
        let row: Row?
    }

    /// What the next barrier has to load so that these checks can be answered; the bound on keys
    /// may leave some to the barrier after it.
    ///
    /// The first `leftOver` checks got no answer from the previous barrier. If memory is full they
    /// load all of their rows, held or not: two checks, each holding one row and lacking another,
    /// would otherwise push each other out for ever.
    func needs(of jobs: [BarrierJob], leftOver: Int = 0) -> BarrierNeeds {
        var needs = BarrierNeeds(configuration: configuration == nil)
        let isFull = accounts.isFull || sessions.isFull
        for (place, job) in jobs.enumerated() {
            // Few keys a job, so the bound is kept to within those of one.
            guard needs.count < Limits.barrierKeys else { break }
            guard configuration == nil || knows(job.caller) else { continue }
            if let keys = meterKeys(of: job, session: nil) { needs.meters.formUnion(keys) }
            let loadsAll = isFull && place < leftOver
            if let session = job.session, loadsAll || !sessions.holds(session) {
                needs.sessions.insert(session)
            }
            if let account = job.account, loadsAll || !accounts.holds(account) {
                needs.accounts.insert(account)
            }
        }
        return needs
    }

    /// The meters that a check wants; nil while the configuration is not known, by which they are
    /// told.
    ///
    /// The session is as the barrier has it; nil before that, when what is held, or what the last
    /// barrier had, is as good a guess as there is.
    func meterKeys(of job: BarrierJob, session: Session?) -> [MeterKey]? {
        if case .none = job.meters { return [] }
        if case .keys(let keys) = job.meters { return keys }
        guard let configuration else { return nil }
        // Most checks are of what is not consumed, and ask for nothing more than before.
        let features = configuration.consumedFeatures(in: job.meters)
        guard !features.isEmpty, let account = job.account else { return [] }
        let session = session ?? job.session.flatMap { sessions.peek($0) ?? job.lastSeen }
        return features.flatMap {
            $0.meterKeys(
                account: account,
                session: session,
                configuration: configuration.configuration
            )
        }
    }

    /// The session of a check, or nil when this barrier does not tell: it was held, and was then
    /// changed or made room.
    ///
    /// Rows this barrier loaded are taken from it, so a bound smaller than a batch cannot make a
    /// row look absent.
    mutating func settled(
        _ id: String?,
        in barrier: Barrier,
        having needs: BarrierNeeds
    ) -> Settled<Session>? {
        guard let id else { return Settled(row: nil) }
        if needs.sessions.contains(id) { return Settled(row: barrier.loaded.sessions[id]) }
        return sessions.use(id).map { Settled(row: $0) }
    }

    /// The account of a check, by the same rule as its session.
    mutating func settledAccount(
        _ id: String?,
        in barrier: Barrier,
        having needs: BarrierNeeds
    ) -> Settled<Account>? {
        guard let id else { return Settled(row: nil) }
        if needs.accounts.contains(id) { return Settled(row: barrier.loaded.accounts[id]) }
        return accounts.use(id).map { Settled(row: $0) }
    }
}

/// How many decoded rows memory holds.
package struct BarrierBounds: Sendable {
    package var accounts: Int
    package var sessions: Int

    package init(accounts: Int = Limits.accountsHeld, sessions: Int = Limits.sessionsHeld) {
        self.accounts = accounts
        self.sessions = sessions
    }
}

extension LiveConfiguration {
    /// The features of a demand that have meters.
    fileprivate func consumedFeatures(in demand: MeterDemand) -> [Feature] {
        func consumed(_ id: String) -> Feature? {
            configuration.features[id].flatMap { $0.kind.isConsumed ? $0 : nil }
        }
        return switch demand {
        case .none, .keys: []
        case .feature(let id): consumed(id).map { [$0] } ?? []
        case .features(let ids): ids.compactMap(consumed)
        case .all: features.filter(\.kind.isConsumed)
        }
    }
}
