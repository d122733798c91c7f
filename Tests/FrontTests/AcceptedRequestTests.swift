import Front
import Limits
import NIOCore
import NIOEmbedded
import Testing

@Suite struct `A request of the plain form` {
    @Test func `is given to the responder with all that matters`() throws {
        let front = try EmbeddedFront()
        let headers = "Authorization: Bearer uk_a-b.c~d+e/f==\r\nX-Request-Id: req-1\r\n"
        try front.send(post("/v1/check/batch", headers: headers, body: #"{"a":"ü"}"#))
        let exchange = try #require(front.responder.takeAll().first)
        #expect(exchange.request.route == 8)
        #expect(exchange.request.bearer == "uk_a-b.c~d+e/f==")
        #expect(exchange.request.requestID == "req-1")
        #expect(exchange.request.body == Array(#"{"a":"ü"}"#.utf8))
        #expect(exchange.request.keepAlive)
        #expect(exchange.request.receivedAt == front.loop.now)
        exchange.respond("{}")
        #expect(front.handedOver.isEmpty)
    }

    @Test(arguments: ["a", "new-checkout", "A.b_c:9", String(repeating: "x", count: 128)])
    func `has the name that follows a path which takes one`(name: String) throws {
        let front = try EmbeddedFront()
        try front.send("POST /flags/\(name) HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n{}")
        let exchange = try #require(front.responder.takeAll().first)
        #expect(exchange.request.route == 10)
        #expect(exchange.request.name == name)
        exchange.respond("{}")
        #expect(front.handedOver.isEmpty)
    }

    static let plain = [
        bare("Host: a\r\nContent-Length: 0\r\n"),
        bare("hOST:a\r\nCONTENT-LENGTH:0\r\n"),
        bare("Host:   [::1]:8080  \r\nContent-Length:2 \r\n", body: "{}"),
        post(headers: "Content-Type: application/json\r\n"),
        post(headers: "Content-Type: Application/JSON;charset=UTF-8\r\n"),
        post(headers: "Content-Type: application/json ; charset=\"utf-8\"\r\n"),
        post(headers: "Connection: Keep-Alive\r\n"),
        post(headers: "User-Agent: curl/8\r\nAccept: */*\r\nAccept-Encoding: gzip, br\r\n"),
        post(headers: "traceparent: 00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01\r\n"),
        post(headers: "X-Forwarded-For: 10.0.0.1\r\nX-Forwarded-For: 10.0.0.2\r\n"),
        post(headers: "X-Empty:\r\nX-Spaces:   \r\nX-Tabs: a\tb\r\n"),
        post(headers: "X-Text: Gr\u{FC}\u{DF}e\r\n!#$%&'*+-.^_`|~9z: all of a token\r\n"),
        post(headers: "Content_Length: 9\r\nTransfer.Encoding: chunked\r\n"),
        post(headers: "X-Long: \(String(repeating: "x", count: 8_000))\r\n"),
        post(body: String(repeating: "x", count: Limits.hotBodyBytes)),
        "GET /gateway/nginx HTTP/1.1\r\nHost: a\r\n\r\n",
        "GET /gateway/nginx HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\nContent-Type: a/b\r\n\r\n",
    ]

    @Test(arguments: plain)
    func `stays with the front, however its bytes arrive`(request: String) throws {
        let atOnce = try EmbeddedFront()
        try atOnce.send(request)
        let whole = atOnce.responder.takeAll()
        #expect(whole.count == 1)
        #expect(atOnce.handedOver.isEmpty)

        let byByte = try EmbeddedFront()
        for byte in request.utf8 { try byByte.channel.writeInbound(ByteBuffer(bytes: [byte])) }
        byByte.loop.run()
        let pieced = byByte.responder.takeAll()
        #expect(pieced.map(\.request.body) == whole.map(\.request.body))
        #expect(byByte.handedOver.isEmpty)
    }

    @Test(arguments: [
        ("", nil),
        ("X-Request-Id: a b\r\n", nil),
        ("X-Request-Id:\r\n", nil),
        ("X-Request-Id: \u{FC}\r\n", nil),
        ("X-Request-Id: \(String(repeating: "r", count: 129))\r\n", nil),
        (
            "X-Request-Id: \(String(repeating: "r", count: 128))\r\n",
            String(repeating: "r", count: 128)
        ),
        ("x-request-id: Root=1-67891233;a~\r\n", "Root=1-67891233;a~"),
    ])
    func `keeps a request id that is well-formed`(headers: String, id: String?) throws {
        let front = try EmbeddedFront()
        try front.send(post(headers: headers))
        let exchange = try #require(front.responder.takeAll().first)
        #expect(exchange.request.requestID == id)
        if let id { #expect(HotRequest.isWellFormed(requestID: id)) }
    }

    @Test func `is given once a tick with all others that are ready`() throws {
        let front = try EmbeddedFront()
        try front.sendWithinTick(post(body: "1") + post(body: "2"))
        try front.sendWithinTick(post(body: "3"))
        #expect(front.responder.takeTicks().isEmpty)
        front.loop.run()
        #expect(front.responder.takeTicks().map { $0.map(\.request.text) } == [["1", "2", "3"]])
        try front.send(post(body: "4"))
        #expect(front.responder.takeTicks().map { $0.map(\.request.text) } == [["4"]])
    }
}

extension HotRequest {
    var text: String { String(decoding: body, as: UTF8.self) }
}
