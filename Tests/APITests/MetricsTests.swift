import Entitlements
import TestSupport
import Testing

@testable import API

/// Prometheus's text format, read as strictly as its own parser does.
private struct MetricsPage {
    struct Sample {
        let name: String
        let labels: String
        let value: Double
    }

    var types: [String: String] = [:]
    var samples: [Sample] = []

    init(_ text: String) throws {
        #expect(text.hasSuffix("\n"))
        var helped: Set<String> = []
        for line in text.split(separator: "\n") {
            if let match = line.wholeMatch(of: /# HELP ([a-z_:][a-z0-9_:]*) (.+)/) {
                #expect(helped.insert(String(match.1)).inserted, "\(line)")
            } else if let match = line.wholeMatch(
                of: /# TYPE ([a-z_:][a-z0-9_:]*) (counter|gauge|histogram)/
            ) {
                #expect(helped.contains(String(match.1)), "\(line)")
                #expect(types.updateValue(String(match.2), forKey: String(match.1)) == nil)
            } else {
                try add(String(line))
            }
        }
    }

    private mutating func add(_ line: String) throws {
        let form = #/([a-z_:][a-z0-9_:]*)(?:\{((?:[a-z_]+="(?:[^"\\]|\\.)*",?)*)\})? (\S+)/#
        let match = try #require(line.wholeMatch(of: form), "no sample: \(line)")
        let value = try #require(Double(match.3), "no number: \(line)")
        let sample = Sample(name: String(match.1), labels: String(match.2 ?? ""), value: value)
        let isNew = !samples.contains { $0.name == sample.name && $0.labels == sample.labels }
        #expect(isNew, "twice: \(line)")
        samples.append(sample)
    }

    func value(_ name: String, _ labels: String = "") -> Double? {
        samples.first { $0.name == name && $0.labels == labels }?.value
    }

    /// The metric that a sample belongs to.
    func family(of sample: Sample) -> String? {
        if types[sample.name] != nil { return sample.name }
        for suffix in ["_bucket", "_sum", "_count"] where sample.name.hasSuffix(suffix) {
            let name = String(sample.name.dropLast(suffix.count))
            if types[name] == "histogram" { return name }
        }
        return nil
    }
}

@Suite(.database, .timeLimit(.minutes(2))) struct `The metrics page` {
    private func page(_ live: Live) async throws -> MetricsPage {
        let answer = try await live.send(RawRequest("GET", "/metrics").with(key: nil))
        #expect(answer.status == 200)
        #expect(answer.headers["content-type"] == "text/plain; version=0.0.4; charset=utf-8")
        return try MetricsPage(answer.text)
    }

    @Test func `is Prometheus's text format`() async throws {
        try await Live.run { live in
            let session = try await live.signUp()
            _ = try await live.check(session, "report_days")
            _ = try await live.send("GET", "/no/such%22path%0A")
            let page = try await page(live)
            for sample in page.samples {
                let family = try #require(page.family(of: sample), "no type: \(sample.name)")
                if page.types[family] == "counter" { #expect(family.hasSuffix("_total")) }
                #expect(sample.value >= 0)
            }
            for (name, type) in page.types where type == "histogram" {
                let buckets = page.samples.filter { $0.name == name + "_bucket" }.map(\.value)
                #expect(buckets == buckets.sorted(), "\(name) is cumulative")
                #expect(buckets.last == page.value(name + "_count"), "\(name)")
                #expect(page.value(name + "_bucket", #"le="+Inf""#) == buckets.last, "\(name)")
            }
        }
    }

    @Test func `counts what was decided, hot and cold`() async throws {
        try await Live.run { live in
            let session = try await live.signUp()
            for feature in ["report_days", "api_calls", "sso"] {
                _ = try await live.check(session, feature)
            }
            _ = try await live.check(session, "no_such")
            let cold = RawRequest(
                "POST",
                "/v1/check/batch",
                ["session": .string(session), "features": ["sso", "report_days"]]
            )
            _ = try await live.send(cold.with("Idempotency-Key", "k"))
            let page = try await page(live)
            #expect(page.value("usher_checks_total", #"answer="allowed""#) == 3)
            #expect(page.value("usher_checks_total", #"answer="denied""#) == 2)
            #expect(page.value("usher_checks_total", #"answer="refused""#) == 1)
            #expect(page.value("usher_check_duration_seconds_count") == 5)
            #expect(page.value("usher_database_up") == 1)
        }
    }

    @Test func `counts what was consumed, and what that took`() async throws {
        try await Live.run { live in
            try await live.customer(at: "2026-03-10T12:00:00Z")
            try await live.consume("daily", 1)
            #expect(try await live.tell(live.event("daily", "1")) == ["accepted"])
            let page = try await page(live)
            #expect(page.value("usher_meter_orders_total") == 2)
            #expect(page.value("usher_meter_transactions_total") == 2)
            #expect(page.value("usher_meters_held") == 1)
            #expect(page.value("usher_meter_failures_total") == 0)
            #expect(page.value("usher_consumes_total", #"answer="allowed""#) == 1)
        }
    }
}
