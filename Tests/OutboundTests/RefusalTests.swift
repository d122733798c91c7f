import Outbound
import Testing

@Suite(.timeLimit(.minutes(1))) struct `A client refuses` {
    @Test(arguments: [
        "127.0.0.1", "2130706433", "0x7f000001", "[::ffff:127.0.0.1]", "localhost", "0.0.0.0",
    ])
    func `loopback in every spelling, and makes no connection`(host: String) async throws {
        try await withServer { server in
            try await withClient(allowing: []) { client in
                for scheme in ["http", "https"] {
                    let url = server.url(host: host, scheme: scheme)
                    let error = try await failure(of: client, OutboundRequest(url: url))
                    guard case .addressRefused = error else {
                        Issue.record("\(url) gave \(error)")
                        continue
                    }
                }
            }
            #expect(server.accepted.count == 0)
        }
    }

    @Test(arguments: [
        (host: "[::1]", address: "::1"), (host: "169.254.169.254", address: "169.254.169.254"),
        (host: "10.0.0.1", address: "10.0.0.1"), (host: "[fd00::1]", address: "fd00::1"),
        (host: "[64:ff9b::a00:1]", address: "64:ff9b::a00:1"),
    ])
    func `private addresses by name of the address`(host: String, address: String) async throws {
        try await withClient { client in
            // IPv6 loopback is allowed by the fixture, so this one is stricter.
            try await withClient(allowing: ["127.0.0.0/8"]) { strict in
                let request = OutboundRequest(url: "https://\(host)/")
                let error = try await failure(of: host == "[::1]" ? strict : client, request)
                #expect(error == .addressRefused(host: host, address: address))
            }
        }
    }

    @Test func `plain http to the public Internet`() async throws {
        try await withClient { client in
            let request = OutboundRequest(url: "http://192.0.2.1/")
            try await expect(.insecureTransport("192.0.2.1"), of: client, request)
        }
    }

    @Test(arguments: [
        "", "example.com", "ftp://example.com/", "file:///etc/passwd", "gopher://example.com/",
        "nonsense://example.com/", "https://user@example.com/", "https://user:pass@example.com/",
        "https://:pass@example.com/", "https://exa mple.com/", "https://example.com/\r\nX: y",
        "https://example.com/\u{0}", "https://example.com/\u{7F}", "https://exämple.com/",
        "https://", "https://example.com:99999/", "https://[::1/",
    ])
    func `URLs that are not plainly https, without repeating them`(url: String) async throws {
        try await withClient { client in
            let error = try await failure(of: client, OutboundRequest(url: url))
            guard case .invalidURL(let reason) = error else {
                Issue.record("\(url) gave \(error)")
                return
            }
            #expect(!reason.contains("example.com") && !reason.contains("pass@"))
        }
    }

    @Test(arguments: [
        (method: "GET", name: "X-Key", value: "a\r\nHost: evil"),
        (method: "GET", name: "X-Key", value: "a\u{0}b"),
        (method: "GET", name: "X-Key: a\r\nHost", value: "evil"),
        (method: "GET", name: "", value: "x"),
        (method: "GET / HTTP/1.1\r\nHost: evil\r\n\r\nGET", name: "X", value: "y"),
    ])
    func `headers and methods that would smuggle a line`(
        method: String,
        name: String,
        value: String
    ) async throws {
        try await withServer { server in
            try await withClient { client in
                let request = OutboundRequest(
                    method: method,
                    url: server.url(),
                    headers: [(name, value)]
                )
                guard case .transport(code: 43, _) = try await failure(of: client, request) else {
                    Issue.record("the header went through")
                    return
                }
            }
            #expect(server.accepted.count == 0)
        }
    }

    @Test(arguments: [
        OutboundError.invalidURL("x"), .addressRefused(host: "h", address: "10.0.0.1"),
        .insecureTransport("h"), .tooLarge(limit: 5), .timeout, .tls("x"),
        .transport(code: 7, message: "x"), .breakerOpen(retryAfter: .seconds(3)), .shutDown,
        .cancelled,
    ])
    func `with a sentence for each reason`(error: OutboundError) {
        #expect(error.description.count > 10)
    }

    @Test func `and never tells a secret`() async throws {
        let secret = "sk_live_51Hx"
        let behaviours: [TestServer.Behaviour] = [
            { _, _ in false },
            { _, peer in
                peer.answer(body: String(repeating: "x", count: 200))
                return true
            },
            { _, peer in peer.send("nonsense\r\n\r\n") && false },
        ]
        for behaviour in behaviours {
            try await withServer(behaviour) { server in
                try await withClient { client in
                    for url in [server.url(), "https://10.0.0.1/", "https://u:\(secret)@x/"] {
                        let request = OutboundRequest(
                            method: "POST",
                            url: url,
                            headers: [("Authorization", "Bearer \(secret)")],
                            body: Array(secret.utf8),
                            maximumBytes: 100
                        )
                        let error = try await failure(of: client, request)
                        #expect(
                            !"\(error)".contains(secret)
                                && !String(reflecting: error).contains(secret)
                        )
                    }
                }
            }
        }
    }
}
