import Entitlements
import Limits
import Testing

@testable import usher

@Suite struct `A splitter of events` {
    typealias Piece = EventSplitter.Piece

    private func split(_ text: String, by size: Int = .max) throws -> [String] {
        var splitter = EventSplitter()
        var pieces: [Piece] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            pieces += try splitter.add(rest.prefix(size))
            rest = rest.dropFirst(size)
        }
        pieces += try splitter.end()
        return pieces.map {
            "\($0.line):\($0.bytes.map { String(decoding: $0, as: UTF8.self) } ?? "-")"
        }
    }

    @Test(
        arguments: [
            ("", []), ("\n \n", []), ("[]", []), (" [ \n ] \n", []),
            ("{}\n{\"a\":1}\n", ["1:{}", "2:{\"a\":1}"]),
            ("\n\n  {}\r\n\n{}", ["3:{}\r", "5:{}"]),
            ("{\"a\n{}", ["1:{\"a", "2:{}"]),
            ("[{},{}]", ["1:{}", "1:{}"]),
            (
                "[\n{\"a\":[1,{}]},\n\n  {\"b\":\"],\\\"}\"}\n]\n",
                ["2:{\"a\":[1,{}]}", "4:{\"b\":\"],\\\"}\"}\n"]
            ),
            ("[{\"a\":\"\\\\\"},{}]", ["1:{\"a\":\"\\\\\"}", "1:{}"]),
            ("[{},]", ["1:{}", "1:"]), ("[,{}]", ["1:", "1:{}"]),
            ("[{},\n,\n{}]", ["1:{}", "2:", "3:{}"]),
            ("[1 2, }, {}]", ["1:1 2", "1:}", "1:{}"]),
        ] as [(String, [String])]
    )
    func `finds them and their lines, however the bytes come`(
        text: String,
        pieces: [String]
    ) throws {
        for size in [1, 2, 3, Int.max] {
            #expect(try split(text, by: size) == pieces)
        }
    }

    @Test(arguments: [
        ("[{},\n{}", "The input ends in line 2, before its array does."),
        ("[{\"a\n}]", "The input ends in line 2, before its array does."),
        ("[", "The input ends in line 1, before its array does."),
        ("[{}]\n{}", "Something follows the array, in line 2."),
    ])
    func `says where an array is broken`(text: String, message: String) {
        let failure = #expect(throws: CommandFailure.self) { try split(text) }
        #expect(failure?.message == message)
    }

    @Test func `keeps none that no call has room for`() throws {
        let long = String(repeating: "x", count: EventSending.mostBytes + 1)
        #expect(try split("{}\n\(long)\n{}") == ["1:{}", "2:-", "3:{}"])
        #expect(try split("[{},\"\(long)\",\n{}]") == ["1:{}", "1:-", "2:{}"])
        #expect(try split(String(long.dropFirst())) == ["1:\(long.dropFirst())"])
    }
}

/// A service that takes every event but those named `bad`, and every event once.
private final class Counter {
    var requests: [APIRequest] = []
    var pauses: [Duration] = []
    /// Answers before the service is itself again.
    var troubles: [APIAnswer] = []
    private var seen: Set<JSON> = []

    func answer(_ request: APIRequest) throws(CommandFailure) -> APIAnswer {
        requests.append(request)
        guard troubles.isEmpty else { return troubles.removeFirst() }
        guard case .json(let body) = request.body, let events = body.array else {
            throw CommandFailure("no events")
        }
        var counts: [String: Int64] = ["accepted": 0, "duplicates": 0, "rejected": 0]
        var items: [JSON] = []
        for (index, event) in events.enumerated() {
            let isBad = event["id"] == "bad"
            let isNew = !isBad && seen.insert(event["id"] ?? .null).inserted
            counts[isBad ? "rejected" : isNew ? "accepted" : "duplicates", default: 0] += 1
            var item: [String: JSON] = ["index": .integer(Int64(index)), "status": "accepted"]
            if isBad {
                item = [
                    "index": .integer(Int64(index)), "status": "rejected",
                    "code": "event_too_old", "field": "time", "detail": "it is 3 days old",
                    "remedy": "send it with ?late=receive",
                ]
            }
            items.append(.object(item))
        }
        var json = counts.mapValues { JSON.integer($0) }
        json["items"] = .array(items)
        return Counter.answer(200, .object(json))
    }

