import Harness

/// Alternating rounds: in each one every load has its turn, so that a slow minute of the machine
/// falls on all of them.
struct Turns {
    let world: World
    let loads: [Load]

    /// The median of each load over all rounds; every second round runs backwards.
    func medians(
        _ measure: (_ load: Load, _ turn: Int) throws -> LoadSample
    ) throws -> [Load: LoadSample] {
        var samples: [Load: [LoadSample]] = [:]
        for round in 0..<world.plan.rounds {
            world.progress.say("round \(round + 1) of \(world.plan.rounds)")
            for load in round.isMultiple(of: 2) ? loads : loads.reversed() {
                let sample = try measure(load, round)
                samples[load, default: []].append(sample)
                world.progress.say("  \(load): \(Format.rate(sample.perSecond))/s")
            }
        }
        return samples.compactMapValues(LoadSample.median)
    }
}
