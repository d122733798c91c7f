extension Report {
    /// The tables of what is consumed, in the order in which one asks.
    var consumeTables: [Table] {
        [consumeTable, updateTable, neighbourTable, meteredTable, countTable]
    }

    private var consumeTable: Table {
        Table(
            "Durable consumes over HTTP, as multiples of the baselines",
            columns: [
                "what", "connections", "× pgbench's best", "× nginx", "consumes/s", "p50 ms",
                "p99 ms", "µs service", "µs Postgres", "consumes a transaction",
            ],
            rows: [Load.Target.consume, .consumeHot]
                .flatMap { target in
                    rows(of: target)
                        .map { connections, sample in
                            [
                                target.words,
                                "\(connections)",
                                Format.ratio(ratioToBest(target, connections: connections)),
                                Format.ratio(
                                    ratio(target, to: .nginxConsume, connections: connections)
                                ),
                            ] + cells(sample)
                                + [
                                    sample.answersATransaction.map { Format.fixed($0, 0) }
                                        ?? Format.nothing
                                ]
                        }
                }
        )
    }

    private var updateTable: Table {
        let targets: [Load.Target] = [.nginxConsume, .counterRandom, .counterHot]
        return Table(
            "What consumes are compared with",
            columns: ["what", "connections", "a second", "p50 ms", "p99 ms", "µs CPU"],
            rows: targets.flatMap { target in
                rows(of: target)
                    .map { connections, sample in
                        [
                            target.words,
                            "\(connections)",
                            Format.rate(sample.perSecond),
                            Format.milliseconds(sample.p50Milliseconds),
                            Format.milliseconds(sample.p99Milliseconds),
                            Format.microseconds(sample.totalCPUMicroseconds),
                        ]
                    }
            }
        )
    }

    private var neighbourTable: Table {
        let rows = neighbours.map { [("alone", $0.quiet), ("hot account at 64", $0.busy)] } ?? []
        let quiet = neighbours?.quiet.p99Milliseconds
        return Table(
            "Consumes of other accounts at 16 connections",
            columns: ["beside", "consumes/s", "p50 ms", "p99 ms", "p99 × alone"],
            rows: rows.map { words, sample in
                let ratio = quiet.flatMap { quiet in sample.p99Milliseconds.map { $0 / quiet } }
                return [
                    words,
                    Format.rate(sample.perSecond),
                    Format.milliseconds(sample.p50Milliseconds),
                    Format.milliseconds(sample.p99Milliseconds),
                    Format.ratio(ratio),
                ]
            }
        )
    }

    private var meteredTable: Table {
        Table(
            "Strict checks at 64 connections, without and with a live counter",
            columns: [
                "what", "× without", "checks/s", "p50 ms", "p99 ms", "µs service", "µs Postgres",
                "checks a read",
            ],
            rows: [Load.Target.plainCheck, .meteredCheck]
                .flatMap { target in
                    rows(of: target)
                        .map { connections, sample in
                            [
                                target.words,
                                Format.ratio(
                                    ratio(target, to: .plainCheck, connections: connections)
                                ),
                            ] + cells(sample)
                                + [
                                    sample.checksARead.map { Format.fixed($0, 0) }
                                        ?? Format.nothing
                                ]
                        }
                }
        )
    }

    private var countTable: Table {
        Table(
            "Units acknowledged and units counted",
            columns: ["load", "acknowledged", "counted", "cut off, at most", "unexplained"],
            rows: counts.map { figures in
                [
                    figures.what, "\(figures.acknowledged)", "\(figures.counted)",
                    "\(figures.inFlight)", "\(figures.unexplained)",
                ]
            }
        )
    }

    private func cells(_ sample: LoadSample) -> [String] {
        [
            Format.rate(sample.perSecond),
            Format.milliseconds(sample.p50Milliseconds),
            Format.milliseconds(sample.p99Milliseconds),
            Format.microseconds(sample.cpuMicroseconds["service"]),
            Format.microseconds(sample.cpuMicroseconds["postgres"]),
        ]
    }
}
