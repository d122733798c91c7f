import Harness

/// Checks at 64 connections while changes are committed at a steady pace, triggers and all.
struct Writers {
    private static let connections = 64
    /// Sessions that write; one commits up to some 2,000 changes a second.
    private static let clients = 4
    /// The writers start before the load and outlast it by about as much.
    private static let margin = 1
    let world: World
    let service: UsherService

    func run() throws -> [WriterFigures] {
        try world.plan.changesASecond.map(figures)
    }

    private func figures(_ asked: Int) throws -> WriterFigures {
        var quiet: [LoadSample] = []
        var busy: [LoadSample] = []
        var rates: [Double] = []
        for round in 0..<world.plan.rounds {
            quiet.append(try checks(round))
            let writer = try world.pgbench(
                world.scripts.change,
                clients: Self.clients,
                seconds: world.plan.seconds + 2 * Self.margin,
                rate: asked
            )
            busy.append(try checks(round))
            rates.append(try PgbenchOutput.sample(try writer.finish()).perSecond)
        }
        guard let quiet = LoadSample.median(of: quiet), let busy = LoadSample.median(of: busy)
        else {
            throw BenchmarkError("a plan has at least one round")
        }
        world.progress.say("  \(asked) changes/s: \(Format.rate(busy.perSecond)) checks/s")
        return WriterFigures(
            changesAsked: asked,
            changesASecond: rates.median ?? 0,
            quiet: quiet,
            busy: busy
        )
    }

    private func checks(_ turn: Int) throws -> LoadSample {
        try world.checks(service, connections: Self.connections, turn: turn)
    }
}
