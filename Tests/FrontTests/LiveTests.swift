import Front
import HTTPTypes
import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import Testing

@Suite(.timeLimit(.minutes(1))) struct `A server with a front` {
    @Test func `answers hot and cold requests on one connection`() async throws {
        try await LiveServer.run(.fronted) { server in
            let answers = try await RawClient.connected(to: server.port) { client in
                try await client.send(post(headers: "Authorization: Bearer k\r\n", body: "1"))
                let first = try await client.answer()
                try await client.send(post(body: "2") + "GET /cold HTTP/1.1\r\nHost: a\r\n\r\n")
                let second = try await client.answer()
                let third = try await client.answer()
                try await client.send(post(body: "3"))
                return [first, second, third, try await client.answer()]
            }
            #expect(
                answers.map { $0?.body } == [
                    "route 7, bearer k, id -, body 1", "route 7, bearer -, id -, body 2", "cold",
                    "route 7, bearer -, id -, body 3",
                ]
            )
            #expect(answers.map { $0?.isHot } == [true, true, false, false])
        }
    }

    static let chunked = "Host: a\r\nTransfer-Encoding: chunked\r\n"

    @Test(arguments: [
        post(body: String(repeating: "x", count: 300_000)),
        "POST /v1/check HTTP/1.1\r\n\(chunked)\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n",
        post(headers: "Expect: 100-continue\r\n", body: "abc"),
        post("/cold", body: String(repeating: "x", count: 300_000)),
        post(headers: "Connection: close\r\n", body: "last"),
        "POST /v1/check HTTP/1.0\r\nContent-Length: 2\r\n\r\n{}",
        "nonsense\r\n\r\n",
        "POST /v1/check HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n{}",
    ])
    func `answers as the plain server does, hot requests before and all`(
        request: String
    ) async throws {
        var answers: [[RawAnswer]] = []
        for kind in LiveServer.Kind.allCases {
            let (results, found) = AsyncStream.makeStream(of: [RawAnswer].self)
            try await LiveServer.run(kind) { server in
                let answers = try await RawClient.connected(to: server.port) { client in
                    try await client.send(post(body: "hot") + request)
                    client.sendNoMore()
                    return await client.answers()
                }
                found.yield(answers)
            }
            for await result in results {
                answers.append(result)
                break
            }
        }
        #expect(answers[0] == answers[1])
        #expect(answers[0].first?.isHot == true && answers[1].first?.isHot == false)
    }

    @Test func `does not let the plain server's idle timeout close a busy connection`() async throws
    {
        try await LiveServer.run(.fronted, idleTimeout: .milliseconds(50)) { server in
            let answered = try await RawClient.connected(to: server.port) { client in
                let end = ContinuousClock.now + .milliseconds(250)
                while ContinuousClock.now < end {
                    try await client.send(post())
                    guard try await client.answer()?.isHot == true else { return false }
                }
                return true
            }
            #expect(answered)
        }
    }

    @Test func `finishes what it owes when it shuts down, and closes what is idle`() async throws {
        let responder = WaitingResponder()
        let front = FrontChannel(
            base: HTTP1Channel { _, writer, _ in
                try await writer.writeResponse(HTTPResponse(status: .ok))
            },
            routes: EmbeddedFront.routes,
            responder: responder
        )
        let (ports, found) = AsyncStream.makeStream(of: Int.self)
        let server = Server(
            childChannelSetup: front,
            configuration: .init(address: .hostname("127.0.0.1", port: 0)),
            onServerRunning: { found.yield($0.localAddress?.port ?? 0) },
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            logger: Logger(label: "test")
        )
        let running = Task { try await server.run() }
        var port = ports.makeAsyncIterator()
        let listening = try #require(await port.next())
        let idle = Task {
            try await RawClient.connected(to: listening) { client in
                try await client.send(post(body: "0"))
                return await client.answers()
            }
        }
        // Answered before the shutdown, so that it surely was accepted and is idle by then.
        let first = try #require(await responder.next().first)
        first.eventLoop.execute { first.respond("zero") }
        let owed = try await RawClient.connected(to: listening) { client in
            try await client.send(post(body: "1"))
            let exchange = try #require(await responder.next().first)
            async let shutdown: Void = server.shutdownGracefully()
            // The idle connection ends while this one is still owed its answer.
            let closed = try await idle.value
            #expect(closed.map(\.body) == ["zero"])
            exchange.eventLoop.execute { exchange.respond("late") }
            let answers = await client.answers()
            try await shutdown
            return answers
        }
        #expect(owed.map(\.body) == ["late"])
        try await running.value
    }
}

extension WaitingResponder {
    /// What arrives next.
    fileprivate func next() async -> [HotExchange] {
        while true {
            let exchanges = takeAll()
            if !exchanges.isEmpty { return exchanges }
            await Task.yield()
        }
    }
}
