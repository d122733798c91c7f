/// One promise of speed, and whether this run kept it.
package struct Aim: Sendable, Codable, Equatable {
    package enum Outcome: String, Sendable, Codable {
        case met, missed
        /// The run did not measure it.
        case unmeasured
    }

    package let what: String
    package let wanted: String
    package let reached: String
    package let outcome: Outcome

    init(_ what: String, atLeast bound: Double, _ value: Double?, _ format: (Double?) -> String) {
        self.what = what
        wanted = "≥ \(format(bound))"
        reached = format(value)
        outcome = value.map { $0 >= bound ? .met : .missed } ?? .unmeasured
    }

    init(_ what: String, under bound: Double, _ value: Double?, _ format: (Double?) -> String) {
        self.what = what
        wanted = "< \(format(bound))"
        reached = format(value)
        outcome = value.map { $0 < bound ? .met : .missed } ?? .unmeasured
    }
}

extension Report {
    /// Every aim that the product has for its speed, each against the strictest baseline there is.
    package var aims: [Aim] {
        let check = loads[Load(.check, 64)]
        return [
            Aim(
                "64 connections, against nginx",
                atLeast: 0.6,
                ratio(.check, to: .nginx),
                Format.ratio
            ),
            Aim(
                "64 connections, against redis",
                atLeast: 0.75,
                ratio(.check, to: .redis),
                Format.ratio
            ),
            Aim(
                "64 connections, against pgbench's best",
                atLeast: 1.5,
                ratioToPgbench,
                Format.ratio
            ),
            Aim("64 connections, p99 (ms)", under: 3, check?.p99Milliseconds, Format.milliseconds),
            Aim(
                "CPU a check, service and Postgres (µs)",
                under: 20,
                check?.totalCPUMicroseconds,
                Format.microseconds
            ),
            Aim(
                "one check alone, median (ms)",
                under: 0.3,
                loads[Load(.check, 1)]?.p50Milliseconds,
                Format.milliseconds
            ),
        ] + memoryAims + [freshnessAim] + consumeAims
    }

    /// Checks against another load of as many connections.
    package func ratio(
        _ target: Load.Target,
        to baseline: Load.Target,
        connections: Int = 64
    ) -> Double? {
        guard let value = loads[Load(target, connections)]?.perSecond,
            let base = loads[Load(baseline, connections)]?.perSecond, base > 0
        else { return nil }
        return value / base
    }

    /// The fastest of pgbench's runs, whatever it read and with however many clients.
    package var pgbenchBest: LoadSample? {
        loads.filter { [.pgbenchRows, .pgbenchNarrow].contains($0.key.target) }.values
            .max { $0.perSecond < $1.perSecond }
    }

    private var ratioToPgbench: Double? {
        guard let check = loads[Load(.check, 64)], let best = pgbenchBest else { return nil }
        return check.perSecond / best.perSecond
    }

    /// A tenth of everything may take a tenth of what everything may, beside the empty service.
    private var memoryAims: [Aim] {
        let mebibyte = 1_048_576.0
        let format: (Double?) -> String = { $0.map { Format.fixed($0, 0) } ?? Format.nothing }
        let bounded = boundedMemory.map { Double($0.peakBytes - $0.emptyBytes) / mebibyte }
        return [
            Aim(
                "memory with everything held, peak (MiB)",
                under: 400,
                memory.map { Double($0.peakBytes) / mebibyte },
                format
            ),
            Aim("memory with a bound of 10%, above empty (MiB)", under: 40, bounded, format),
        ]
    }

    private var freshnessAim: Aim {
        let violations = freshness.map(\.violations).reduce(0, +)
        let format: (Double?) -> String = { $0.map { Format.fixed($0, 0) } ?? Format.nothing }
        return Aim(
            "changes that the next check did not show",
            under: 1,
            freshness.isEmpty ? nil : Double(violations),
            format
        )
    }
}
