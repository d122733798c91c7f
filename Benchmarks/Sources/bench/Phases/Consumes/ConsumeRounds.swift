import Foundation
import Harness

/// Consumes and what they are compared with.
struct ConsumeRounds {
    let world: World
    let service: UsherService
    let nginx: Nginx
    let subject: ConsumeSubject
    let tally: Tally

    /// The median of each load over all rounds.
    func run() throws -> [Load: LoadSample] {
        try Turns(world: world, loads: loads).medians(measure)
    }

    private var loads: [Load] {
        let plan = world.plan
        let http = plan.consumeConnections.flatMap {
            [Load(.nginxConsume, $0), Load(.consume, $0), Load(.consumeHot, $0)]
        }
        let updates = plan.counterClients.flatMap {
            [Load(.counterRandom, $0), Load(.counterHot, $0)]
        }
        return http + updates
    }

    private func measure(_ load: Load, turn: Int) throws -> LoadSample {
        switch load.target {
        case .consume: return try consumes(subject.random, load, turn: turn)
        case .consumeHot: return try consumes(subject.hot, load, turn: turn)
        case .nginxConsume: return try answers(load, turn: turn)
        case .counterRandom: return try updates(world.scripts.countRandom, load)
        case .counterHot: return try updates(world.scripts.countHot, load)
        default: throw BenchmarkError("\(load) has no turn among consumes")
        }
    }

    private func consumes(_ requests: Requests, _ load: Load, turn: Int) throws -> LoadSample {
        try verified(load, ConsumeSubject.feature, inFlight: load.connections) {
            try CPUMeter(service, world.cluster)
                .measure {
                    try world.wrk.send(
                        requests,
                        port: service.port,
                        connections: load.connections,
                        seconds: world.plan.seconds,
                        turn: turn
                    )
                }
        }
    }

    /// The requests of a consume, answered with as many bytes and no thought.
    private func answers(_ load: Load, turn: Int) throws -> LoadSample {
        try CPUMeter("nginx", of: nginx.child.pid)
            .measure {
                try world.wrk.send(
                    subject.random,
                    port: nginx.port,
                    connections: load.connections,
                    seconds: world.plan.seconds,
                    turn: turn
                )
            }
    }

    /// pgbench ends its last transactions before it ends itself: nothing is in flight.
    private func updates(_ script: URL, _ load: Load) throws -> LoadSample {
        try verified(load, ConsumeSubject.pgbenchFeature, inFlight: 0) {
            try world.pgbench(script, clients: load.connections)
        }
    }

    private func verified(
        _ load: Load,
        _ feature: String,
        inFlight: Int,
        _ measure: () throws -> LoadSample
    ) throws -> LoadSample {
        let samples = try tally.verified("\(load)", feature, inFlight: inFlight) {
            [try measure()]
        }
        return samples[0]
    }
}
