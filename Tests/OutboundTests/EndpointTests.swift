import Limits
import Logging
import Outbound
import Testing

@Suite(.timeLimit(.minutes(1))) struct `An endpoint` {
    /// A server that answers the given statuses in turn, the last one for good.
    static func answering(_ statuses: String..., headers: [String] = []) -> TestServer.Behaviour {
        let served = Signal()
        return { _, peer in
            peer.answer(statuses[min(served.count, statuses.count - 1)], headers: headers)
            served.fire()
            return true
        }
    }

    static func withEndpoint(
        rate: Int = 1_000,
        _ behaviour: @escaping TestServer.Behaviour,
        _ body: (Endpoint, TestServer) async throws -> Void
    ) async throws {
        try await withServer(behaviour) { server in
            try await withClient { client in
                let endpoint = Endpoint(
                    name: "test",
                    client: client,
                    rate: rate,
                    logger: Logger(label: "outbound-tests")
                )
                try await body(endpoint, server)
            }
        }
    }

    static func wait(of endpoint: Endpoint, _ server: TestServer) async throws -> Duration? {
        do {
            _ = try await endpoint.send(OutboundRequest(url: server.url()))
            return nil
        } catch OutboundError.breakerOpen(let retryAfter) {
            return retryAfter
        }
    }

    @Test func `counts its calls`() async throws {
        try await Self.withEndpoint(Self.answering("200 OK", "404 No", "500 Oops")) {
            endpoint,
            server in
            for _ in 0..<3 { _ = try await endpoint.send(OutboundRequest(url: server.url())) }
            let expected = Endpoint.Statistics(calls: 3, failures: 1, refused: 0, breaker: .closed)
            #expect(endpoint.statistics == expected)
        }
    }

    @Test func `stops calling after five errors in a row`() async throws {
        try await Self.withEndpoint(Self.answering("500 Oops")) { endpoint, server in
            for _ in 0..<5 {
                let wait = try await Self.wait(of: endpoint, server)
                #expect(wait == nil)
            }
            let wait = try await Self.wait(of: endpoint, server)
            #expect(wait.map { $0 > .seconds(25) && $0 <= Limits.breakerOpen.first } == true)
            #expect(server.arrived.count == 5)
            let expected = Endpoint.Statistics(calls: 5, failures: 5, refused: 1, breaker: .open)
            #expect(endpoint.statistics == expected)
        }
    }

    @Test(arguments: ["401 Unauthorized", "403 Forbidden"])
    func `stops calling when its credentials are refused`(status: String) async throws {
        try await Self.withEndpoint(Self.answering(status)) { endpoint, server in
            let waits = try await [
                Self.wait(of: endpoint, server), Self.wait(of: endpoint, server),
            ]
            #expect(waits[0] == nil && waits[1] != nil)
            #expect(server.arrived.count == 1)
        }
    }

    @Test(arguments: [
        (status: "429 Too Many Requests", held: true), (status: "503 Unavailable", held: true),
        (status: "200 OK", held: false), (status: "404 Not Found", held: false),
    ])
    func `is left alone for as long as it asks`(status: String, held: Bool) async throws {
        let behaviour = Self.answering(status, headers: ["Retry-After: 100"])
        try await Self.withEndpoint(behaviour) { endpoint, server in
            let first = try await Self.wait(of: endpoint, server)
            #expect(first == nil)
            let wait = try await Self.wait(of: endpoint, server)
            #expect(held ? wait.map { $0 > .seconds(90) } == true : wait == nil)
        }
    }

    @Test func `refuses calls beyond its rate that would wait too long`() async throws {
        try await Self.withEndpoint(rate: 1, Self.answering("200 OK")) { endpoint, server in
            let waits = try await withThrowingTaskGroup(of: Duration?.self) { group in
                for _ in 0..<10 {
                    group.addTask { try await Self.wait(of: endpoint, server) }
                }
                return try await group.reduce(into: [Duration]()) { waits, wait in
                    if let wait { waits.append(wait) }
                }
            }
            // One at once and two within the bound of two seconds, when all ask at the same time.
            #expect(server.arrived.count >= 3)
            #expect(!waits.isEmpty && waits.count + server.arrived.count == 10)
            #expect(waits.allSatisfy { $0 > Limits.callbackRateWait })
        }
    }

    @Test func `can be cancelled while it waits for its turn`() async throws {
        try await Self.withEndpoint(rate: 1, Self.answering("200 OK")) { endpoint, server in
            let wait = try await Self.wait(of: endpoint, server)
            #expect(wait == nil)
            let gate = Signal()
            let task = Task {
                await gate.wait()
                _ = await #expect(throws: OutboundError.cancelled) {
                    try await endpoint.send(OutboundRequest(url: server.url()))
                }
            }
            task.cancel()
            gate.fire()
            await task.value
            #expect(server.arrived.count == 1)
        }
    }

    @Test func `is not blamed for calls that were never sent`() async throws {
        try await Self.withEndpoint(Self.answering("200 OK")) { endpoint, server in
            for _ in 0..<6 {
                for url in ["https://10.0.0.1/", "http://192.0.2.1/", "ftp://x/"] {
                    _ = try? await endpoint.send(OutboundRequest(url: url))
                }
            }
            #expect(endpoint.statistics.breaker == .closed)
            #expect(endpoint.statistics.failures == 0)
            let wait = try await Self.wait(of: endpoint, server)
            #expect(wait == nil)
        }
    }
}
