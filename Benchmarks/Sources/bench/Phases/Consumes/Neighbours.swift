import Harness

/// Consumes of other accounts, alone and with a hot account beside them.
struct Neighbours {
    private static let connections = 16
    private static let hotConnections = 64
    /// The hot account starts before the others and outlasts them by about as much.
    private static let margin = 1
    let world: World
    let service: UsherService
    let subject: ConsumeSubject
    let tally: Tally

    func run() throws -> NeighbourFigures {
        var quiet: [LoadSample] = []
        var busy: [LoadSample] = []
        var hot: [LoadSample] = []
        for round in 0..<world.plan.rounds {
            quiet += try verified("others alone", inFlight: Self.connections) {
                [try others(round)]
            }
            let both = try verified(
                "others beside the hot account",
                inFlight: Self.connections + Self.hotConnections
            ) {
                let hot = try hotAccount(round)
                return [try others(round), try hot.sample()]
            }
            busy.append(both[0])
            hot.append(both[1])
        }
        guard let quiet = LoadSample.median(of: quiet), let busy = LoadSample.median(of: busy),
            let hot = LoadSample.median(of: hot)
        else { throw BenchmarkError("a plan has at least one round") }
        world.progress.say(
            "  p99 \(Format.milliseconds(quiet.p99Milliseconds)) ms alone, "
                + "\(Format.milliseconds(busy.p99Milliseconds)) ms beside"
        )
        return NeighbourFigures(quiet: quiet, busy: busy, hot: hot)
    }

    private func others(_ turn: Int) throws -> LoadSample {
        try world.wrk.send(
            subject.random,
            port: service.port,
            connections: Self.connections,
            seconds: world.plan.seconds,
            turn: turn
        )
    }

    private func hotAccount(_ turn: Int) throws -> Wrk.Running {
        try world.wrk.started(
            subject.hot,
            as: "wrk-hot",
            port: service.port,
            connections: Self.hotConnections,
            seconds: world.plan.seconds + 2 * Self.margin,
            turn: turn
        )
    }

    private func verified(
        _ words: String,
        inFlight: Int,
        _ loads: () throws -> [LoadSample]
    ) throws -> [LoadSample] {
        try tally.verified(words, ConsumeSubject.feature, inFlight: inFlight, loads)
    }
}