    static func answer(_ status: Int, _ json: JSON, retryAfter: Duration? = nil) -> APIAnswer {
        APIAnswer(
            status: status,
            text: json.description,
            json: json,
            retryAfter: retryAfter,
            duration: .zero
        )
    }

    /// Sends lines as the command does.
    func send(_ lines: [String], to sending: inout EventSending) async throws {
        let send: EventSending.Send = { request throws(CommandFailure) in
            try self.answer(request)
        }
        let pause = { (wait: Duration) async throws -> Void in self.pauses.append(wait) }
        for (index, line) in lines.enumerated() {
            let piece = EventSplitter.Piece(line: index + 1, bytes: Array(line.utf8))
            try await sending.add(piece, send: send, pause: pause)
        }
        try await sending.flush(send: send, pause: pause)
    }

    var batches: [Int] {
        requests.map { request in
            guard case .json(let body) = request.body else { return -1 }
            return body.array?.count ?? -1
        }
    }
}

@Suite struct `A sending of events` {
    private static func events(_ count: Int, from first: Int = 0) -> [String] {
        (first..<first + count).map { "{\"id\":\"e\($0)\"}" }
    }

    @Test func `goes in batches as large as the service takes`() async throws {
        let service = Counter()
        var sending = EventSending(isLateCounted: false)
        try await service.send(Self.events(2_500), to: &sending)
        #expect(service.batches == [1_000, 1_000, 500])
        #expect(service.requests.allSatisfy { $0.target == "/v1/usage" })
        #expect(sending.summary == "2500 events: 2500 accepted, 0 duplicates, 0 rejected")
        #expect(sending.failure == nil)
    }

    @Test func `makes no call longer than the service takes, and uses what there is`() async throws
    {
        let service = Counter()
        var sending = EventSending(isLateCounted: false)
        let text = String(repeating: "x", count: Limits.bodyBytes / 4)
        let line = "{\"id\":\"\(text)\"}"
        try await service.send([String](repeating: line, count: 7), to: &sending)
        #expect(service.batches == [3, 3, 1])
        #expect(sending.summary == "7 events: 1 accepted, 6 duplicates, 0 rejected")

        let whole = "{\"id\":\"" + String(repeating: "y", count: Limits.bodyBytes - 11) + "\"}"
        try await service.send([whole, "{}"], to: &sending)
        #expect(service.batches == [3, 3, 1, 1, 1])
        let longest = service.requests.compactMap { $0.bytes?.count }.max()
        #expect(longest == Limits.bodyBytes)
    }

