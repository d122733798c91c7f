import Harness

/// The service with room for a tenth of everything: throughput beside nginx, and memory.
struct Bounded {
    private static let connections = 64
    let world: World
    let baselines: Baselines

    func run() throws -> (loads: [Load: LoadSample], memory: MemoryFigures) {
        let share = world.plan.boundedShare
        let held = (sessions: world.plan.sessions / share, accounts: world.plan.accounts / share)
        let service = try UsherService("usher-bounded", world.settings, held: held)
        defer { service.child.stop() }
        let memory = try MemorySweep(world: world, service: service, held: held).run()
        var checks: [LoadSample] = []
        for round in 0..<world.plan.rounds {
            checks.append(try world.checks(service, connections: Self.connections, turn: round))
        }
        guard let median = LoadSample.median(of: checks) else {
            throw BenchmarkError("a plan has at least one round")
        }
        world.progress.say("  \(Format.rate(median.perSecond)) checks/s")
        return ([Load(.boundedCheck, Self.connections): median], memory)
    }
}
