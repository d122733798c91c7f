import Front
import NIOCore
import NIOEmbedded
import Testing

@Suite struct `An answer` {
    @Test func `has the headers of a hot answer`() throws {
        let front = try EmbeddedFront()
        try front.send(post(headers: "X-Request-Id: req-1\r\n"))
        let exchange = try #require(front.responder.takeAll().first)
        exchange.respond(
            HotResponse(status: 403, body: Array("no".utf8), extraHeaders: [("X-Reason", "plan")])
        )
        let lines = try front.sent().split(separator: "\r\n", omittingEmptySubsequences: false)
        #expect(
            lines.filter { !$0.hasPrefix("Date: ") } == [
                "HTTP/1.1 403 Forbidden", "Content-Type: application/json", "Content-Length: 2",
                "Cache-Control: no-store", "X-Request-Id: req-1", "X-Reason: plan", "", "no",
            ]
        )
        let date = try #require(lines.first { $0.hasPrefix("Date: ") })
        #expect(date.wholeMatch(of: #/Date: \w{3}, \d\d \w{3} \d{4} \d\d:\d\d:\d\d GMT/#) != nil)
    }

    @Test(arguments: [
        (200, "200 OK"), (400, "400 Bad Request"), (401, "401 Unauthorized"),
        (404, "404 Not Found"), (409, "409 Conflict"), (422, "422 Unprocessable Content"),
        (429, "429 Too Many Requests"), (500, "500 Internal Server Error"),
        (503, "503 Service Unavailable"), (418, "418 "),
    ])
    func `has a status line`(status: Int, line: String) throws {
        let front = try EmbeddedFront()
        try front.send(post())
        front.responder.takeAll().first?.respond(HotResponse(status: status, body: []))
        #expect(try front.sent().hasPrefix("HTTP/1.1 \(line)\r\n"))
    }

    @Test(arguments: [204, 304])
    func `without content has neither a length nor a body`(status: Int) throws {
        let front = try EmbeddedFront()
        try front.send(post())
        let response = HotResponse(status: status, contentType: "", body: Array("x".utf8))
        front.responder.takeAll().first?.respond(response)
        let text = try front.sent()
        #expect(!text.contains("Content-Length") && !text.contains("Content-Type"))
        #expect(text.hasSuffix("\r\n\r\n"))
    }

    @Test func `cannot be split by a header value`() throws {
        let front = try EmbeddedFront()
        try front.send(post())
        let response = HotResponse(body: [], extraHeaders: [("X-Name", "a\r\nSet-Cookie: b\0")])
        front.responder.takeAll().first?.respond(response)
        #expect(try front.sent().contains("\r\nX-Name: a  Set-Cookie: b \r\n"))
    }

    @Test func `traps when it comes twice`() async {
        await #expect(processExitsWith: .failure) {
            let front = try EmbeddedFront()
            try front.send(post())
            let exchange = try #require(front.responder.takeAll().first)
            exchange.respond("one")
            exchange.respond("two")
        }
    }

    @Test func `leaves in the order of the requests, 200 of them answered in another`() throws {
        let front = try EmbeddedFront()
        var waiting: [HotExchange] = []
        var random = Seeded(seed: 11)
        var answers: [String] = []
        try front.send((0..<200).map { post(body: "\($0)") }.joined())
        repeat {
            waiting += front.responder.takeAll()
            #expect(waiting.count <= 64)
            let next = waiting.remove(at: Int.random(in: waiting.indices, using: &random))
            next.respond(next.request.text)
            front.loop.run()
            answers += try front.answers()
            waiting += front.responder.takeAll()
        } while !waiting.isEmpty
        #expect(answers == (0..<200).map(String.init))
        #expect(front.handedOver.isEmpty)
    }

    @Test func `is flushed with the others of its tick while more are owed`() throws {
        let front = try EmbeddedFront()
        try front.send(post(body: "1") + post(body: "2") + post(body: "3"))
        let exchanges = front.responder.takeAll()
        exchanges[0].respond("one")
        exchanges[1].respond("two")
        #expect(try front.answers() == [])
        front.loop.run()
        #expect(try front.answers() == ["one", "two"])
        exchanges[2].respond("three")
        #expect(try front.answers() == ["three"])
    }

    @Test func `is dropped when the client has gone`() throws {
        let front = try EmbeddedFront()
        try front.send(post(body: "1") + post(body: "2"))
        let exchanges = front.responder.takeAll()
        try front.channel.close().wait()
        exchanges[1].respond("two")
        exchanges[0].respond("one")
        front.loop.run()
        #expect(try front.sent() == "")
    }

    @Test func `leaves nothing behind when the client has gone`() throws {
        weak var channel: AnyObject?
        do {
            let front = try EmbeddedFront()
            channel = front.channel
            try front.send(post())
            try front.channel.close().wait()
            front.responder.takeAll().first?.respond("late")
            front.loop.run()
        }
        #expect(channel == nil)
    }
}

/// A small generator of numbers (SplitMix64) that repeats with its seed.
struct Seeded: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
