import Limits
import Outbound
import Testing

@Suite(.timeLimit(.minutes(1))) struct `A client keeps its bounds` {
    static func chunked(_ count: Int) -> TestServer.Behaviour {
        { _, peer in
            peer.send("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
            let piece = String(repeating: "x", count: 100)
            for _ in 0..<(count / 100) where !peer.send("64\r\n\(piece)\r\n") { return false }
            peer.send("0\r\n\r\n")
            return true
        }
    }

    static func plain(_ count: Int) -> TestServer.Behaviour {
        { _, peer in
            peer.answer(body: String(repeating: "x", count: count))
            return true
        }
    }

    @Test(arguments: [
        (behaviour: plain(1_000), name: "plain"), (behaviour: chunked(1_000), name: "chunked"),
    ])
    func `a body may be as large as the bound and no larger`(
        behaviour: @escaping TestServer.Behaviour,
        name: String
    ) async throws {
        try await withServer(behaviour) { server in
            try await withClient { client in
                let fits = OutboundRequest(url: server.url(), maximumBytes: 1_000)
                let response = try await client.send(fits)
                #expect(response.body.count == 1_000)
                let large = OutboundRequest(url: server.url(), maximumBytes: 999)
                try await expect(.tooLarge(limit: 999), of: client, large)
            }
        }
    }

    @Test func `a bound of nothing takes an empty body`() async throws {
        try await withServer(Self.plain(0)) { server in
            try await withClient { client in
                let request = OutboundRequest(url: server.url(), maximumBytes: 0)
                let response = try await client.send(request)
                #expect(response.body.isEmpty)
            }
        }
        try await withServer(Self.plain(1)) { server in
            try await withClient { client in
                let request = OutboundRequest(url: server.url(), maximumBytes: 0)
                try await expect(.tooLarge(limit: 0), of: client, request)
            }
        }
    }

    @Test func `headers without end are refused`() async throws {
        let behaviour: TestServer.Behaviour = { _, peer in
            peer.send("HTTP/1.1 200 OK\r\n")
            let line = "X-Filler: " + String(repeating: "y", count: 1_000) + "\r\n"
            while peer.send(line) {}
            return false
        }
        try await withServer(behaviour) { server in
            try await withClient { client in
                let error = try await failure(of: client, OutboundRequest(url: server.url()))
                #expect(error == .tooLarge(limit: Limits.callbackHeaderBytes))
            }
        }
    }

    @Test func `a server that never answers runs into the timeout`() async throws {
        try await withServer({ _, peer in peer.waitForEnd() }) { server in
            try await withClient { client in
                let request = OutboundRequest(url: server.url(), timeout: .milliseconds(50))
                try await expect(.timeout, of: client, request)
            }
            // The connection is closed and not pooled.
            await server.ended.wait()
        }
    }

    @Test func `time runs while a call waits in line`() async throws {
        try await withServer({ _, peer in peer.waitForEnd() }) { server in
            try await withClient(inFlight: 1) { client in
                async let first = failure(of: client, OutboundRequest(url: server.url()))
                await server.arrived.wait()
                let second = OutboundRequest(url: server.url(), timeout: .milliseconds(50))
                try await expect(.timeout, of: client, second)
                #expect(server.arrived.count == 1)
                await client.shutdown()
                let error = try await first
                #expect(error == .shutDown)
            }
        }
    }

    @Test func `a body cut short is an error`() async throws {
        let behaviour: TestServer.Behaviour = { _, peer in
            peer.send("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf")
            return false
        }
        try await withServer(behaviour) { server in
            try await withClient { client in
                let error = try await failure(of: client, OutboundRequest(url: server.url()))
                guard case .transport(code: 18, _) = error else {
                    Issue.record("\(error)")
                    return
                }
            }
        }
    }

    @Test(arguments: [(method: "GET", tries: 2), (method: "POST", tries: 1)])
    func `a connection that dies unanswered is tried again for a GET, once`(
        method: String,
        tries: Int
    ) async throws {
        try await withServer({ _, _ in false }) { server in
            try await withClient { client in
                let request = OutboundRequest(method: method, url: server.url())
                guard case .transport = try await failure(of: client, request) else {
                    Issue.record("not a transport error")
                    return
                }
            }
            #expect(server.arrived.count == tries)
        }
    }

    @Test func `the second try can succeed`() async throws {
        let seen = Signal()
        let behaviour: TestServer.Behaviour = { _, peer in
            seen.fire()
            guard seen.count > 1 else { return false }
            peer.answer()
            return true
        }
        try await withServer(behaviour) { server in
            try await withClient { client in
                let response = try await client.send(OutboundRequest(url: server.url()))
                #expect(response.status == 200)
            }
        }
    }
}
