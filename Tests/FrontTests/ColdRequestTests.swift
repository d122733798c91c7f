import Front
import Limits
import NIOCore
import NIOEmbedded
import Testing

@Suite struct `A request of any other form` {
    static let two = "Host: a\r\nContent-Length: 2\r\n"

    static let cold = [
        // request line
        "GET / HTTP/1.1\r\n", "GET /v1/check HTTP/1.1\r\n", "post /v1/check HTTP/1.1\r\n",
        "POST /v1/check HTTP/1.0\r\n", "POST /v1/check HTTP/2.0\r\n", "POST /v1/check\r\n",
        "POST /v1/check?a=b HTTP/1.1\r\n", "POST /v1/check/ HTTP/1.1\r\n",
        "POST /v1/chec%6b HTTP/1.1\r\n", "POST  /v1/check HTTP/1.1\r\n",
        "POST /v1/check HTTP/1.1 \r\n", "POST http://a/v1/check HTTP/1.1\r\n",
        "\r\nPOST /v1/check HTTP/1.1\r\n", "POST /v1/check HTTP/1.1\n",
        "POST\t/v1/check HTTP/1.1\r\n", String(repeating: "a", count: 200), "\u{16}\u{03}\u{01}",
        // a name behind the path
        "POST /flags/ HTTP/1.1\r\n", "POST /flags HTTP/1.1\r\n", "POST /flags/a/b HTTP/1.1\r\n",
        "POST /flags/a?b HTTP/1.1\r\n", "POST /flags/a%62 HTTP/1.1\r\n",
        "POST /flags/a HTTP/1.0\r\n", "POST /flags/a b HTTP/1.1\r\n", "POST /flags/aHTTP/1.1\r\n",
        "POST /flags/\(String(repeating: "a", count: 129)) HTTP/1.1\r\n",
        // framing
        bare("\(two)Transfer-Encoding: chunked\r\n"), bare("\(two)TRANSFER-ENCODING: identity\r\n"),
        bare("\(two)Content-Length: 2\r\n"), bare("Host: a\r\nContent-Length: 2, 2\r\n"),
        bare("Host: a\r\nContent-Length: +2\r\n"), bare("Host: a\r\nContent-Length: 0x2\r\n"),
        bare("Host: a\r\nContent-Length:\r\n"), bare("Host: a\r\nContent-Length: 2 2\r\n"),
        bare("Host: a\r\nContent-Length: 99999999999999999999\r\n"),
        bare("Host: a\r\nContent-Length: \(Limits.hotBodyBytes + 1)\r\n"), bare("Host: a\r\n"),
        "GET /gateway/nginx HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n",
        // header lines
        bare("\(two)X-Folded: a\r\n b\r\n"), bare("\(two) X: a\r\n"), bare("\(two)X : a\r\n"),
        bare("\(two)X\r\n"), bare("\(two): a\r\n"), bare("\(two)X(y): a\r\n"),
        bare("\(two)X: a\nY: b\r\n"), bare("\(two)X: a\rb\r\n"), bare("\(two)X: a\r\r\n"),
        bare("\(two)X: \0\r\n"), bare("\(two)X: \u{7F}\r\n"), bare("\(two)X: \u{1F}\r\n"),
        bare("\(two)X: a\u{0B}\r\n"), bare("\(two)X\u{FC}: a\r\n"),
        bare(two + String(repeating: "X: a\r\n", count: Limits.hotHeaderFields)),
        bare("\(two)X: \(String(repeating: "x", count: Limits.headerBytes))\r\n"),
        // headers that mean something
        bare("\(two)Host: a\r\n"), bare("Content-Length: 2\r\n"),
        bare("Host:\r\nContent-Length: 2\r\n"), bare("Host: a b\r\nContent-Length: 2\r\n"),
        bare("Host: a/b\r\nContent-Length: 2\r\n"),
        bare("\(two)Expect: 100-continue\r\n"), bare("\(two)Upgrade: h2c\r\n"),
        bare("\(two)Connection: upgrade\r\n"), bare("\(two)Connection: close, keep-alive\r\n"),
        bare("\(two)Connection:\r\n"), bare("\(two)Connection: close\r\nConnection: close\r\n"),
        bare("\(two)Connection: Close\r\n"), bare("Host: a\r\nContent-Length: 2\t\r\n"),
        bare("Host: a\r\nContent-Length:\t2\r\n"), bare("Host:\ta\r\nContent-Length: 2\r\n"),
        bare("\(two)X-Request-Id: a\t\r\n"),
        bare("\(two)Trailer: X\r\n"), bare("\(two)Content-Encoding: gzip\r\n"),
        bare("\(two)idempotency-key: a b\r\n"), bare("\(two)Content-Type: text/plain\r\n"),
        bare("\(two)Content-Type:\r\n"), bare("\(two)Content-Type: application/jsonp\r\n"),
        bare("\(two)Content-Type: application/json; charset=latin1\r\n"),
        bare("\(two)Content-Type: application/json, text/plain\r\n"),
        bare("\(two)Content-Type: application/json\r\nContent-Type: application/json\r\n"),
        bare("\(two)Authorization: Basic YTpi\r\n"), bare("\(two)Authorization: bearer a\r\n"),
        bare("\(two)Authorization: Bearer\r\n"), bare("\(two)Authorization: Bearer  a\r\n"),
        bare("\(two)Authorization: Bearer a b\r\n"), bare("\(two)Authorization: Bearer a,b\r\n"),
        bare("\(two)Authorization: Bearer a\r\nAuthorization: Bearer a\r\n"),
        bare("\(two)X-Request-Id: a\r\nX-Request-Id: b\r\n"), bare("\(two)X-API-Key: a\r\n"),
    ]

