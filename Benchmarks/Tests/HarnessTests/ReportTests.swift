@testable import Harness
import Testing

@Suite struct `A report` {
    private var report: Report {
        var report = Report(
            machine: .init(processor: "test", cores: 2, memoryBytes: 1 << 30),
            sessions: 10,
            accounts: 2
        )
        report.loads = [
            Load(.check, 1): LoadSample(perSecond: 6_000, p50Milliseconds: 0.15, answers: 1),
            Load(.check, 64): check,
            Load(.nginx, 64): LoadSample(perSecond: 90_000, answers: 1),
            Load(.redis, 64): LoadSample(perSecond: 80_000, answers: 1),
            Load(.pgbenchRows, 16): LoadSample(perSecond: 30_000, answers: 1),
            Load(.pgbenchNarrow, 4): LoadSample(perSecond: 40_000, answers: 1),
        ]
        return report
    }

    private var check: LoadSample {
        var sample = LoadSample(
            perSecond: 72_000,
            p50Milliseconds: 0.8,
            p99Milliseconds: 3.5,
            answers: 1
        )
        sample.cpuMicroseconds = ["service": 11, "postgres": 2]
        return sample
    }

    private func outcome(_ words: String, in report: Report) throws -> Aim.Outcome {
        try #require(report.aims.first { $0.what.contains(words) }).outcome
    }

    @Test func `aims are met, missed or unmeasured`() throws {
        #expect(try outcome("nginx", in: report) == .met)
        #expect(try outcome("redis", in: report) == .met)
        #expect(try outcome("p99", in: report) == .missed)
        #expect(try outcome("CPU", in: report) == .met)
        #expect(try outcome("alone", in: report) == .met)
        #expect(try outcome("everything held", in: report) == .unmeasured)
        #expect(try outcome("did not show", in: report) == .unmeasured)
    }

    @Test func `pgbench stands for the fastest of its runs`() throws {
        #expect(report.pgbenchBest?.perSecond == 40_000)
        let aim = try #require(report.aims.first { $0.what.contains("pgbench") })
        #expect(aim.reached == "1.80")
    }

    @Test(arguments: [(0, Aim.Outcome.met), (1, .missed)])
    func `one stale answer misses the aim`(violations: Int, outcome: Aim.Outcome) throws {
        var report = report
        report.freshness = [
            FreshnessFigures(
                change: "x",
                connections: 0,
                violations: violations,
                effectMilliseconds: [1],
                changeMilliseconds: [1]
            )
        ]
        #expect(try self.outcome("did not show", in: report) == outcome)
    }

    @Test(arguments: [(139, Aim.Outcome.met), (141, .missed)])
    func `a tenth held may take a tenth of the memory`(peak: Int, outcome: Aim.Outcome) throws {
        var report = report
        report.boundedMemory = MemoryFigures(
            sessionsHeld: 1,
            accountsHeld: 1,
            emptyBytes: 100 << 20,
            fullBytes: 120 << 20,
            peakBytes: peak << 20
        )
        #expect(try self.outcome("10%", in: report) == outcome)
    }

    @Test func `the ratio comes before the absolute figure`() throws {
        let table = try #require(report.tables.first { $0.title.hasPrefix("Strict checks") })
        let row = try #require(table.rows.last)
        #expect(Array(row[..<6]) == ["64", "0.80", "–", "0.90", "1.80", "72.0k"])
    }

    @Test func `new figures replace the old ones of a document and nothing else`() {
        let marked = "A\n<!-- figures of make bench -->\nold\n<!-- end of figures -->\nZ\n"
        let text = Report.replacing(figuresOf: marked, with: "new\n")
        #expect(text == marked.replacing("old", with: "new"))
        #expect(Report.replacing(figuresOf: "", with: "new\n") == "new\n")
    }

    @Test func `a ratio is of as many connections, where there are as many`() throws {
        var report = report
        report.loads[Load(.nginx, 1)] = LoadSample(perSecond: 60_000, answers: 1)
        let table = try #require(report.tables.first { $0.title.hasPrefix("Baselines") })
        #expect(table.rows.map { $0[2] } == ["0.10", "0.80", "0.90", "2.40", "1.80"])
    }

    @Test func `JSON names every load and says what was met`() throws {
        let text = String(decoding: try report.json, as: UTF8.self)
        #expect(text.contains(#""check@64""#))
        #expect(text.contains(#""outcome" : "missed""#))
    }
}

@Suite struct `A table` {
    private let table = Table(
        "T",
        columns: ["what", "n"],
        rows: [["longer word", "1"], ["x", "22"]]
    )

    @Test func `aligns words left and figures right`() {
        #expect(
            table.text.split(separator: "\n").suffix(2) == ["longer word   1", "x            22"]
        )
    }

    @Test func `is Markdown too`() {
        #expect(table.markdown.hasSuffix("| --- | ---: |\n| longer word | 1 |\n| x | 22 |"))
    }
}

@Suite struct `An answer on a probe's connection` {
    @Test func `is complete once its length is there`() throws {
        let whole = Array("HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok".utf8)
        #expect(LoopbackClient.parse(Array(whole.dropLast())) == nil)
        let answer = try #require(LoopbackClient.parse(whole))
        #expect(answer.status == 200)
        #expect(answer.body == "ok")
    }
}
