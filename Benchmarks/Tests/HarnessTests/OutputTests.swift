import Harness
import Testing

@Suite struct `What load generators print` {
    @Test func `wrk's line gives rate, latency and failures`() throws {
        let output = """
            Running 2s test @ http://127.0.0.1:8080/
              1 threads and 64 connections
            {"requests":190000,"microseconds":2000000,"failures":3,"p50":612,"p99":1480}
            """
        let sample = try WrkOutput.sample(output)
        #expect(sample.perSecond == 95_000)
        #expect(sample.p50Milliseconds == 0.612)
        #expect(sample.p99Milliseconds == 1.48)
        #expect(sample.answers == 190_000)
        #expect(sample.failures == 3)
    }

    @Test func `pgbench's summary gives rate and failures`() throws {
        let output = """
            pgbench (15.18)
            number of transactions actually processed: 60012
            number of failed transactions: 2 (0.003%)
            latency average = 0.133 ms
            tps = 30011.250377 (without initial connection time)
            """
        let sample = try PgbenchOutput.sample(output)
        #expect(sample.perSecond == 30_011.250377)
        #expect(sample.answers == 60_012)
        #expect(sample.failures == 2)
    }

    @Test func `redis-benchmark's row is read by its heading`() throws {
        let output = """
            "test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms","p99_latency_ms","max_latency_ms"
            "GET","78125.00","0.429","0.144","0.415","0.527","0.727","2.551"
            """
        let sample = try RedisOutput.sample(output, answers: 1_000)
        #expect(sample.perSecond == 78_125)
        #expect(sample.p50Milliseconds == 0.415)
        #expect(sample.p99Milliseconds == 0.727)
    }

    @Test(arguments: ["", "unable to connect to 127.0.0.1:1 Connection refused", "{}"])
    func `a run without a result is an error`(output: String) {
        #expect(throws: BenchmarkError.self) { try WrkOutput.sample(output) }
        #expect(throws: BenchmarkError.self) { try PgbenchOutput.sample(output) }
        #expect(throws: BenchmarkError.self) { try RedisOutput.sample(output, answers: 1) }
    }
}
