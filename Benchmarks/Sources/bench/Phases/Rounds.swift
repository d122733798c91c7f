import Foundation
import Harness

/// Checks and what they are compared with.
struct Rounds {
    let world: World
    let service: UsherService
    let baselines: Baselines

    /// The median of each load over all rounds.
    func run() throws -> [Load: LoadSample] {
        try Turns(world: world, loads: loads).medians(measure)
    }

    /// Checks and their baselines take turns at each width.
    private var loads: [Load] {
        let plan = world.plan
        let http = plan.connections.flatMap {
            [Load(.nginx, $0), Load(.check, $0), Load(.hummingbird, $0)]
        }
        let fixed = [Load(.nginxGet, 64), Load(.redis, 64)]
        let reads = plan.pgbenchClients.flatMap {
            [Load(.pgbenchRows, $0), Load(.pgbenchNarrow, $0)]
        }
        return http + fixed + reads
    }

    private func measure(_ load: Load, turn: Int) throws -> LoadSample {
        let connections = load.connections
        switch load.target {
        case .check: return try world.checks(service, connections: connections, turn: turn)
        case .nginx: return try baselines.nginx(connections: connections, turn: turn)
        case .nginxGet: return try baselines.nginxGet(connections: connections)
        case .hummingbird: return try baselines.hummingbird(connections: connections)
        case .redis: return try baselines.redis(connections: connections)
        case .pgbenchRows:
            return try world.pgbench(world.scripts.readRows, clients: connections)
        case .pgbenchNarrow:
            return try world.pgbench(world.scripts.readNarrow, clients: connections)
        default: throw BenchmarkError("\(load) has no turn among checks")
        }
    }
}

extension World {
    /// Checks of random sessions, with the CPU of service and Postgres; of these, or of all kinds.
    func checks(
        _ service: UsherService,
        _ requests: Requests? = nil,
        connections: Int,
        turn: Int
    ) throws -> LoadSample {
        let before = try service.barrierReads()
        var sample = try CPUMeter(service, cluster)
            .measure {
                try wrk.send(
                    requests ?? wrk.checks,
                    port: service.port,
                    connections: connections,
                    seconds: plan.seconds,
                    turn: turn
                )
            }
        let reads = try service.barrierReads() - before
        sample.checksARead = reads > 0 ? Double(sample.answers) / reads : nil
        return sample
    }

    /// One of pgbench's scripts without a pause, with the CPU of Postgres.
    func pgbench(_ script: URL, clients: Int) throws -> LoadSample {
        try CPUMeter(readings: ["postgres": { cluster.cpu }])
            .measure {
                try PgbenchOutput.sample(
                    try pgbench(script, clients: clients, seconds: plan.seconds).finish()
                )
            }
    }
}
