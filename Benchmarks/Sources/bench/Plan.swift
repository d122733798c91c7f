import ArgumentParser
import Harness

/// What a run may be narrowed to.
enum Part: String, CaseIterable, ExpressibleByArgument {
    case check, consume
}

/// How much one run measures.
///
/// The bounds keep `make bench` to some minutes, and a quick look to about one.
struct Plan {
    let sessions: Int
    let accounts: Int
    /// Each figure is the median of so many rounds; odd, so that it is one of them.
    let rounds: Int
    /// Seconds of load in one round; wrk takes whole ones.
    let seconds: Int
    /// Changes probed in each way, and the longest time for them.
    let probes: Int
    let probeTime: Duration

    static let full = Plan(
        sessions: 1_000_000,
        accounts: 100_000,
        rounds: 3,
        seconds: 2,
        probes: 1_000,
        probeTime: .seconds(4)
    )
    static let quick = Plan(
        sessions: 100_000,
        accounts: 10_000,
        rounds: 1,
        seconds: 1,
        probes: 200,
        probeTime: .seconds(1)
    )

    /// What the aims speak of.
    let connections = [1, 16, 64, 256]
    let changesASecond = [100, 1_000]
    let pgbenchClients = [1, 4, 16]
    let consumeConnections = [16, 64, 256]
    /// pgbench is at its best with few clients on one row and with more on many.
    let counterClients = [1, 4, 16, 40, 64]
    /// Bodies in one file: wrk's Lua holds them all as requests, some 400 bytes each.
    let bodiesAFile = 200_000
    /// The share of everything that the bounded service may hold: one in so many.
    let boundedShare = 10
    /// Features checked or consumed one by one, to see what is answered.
    let samples = 500
    /// The account that many consume from at once; its plan, enterprise, refuses nothing.
    static let hotAccount = 13
    /// Requests of the hot account in its file, which its sessions share.
    let hotRequests = 20_000
}