    @Test(arguments: cold)
    func `is handed over as it came`(request: String) throws {
        let front = try EmbeddedFront()
        try front.send(request)
        #expect(front.handedOver == ["active", request, "complete"])
        #expect(front.responder.takeAll().isEmpty)
        #expect(try front.sent() == "")
    }

    @Test(arguments: cold)
    func `is handed over as it came when its bytes come one by one`(request: String) throws {
        let front = try EmbeddedFront()
        for byte in request.utf8 { try front.channel.writeInbound(ByteBuffer(bytes: [byte])) }
        front.loop.run()
        let received = front.handedOver.filter { $0 != "active" && $0 != "complete" }
        #expect(received.joined() == request)
        #expect(front.responder.takeAll().isEmpty)
    }

    @Test func `keeps the connection in the ordinary pipeline`() throws {
        let front = try EmbeddedFront()
        try front.send("GET / HTTP/1.1\r\n")
        try front.send(post())
        #expect(
            front.handedOver == ["active", "GET / HTTP/1.1\r\n", "complete", post(), "complete"]
        )
        #expect(front.responder.takeAll().isEmpty)
    }

    @Test func `waits for the answers that are owed`() throws {
        let front = try EmbeddedFront()
        let last = "GET / HTTP/1.1\r\nHost: a\r\n\r\n"
        try front.send(post(body: "1") + post(body: "2") + last)
        try front.send("more")
        let exchanges = front.responder.takeAll()
        #expect(exchanges.count == 2)
        exchanges[1].respond("two")
        #expect(front.handedOver.isEmpty)
        exchanges[0].respond("one")
        #expect(try front.answers() == ["one", "two"])
        #expect(front.handedOver == ["active", last + "more", "complete"])
    }

    @Test func `is kept while the ordinary pipeline is being built`() throws {
        let front = try EmbeddedFront()
        let built = front.loop.makePromise(of: Void.self)
        front.base.delay(until: built)
        try front.send("GET / HTTP/1.1\r\n")
        try front.send("Host: a\r\n\r\n")
        #expect(front.handedOver.isEmpty)
        built.succeed()
        #expect(front.handedOver == ["active", "GET / HTTP/1.1\r\nHost: a\r\n\r\n", "complete"])
    }

    @Test func `has its connection closed when there can be no ordinary pipeline`() throws {
        let front = try EmbeddedFront()
        let built = front.loop.makePromise(of: Void.self)
        front.base.delay(until: built)
        try front.send("GET / HTTP/1.1\r\n")
        built.fail(ChannelError.ioOnClosedChannel)
        front.loop.run()
        #expect(front.isClosed)
    }
}
