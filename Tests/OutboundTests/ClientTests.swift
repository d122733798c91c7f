import Glibc
import Logging
import Outbound
import Testing

@Suite(.timeLimit(.minutes(1))) struct `A client` {
    @Test func `sends method, headers and body, and returns the whole answer`() async throws {
        let behaviour: TestServer.Behaviour = { _, peer in
            peer.answer("201 Created", headers: ["X-Kind: one", "x-kind:  two "], body: "made")
            return true
        }
        try await withServer(behaviour) { server in
            let response = try await withClient { client in
                try await client.send(
                    OutboundRequest(
                        method: "POST",
                        url: server.url("/things?a=1"),
                        headers: [("Authorization", "Bearer k"), ("X-Empty", "")],
                        body: Array("a\u{0}b".utf8)
                    )
                )
            }
            #expect(response.status == 201)
            #expect(String(decoding: response.body, as: UTF8.self) == "made")
            #expect(response.header("X-KIND") == "one")
            #expect(response.headers.map(\.value).contains("two"))
            #expect(response.duration > .zero)
            let request = try #require(server.requests.first)
            #expect(request.lines.first == "POST /things?a=1 HTTP/1.1")
            #expect(request.body == "a\u{0}b")
            #expect(request.header("Authorization") == "Bearer k")
            #expect(request.header("X-Empty")?.isEmpty == true)
            #expect(request.header("User-Agent") == "usher-tests")
        }
    }

    @Test(arguments: ["Accept-Encoding", "Content-Type", "Expect", "Cookie"])
    func `adds no header of its own making`(name: String) async throws {
        try await withServer { server in
            try await withClient { client in
                _ = try await client.send(
                    OutboundRequest(method: "PUT", url: server.url(), body: Array("{}".utf8))
                )
            }
            #expect(server.requests.first?.header(name) == nil)
        }
    }

    @Test(arguments: ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"])
    func `sends every method with and without a body`(method: String) async throws {
        let behaviour: TestServer.Behaviour = { request, peer in
            peer.answer(body: request.head.hasPrefix("HEAD") ? "" : "ok")
            return true
        }
        try await withServer(behaviour) { server in
            try await withClient { client in
                for body in method == "HEAD" ? [nil] : [nil, Array("x".utf8)] {
                    let response = try await client.send(
                        OutboundRequest(method: method, url: server.url(), body: body)
                    )
                    #expect(response.status == 200)
                }
            }
            #expect(server.requests.allSatisfy { $0.head.hasPrefix("\(method) / HTTP/1.1") })
        }
    }

    @Test(arguments: [(301, "Moved"), (302, "Found"), (404, "Not Found"), (500, "Oops")])
    func `returns a redirect or an error status as it is`(
        status: Int,
        reason: String
    ) async throws {
        try await withServer { target in
            let location = target.url()
            let behaviour: TestServer.Behaviour = { _, peer in
                peer.answer("\(status) \(reason)", headers: ["Location: \(location)"])
                return true
            }
            try await withServer(behaviour) { server in
                let response = try await withClient { client in
                    try await client.send(OutboundRequest(url: server.url()))
                }
                #expect(response.status == status)
            }
            #expect(target.accepted.count == 0)
        }
    }

    @Test func `passes over interim answers`() async throws {
        let behaviour: TestServer.Behaviour = { _, peer in
            peer.send("HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n")
            peer.answer(headers: ["X-Final: yes"])
            return true
        }
        try await withServer(behaviour) { server in
            let response = try await withClient { client in
                try await client.send(OutboundRequest(url: server.url()))
            }
            #expect(response.status == 200)
            #expect(response.header("Link") == nil)
            #expect(response.header("X-Final") == "yes")
        }
    }

    @Test func `tells how long a busy server wants to be left alone`() async throws {
        let behaviour: TestServer.Behaviour = { _, peer in
            peer.answer("429 Too Many Requests", headers: ["Retry-After: 7"])
            return true
        }
        try await withServer(behaviour) { server in
            let response = try await withClient { client in
                try await client.send(OutboundRequest(url: server.url()))
            }
            #expect(response.status == 429)
            #expect(response.retryAfter == .seconds(7))
        }
    }

    @Test func `keeps connections for the next call`() async throws {
        try await withServer { server in
            try await withClient { client in
                for _ in 0..<5 { _ = try await client.send(OutboundRequest(url: server.url())) }
            }
            #expect(server.accepted.count == 1)
        }
    }

    @Test func `gets over keep-alive connections that the server closed`() async throws {
        let behaviour: TestServer.Behaviour = { _, peer in
            peer.answer(headers: ["Connection: keep-alive"])
            return false
        }
        try await withServer(behaviour) { server in
            try await withClient { client in
                for round in 1...5 {
                    let response = try await client.send(OutboundRequest(url: server.url()))
                    #expect(response.status == 200)
                    await server.ended.wait(for: round)
                }
            }
        }
    }

    @Test func `heeds no proxy of the environment`() async throws {
        await #expect(processExitsWith: .success) {
            for name in ["http_proxy", "https_proxy", "all_proxy"] {
                // In a process of its own, before any other thread.
                unsafe setenv(name, "http://127.0.0.1:1", 1)
            }
            let status = try await withServer { server in
                try await withClient { client in
                    try await client.send(OutboundRequest(url: server.url())).status
                }
            }
            precondition(status == 200)
        }
    }

    @Test func `ends by itself when it is let go of`() async throws {
        try await withServer { server in
            var client: OutboundClient? = OutboundClient(
                allowedPrivateNetworks: [try CIDR("127.0.0.0/8")],
                logger: Logger(label: "outbound-tests")
            )
            _ = try await client?.send(OutboundRequest(url: server.url()))
            client = nil
            // Its thread closes the pooled connection on the way out.
            await server.ended.wait()
        }
    }
}
