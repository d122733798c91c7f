import Entitlements

/// Where a barrier stood: only the same server in the same life can say what came after it.
struct BarrierPosition: Equatable {
    let token: String
    let snapshot: String
}

/// A key that was committed since the previous barrier.
enum FeedChange: Equatable {
    case everything
    case configuration
    case account(id: String, revision: Int64)
    case session(id: String, account: String, revision: Int64, at: Instant)
}

/// What one barrier read returned, all of it as of one snapshot.
struct Barrier {
    /// Rows that waiting checks need and memory did not hold.
    struct Loaded {
        var configuration: LiveConfiguration?
        var accounts: [String: Account] = [:]
        var sessions: [String: Session] = [:]
        /// Those that there are of the meters that were asked for.
        var meters: [MeterKey: Meter] = [:]
        /// Meters that this program cannot read: what was counted there is not nothing.
        var closedMeters: Set<MeterKey> = []
        /// Rows that this program cannot read, and went without.
        var unreadable = 0
    }

    let position: BarrierPosition
    /// The server's clock, read after the snapshot was taken.
    let at: Instant
    /// Whether the feed still reaches back to the position that was asked about.
    let feedReachesBack: Bool
    let changes: [FeedChange]
    var loaded = Loaded()

    /// Whether `changes` is all that happened since `previous`.
    func continues(_ previous: BarrierPosition?) -> Bool {
        previous?.token == position.token && feedReachesBack
    }
}

/// What a barrier has to load: keys that memory does not hold.
struct BarrierNeeds: Equatable {
    var configuration = false
    var accounts: Set<String> = []
    var sessions: Set<String> = []
    /// Meters are not held: they change with every use, and a check reads them as they are.
    var meters: Set<MeterKey> = []

    /// Whether no rows are needed but those that come with the barrier itself.
    var isEmpty: Bool { !configuration && accounts.isEmpty && sessions.isEmpty }
    var count: Int { accounts.count + sessions.count + meters.count }
}
