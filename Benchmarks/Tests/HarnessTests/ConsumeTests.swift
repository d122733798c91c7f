@testable import Harness
import Testing

@Suite struct `What was acknowledged and what was counted` {
    @Test(
        arguments: [
            (100, 100, 0, 0), (100, 99, 0, 1), (100, 101, 0, 1), (100, 99, 64, 1),
            (100, 164, 64, 0), (100, 165, 64, 1),
        ] as [(Int, Int, Int, Int)]
    )
    func `may differ by what was cut off, and to one side only`(
        acknowledged: Int,
        counted: Int,
        inFlight: Int,
        unexplained: Int
    ) {
        let figures = CountFigures(
            what: "x",
            acknowledged: acknowledged,
            counted: counted,
            inFlight: inFlight
        )
        #expect(figures.unexplained == unexplained)
    }

    @Test func `one run's surplus does not make up for another's loss`() {
        var figures = CountFigures(what: "x", acknowledged: 100, counted: 98, inFlight: 16)
        figures.add(CountFigures(what: "x", acknowledged: 100, counted: 110, inFlight: 16))
        #expect(figures.acknowledged == 200)
        #expect(figures.counted == 208)
        #expect(figures.inFlight == 32)
        #expect(figures.unexplained == 2)
    }
}

@Suite struct `A report of consumes` {
    private var report: Report {
        var report = Report(
            machine: .init(processor: "test", cores: 2, memoryBytes: 1 << 30),
            sessions: 10,
            accounts: 2
        )
        var random = LoadSample(perSecond: 30_000, p99Milliseconds: 4, answers: 1)
        random.answersATransaction = 31
        random.cpuMicroseconds = ["service": 20, "postgres": 10]
        report.loads = [
            Load(.consume, 64): random,
            Load(.consumeHot, 64): LoadSample(
                perSecond: 45_000,
                p99Milliseconds: 11,
                answers: 1
            ),
            Load(.nginxConsume, 64): LoadSample(perSecond: 90_000, answers: 1),
            Load(.counterRandom, 4): LoadSample(perSecond: 9_000, answers: 1),
            Load(.counterRandom, 16): LoadSample(perSecond: 16_000, answers: 1),
            Load(.counterHot, 1): LoadSample(perSecond: 4_000, answers: 1),
            Load(.counterHot, 16): LoadSample(perSecond: 2_000, answers: 1),
            Load(.plainCheck, 64): LoadSample(perSecond: 60_000, answers: 1),
            Load(.meteredCheck, 64): LoadSample(perSecond: 30_000, answers: 1),
        ]
        return report
    }

    private func aim(_ words: String, in report: Report) throws -> Aim {
        try #require(report.aims.first { $0.what.contains(words) })
    }

    private func table(_ words: String, in report: Report) throws -> Table {
        try #require(report.tables.first { $0.title.contains(words) })
    }

    @Test(
        arguments: [
            ("hot counter, 64 connections, against pgbench", "11.25", .met),
            ("random counters, 64 connections, against pgbench", "1.88", .missed),
            ("hot counter, 64 connections, against nginx", "0.50", .met),
            ("random counters, 64 connections, against nginx", "0.33", .missed),
            ("hot counter, 64 connections, p99", "11.0", .missed),
            ("random counters, 64 connections, p99", "4.00", .met),
            ("beside a hot account", "–", .unmeasured),
            ("units lost", "–", .unmeasured),
        ] as [(String, String, Aim.Outcome)]
    )
    func `holds each against pgbench's best of its own kind`(
        words: String,
        reached: String,
        outcome: Aim.Outcome
    ) throws {
        let aim = try aim(words, in: report)
        #expect(aim.reached == reached)
        #expect(aim.outcome == outcome)
    }

    @Test(
        arguments: [
            (2, 9.9, .met), (2, 10.1, .missed), (20, 29, .met), (20, 31, .missed),
        ] as [(Double, Double, Aim.Outcome)]
    )
    func `lets a hot account cost half as much again, or ten milliseconds`(
        quiet: Double,
        busy: Double,
        outcome: Aim.Outcome
    ) throws {
        let samples = [quiet, busy]
            .map { LoadSample(perSecond: 1, p99Milliseconds: $0, answers: 1) }
        var report = report
        report.neighbours =
            NeighbourFigures(quiet: samples[0], busy: samples[1], hot: samples[1])
        #expect(try aim("beside a hot account", in: report).outcome == outcome)
        let rows = try table("other accounts", in: report).rows
        #expect(rows.map { $0[0] } == ["alone", "hot account at 64"])
    }

    @Test(arguments: [(50, true), (49, false)])
    func `breaks its promise by one lost unit`(counted: Int, isKept: Bool) throws {
        var report = report
        report.counts = [
            CountFigures(what: "x", acknowledged: 50, counted: counted, inFlight: 9)
        ]
        #expect(report.keepsPromises == isKept)
        #expect(try aim("units lost", in: report).outcome == (isKept ? .met : .missed))
    }

    @Test func `puts ratios first, and no consume among the checks`() throws {
        let consumes = try table("Durable consumes", in: report)
        #expect(
            consumes.rows.first == [
                "consume, random counters", "64", "1.88", "0.33", "30.0k", "–", "4.00", "20.0",
                "10.0", "31",
            ]
        )
        #expect(try table("live counter", in: report).rows.map { $0[1] } == ["1.00", "0.50"])
        #expect(report.tables.allSatisfy { !$0.title.hasPrefix("Baselines") })
    }

    @Test func `says what the database promises of a commit`() {
        var report = report
        report.durability = Durability(
            settings: ["synchronous_commit": "on", "fsync": "on"],
            flushMicroseconds: 212.4
        )
        let words = "Postgres: fsync on, synchronous_commit on; 8 KiB are on the disk in 212 µs."
        #expect(report.text.contains(words))
    }
}