    @Test func `tells which were rejected, by line`() async throws {
        let service = Counter()
        var sending = EventSending(isLateCounted: false)
        var lines = Self.events(1_200)
        lines[3] = "{\"id\":\"bad\"}"
        lines[1_100] = "{\"id\":\"bad\"}"
        lines[5] = "{\"id\":"
        lines[6] = "[]"
        lines[7] = "{\"id\":\"e0\"}"
        try await service.send(lines, to: &sending)
        #expect(sending.summary == "1200 events: 1195 accepted, 1 duplicate, 4 rejected")
        let failure = try #require(sending.failure)
        #expect(failure.message == "4 of 1200 events were rejected.")
        let old =
            "event_too_old: It is 3 days old. Field: time. Send it with ?late=receive."
        let noObject =
            "invalid_event: It is no JSON object. Write one event a line, or an array of events."
        #expect(failure.details.contains("line 4: \(old)"))
        #expect(failure.details.contains("line 1101: \(old)"))
        #expect(failure.details.contains("line 7: \(noObject)"))
        #expect(
            failure.details.contains {
                $0.hasPrefix("line 6: invalid_event: It is no JSON: byte 6")
            }
        )
        #expect(sending.json["rejected"] == 4)
        let last = sending.json["items"]?.array?.last
        #expect(
            last == [
                "line": 1_101, "status": "rejected", "code": "event_too_old", "field": "time",
                "detail": "it is 3 days old", "remedy": "send it with ?late=receive",
            ]
        )
        let told = sending.json["items"]?.array?.compactMap { $0["line"]?.integer }
        #expect(told.map(Set.init) == [4, 6, 7, 1_101])
    }

    @Test func `tells no more of them than can be read`() async throws {
        let service = Counter()
        var sending = EventSending(isLateCounted: false)
        let lines = [String](repeating: "{\"id\":\"bad\"}", count: Limits.rejectionsTold + 20)
        try await service.send(lines, to: &sending)
        let failure = try #require(sending.failure)
        #expect(failure.details.count == Limits.rejectionsTold + 1)
        #expect(failure.details.last == "and 20 more")
        #expect(sending.rejected == 120)
    }

    @Test func `waits for a service that is busy, as long as it says`() async throws {
        let service = Counter()
        service.troubles = [
            Counter.answer(503, .null, retryAfter: .seconds(7)), Counter.answer(429, .null),
        ]
        var sending = EventSending(isLateCounted: false)
        try await service.send(Self.events(1), to: &sending)
        #expect(service.pauses == [.seconds(7), Limits.eventRetry.first * 2])
        #expect(sending.accepted == 1)
    }

    @Test func `gives a service up that stays busy`() async throws {
        let service = Counter()
        let busy = Counter.answer(503, ["code": "overloaded", "detail": "Too busy."])
        service.troubles = [APIAnswer](repeating: busy, count: 100)
        var sending = EventSending(isLateCounted: false)
        let failure = await #expect(throws: CommandFailure.self) {
            try await service.send(Self.events(1), to: &sending)
        }
        #expect(failure?.message == "overloaded: Too busy.")
        #expect(service.requests.count == Limits.eventTries)
        #expect(service.pauses.allSatisfy { $0 <= Limits.eventRetry.most })
    }

    @Test func `goes on where it broke off, and counts nothing twice`() async throws {
        let service = Counter()
        let lines = Self.events(1_500)
        var first = EventSending(isLateCounted: false)
        try await service.send(Array(lines.prefix(1_000)), to: &first)
        service.troubles = [
            Counter.answer(401, ["code": "unauthorized", "detail": "The key is revoked."])
        ]
        let failure = await #expect(throws: CommandFailure.self) {
            try await service.send(Array(lines.suffix(500)), to: &first)
        }
        #expect(failure?.message == "unauthorized: The key is revoked.")
        #expect(
            failure?.details == [
                "Stopped at line 1; before it 1000 events: 1000 accepted, 0 duplicates, "
                    + "0 rejected. The same command goes on, and counts nothing twice."
            ]
        )
        var second = EventSending(isLateCounted: false)
        try await service.send(lines, to: &second)
        #expect(second.summary == "1500 events: 500 accepted, 1000 duplicates, 0 rejected")
    }

    @Test func `counts late events where it is told to`() async throws {
        let service = Counter()
        var sending = EventSending(isLateCounted: true)
        try await service.send(Self.events(1), to: &sending)
        #expect(service.requests.map(\.target) == ["/v1/usage?late=receive"])
    }

    @Test func `makes no call for nothing`() async throws {
        let service = Counter()
        var sending = EventSending(isLateCounted: false)
        try await service.send([], to: &sending)
        #expect(service.requests.isEmpty)
        #expect(sending.summary == "0 events: 0 accepted, 0 duplicates, 0 rejected")
    }
}
