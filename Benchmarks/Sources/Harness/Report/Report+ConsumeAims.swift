extension Report {
    /// Aims for what is consumed, against the best that pgbench does with any number of clients.
    var consumeAims: [Aim] {
        [
            Aim(
                "hot counter, 64 connections, against pgbench's best",
                atLeast: 10,
                ratioToBest(.consumeHot),
                Format.ratio
            ),
            Aim(
                "random counters, 64 connections, against pgbench's best",
                atLeast: 2,
                ratioToBest(.consume),
                Format.ratio
            ),
            Aim(
                "hot counter, 64 connections, against nginx",
                atLeast: 0.35,
                ratio(.consumeHot, to: .nginxConsume),
                Format.ratio
            ),
            Aim(
                "random counters, 64 connections, against nginx",
                atLeast: 0.35,
                ratio(.consume, to: .nginxConsume),
                Format.ratio
            ),
            latencyAim("hot counter, 64 connections, p99 (ms)", .consumeHot),
            latencyAim("random counters, 64 connections, p99 (ms)", .consume),
            neighbourAim, countAim,
        ]
    }

    /// The update of pgbench that stands for an app's own counting of the same kind, at its best.
    package func bestUpdate(for target: Load.Target) -> LoadSample? {
        let update: Load.Target = target == .consumeHot ? .counterHot : .counterRandom
        return rows(of: update).map(\.1).max { $0.perSecond < $1.perSecond }
    }

    /// Consumes against that.
    package func ratioToBest(_ target: Load.Target, connections: Int = 64) -> Double? {
        guard let consume = loads[Load(target, connections)],
            let best = bestUpdate(for: target), best.perSecond > 0
        else { return nil }
        return consume.perSecond / best.perSecond
    }

    private func latencyAim(_ words: String, _ target: Load.Target) -> Aim {
        Aim(
            words,
            under: 10,
            loads[Load(target, 64)]?.p99Milliseconds,
            Format.milliseconds
        )
    }

    /// A hot account may cost the others half as much again, or what stays under ten milliseconds.
    private var neighbourAim: Aim {
        let quiet = neighbours?.quiet.p99Milliseconds ?? 0
        return Aim(
            "p99 of others at 16 connections beside a hot account (ms)",
            under: max(1.5 * quiet, 10),
            neighbours?.busy.p99Milliseconds,
            Format.milliseconds
        )
    }

    private var countAim: Aim {
        let unexplained = counts.map(\.unexplained).reduce(0, +)
        return Aim(
            "units lost, or counted and not asked for",
            under: 1,
            counts.isEmpty ? nil : Double(unexplained)
        ) { $0.map { Format.fixed($0, 0) } ?? Format.nothing }
    }
}
