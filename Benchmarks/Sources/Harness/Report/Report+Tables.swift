extension Report {
    /// The tables, in the order in which one asks.
    package var tables: [Table] {
        ([aimTable, checkTable, baselineTable, writerTable, freshnessTable, memoryTable]
            + consumeTables)
            .filter { !$0.rows.isEmpty }
    }

    private var aimTable: Table {
        Table(
            "Aims",
            columns: ["aim", "wanted", "reached", "outcome"],
            rows: aims.map { [$0.what, $0.wanted, $0.reached, $0.outcome.rawValue] }
        )
    }

    private var checkTable: Table {
        Table(
            "Strict checks over HTTP, as multiples of the baselines",
            columns: [
                "connections", "× nginx", "× Hummingbird", "× redis", "× pgbench", "checks/s",
                "p50 ms", "p99 ms", "µs service", "µs Postgres", "checks a read",
            ],
            rows: rows(of: .check)
                .map { connections, sample in
                    [
                        "\(connections)",
                        Format.ratio(ratio(.check, to: .nginx, connections: connections)),
                        Format.ratio(ratio(.check, to: .hummingbird, connections: connections)),
                        Format.ratio(ratio(.check, to: .redis, connections: connections)),
                        Format.ratio(pgbenchBest.map { sample.perSecond / $0.perSecond }),
                        Format.rate(sample.perSecond),
                        Format.milliseconds(sample.p50Milliseconds),
                        Format.milliseconds(sample.p99Milliseconds),
                        Format.microseconds(sample.cpuMicroseconds["service"]),
                        Format.microseconds(sample.cpuMicroseconds["postgres"]),
                        sample.checksARead.map { Format.fixed($0, 0) } ?? Format.nothing,
                    ]
                }
        )
    }

    private var baselineTable: Table {
        let targets: [Load.Target] = [
            .boundedCheck, .nginx, .nginxGet, .hummingbird, .redis, .pgbenchRows, .pgbenchNarrow,
        ]
        return Table(
            "Baselines and variants; checks of as many connections divided by them, else of 64",
            columns: [
                "what", "connections", "checks ÷ it", "a second", "p50 ms", "p99 ms", "µs CPU",
            ],
            rows: targets.flatMap { target in
                rows(of: target)
                    .map { connections, sample in
                        let check = loads[Load(.check, target.isHTTP ? connections : 64)]
                        return [
                            target.words,
                            "\(connections)",
                            Format.ratio(check.map { $0.perSecond / sample.perSecond }),
                            Format.rate(sample.perSecond),
                            Format.milliseconds(sample.p50Milliseconds),
                            Format.milliseconds(sample.p99Milliseconds),
                            sample.cpuMicroseconds.isEmpty
                                ? Format.nothing : Format.microseconds(sample.totalCPUMicroseconds),
                        ]
                    }
            }
        )
    }

    private var writerTable: Table {
        Table(
            "Checks at 64 connections beside acknowledged changes",
            columns: [
                "changes/s asked", "acknowledged/s", "× without changes", "checks/s", "p50 ms",
                "p99 ms",
            ],
            rows: writers.map { figures in
                [
                    "\(figures.changesAsked)",
                    Format.rate(figures.changesASecond),
                    Format.ratio(figures.busy.perSecond / figures.quiet.perSecond),
                    Format.rate(figures.busy.perSecond),
                    Format.milliseconds(figures.busy.p50Milliseconds),
                    Format.milliseconds(figures.busy.p99Milliseconds),
                ]
            }
        )
    }

    private var freshnessTable: Table {
        Table(
            "From an acknowledged change to the changed answer",
            columns: [
                "change", "checking meanwhile", "changes", "not shown at once", "effect p50 ms",
                "effect p99 ms", "change p50 ms",
            ],
            rows: freshness.map { figures in
                [
                    figures.change,
                    figures.connections == 0 ? "nobody" : "\(figures.connections) connections",
                    "\(figures.changes)",
                    "\(figures.violations)",
                    Format.milliseconds(figures.effectP50Milliseconds),
                    Format.milliseconds(figures.effectP99Milliseconds),
                    Format.milliseconds(figures.changeP50Milliseconds),
                ]
            }
        )
    }

    private var memoryTable: Table {
        Table(
            "Memory of the service, MiB",
            columns: ["may hold", "empty", "after every session", "peak"],
            rows: [memory, boundedMemory].compactMap { $0 }
                .map { figures in
                    [
                        "\(figures.sessionsHeld) sessions, \(figures.accountsHeld) accounts",
                        Format.mebibytes(figures.emptyBytes),
                        Format.mebibytes(figures.fullBytes),
                        Format.mebibytes(figures.peakBytes),
                    ]
                }
        )
    }

    func rows(of target: Load.Target) -> [(Int, LoadSample)] {
        loads.filter { $0.key.target == target }.map { ($0.key.connections, $0.value) }
            .sorted { $0.0 < $1.0 }
    }
}

extension Load.Target {
    fileprivate var isHTTP: Bool {
        switch self {
        case .redis, .pgbenchRows, .pgbenchNarrow, .counterRandom, .counterHot: false
        default: true
        }
    }

    var words: String {
        switch self {
        case .check: "strict check"
        case .boundedCheck: "strict check, a tenth held"
        case .nginx: "nginx return 200, the same requests"
        case .nginxGet: "nginx return 200, bare GET"
        case .hummingbird: "Hummingbird hello world"
        case .redis: "redis GET of 1 KB, not pipelined"
        case .pgbenchRows: "pgbench, the rows of a check"
        case .pgbenchNarrow: "pgbench, session and revision"
        case .consume: "consume, random counters"
        case .consumeHot: "consume, one hot counter"
        case .nginxConsume: "nginx return 200, the same requests"
        case .counterRandom: "pgbench, update of a random counter"
        case .counterHot: "pgbench, update of the hot counter"
        case .plainCheck: "strict check, nothing counted"
        case .meteredCheck: "strict check, with its counter"
        }
    }
}
