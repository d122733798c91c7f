import Harness

/// Alternating rounds: in each one every load has its turn, so that a slow minute of the machine
/// falls on all of them.
struct Rounds {
    let world: World
    let service: UsherService
    let baselines: Baselines

    /// The median of each load over all rounds.
    func run() throws -> [Load: LoadSample] {
        var samples: [Load: [LoadSample]] = [:]
        for round in 0..<world.plan.rounds {
            world.progress.say("round \(round + 1) of \(world.plan.rounds)")
            for load in order(round) {
                let sample = try measure(load, turn: round)
                samples[load, default: []].append(sample)
                world.progress.say("  \(load): \(Format.rate(sample.perSecond))/s")
            }
        }
        return samples.compactMapValues(LoadSample.median)
    }

    /// Checks and their baselines take turns at each width; every second round runs backwards.
    private func order(_ round: Int) -> [Load] {
        let plan = world.plan
        let http = plan.connections.flatMap {
            [Load(.nginx, $0), Load(.check, $0), Load(.hummingbird, $0)]
        }
        let fixed = [Load(.nginxGet, 64), Load(.redis, 64)]
        let reads = plan.pgbenchClients.flatMap {
            [Load(.pgbenchRows, $0), Load(.pgbenchNarrow, $0)]
        }
        let all = http + fixed + reads
        return round.isMultiple(of: 2) ? all : all.reversed()
    }

    private func measure(_ load: Load, turn: Int) throws -> LoadSample {
        let connections = load.connections
        switch load.target {
        case .check, .boundedCheck:
            return try world.checks(service, connections: connections, turn: turn)
        case .nginx: return try baselines.nginx(connections: connections, turn: turn)
        case .nginxGet: return try baselines.nginxGet(connections: connections)
        case .hummingbird: return try baselines.hummingbird(connections: connections)
        case .redis: return try baselines.redis(connections: connections)
        case .pgbenchRows:
            return try baselines.pgbench(world.scripts.readRows, clients: connections)
        case .pgbenchNarrow:
            return try baselines.pgbench(world.scripts.readNarrow, clients: connections)
        }
    }
}

extension World {
    /// Checks of random sessions, with the CPU of service and Postgres.
    func checks(_ service: UsherService, connections: Int, turn: Int) throws -> LoadSample {
        let before = try service.barrierReads()
        var sample = try CPUMeter(service, cluster)
            .measure {
                try wrk.checks(
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
}
