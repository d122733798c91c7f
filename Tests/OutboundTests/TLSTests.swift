import Foundation
import Outbound
import Testing

@Suite(
    .timeLimit(.minutes(1)),
    .serialized,
    .enabled(if: FileManager.default.isExecutableFile(atPath: "/usr/bin/openssl"))
)
struct `A client over TLS` {
    static func call(
        _ server: TLSServer,
        authorities: String?
    ) async throws -> Result<Int, OutboundError> {
        try await withClient(authorities: authorities) { client in
            let request = OutboundRequest(url: "https://127.0.0.1:\(server.port)/")
            do {
                return .success(try await client.send(request).status)
            } catch let error as OutboundError {
                return .failure(error)
            }
        }
    }

    @Test func `trusts the authority that it is given`() async throws {
        let server = try TLSServer(name: "IP:127.0.0.1")
        #expect(try await Self.call(server, authorities: server.authority) == .success(200))
    }

    @Test func `refuses that authority when it was not given`() async throws {
        let server = try TLSServer(name: "IP:127.0.0.1")
        try Self.expectRefusal(try await Self.call(server, authorities: nil))
    }

    @Test func `refuses a certificate that signed itself`() async throws {
        let server = try TLSServer(name: "IP:127.0.0.1", selfSigned: true)
        for authorities in [nil, server.authority] {
            try Self.expectRefusal(try await Self.call(server, authorities: authorities))
        }
    }

    @Test func `refuses a certificate made out to another name`() async throws {
        let server = try TLSServer(name: "DNS:other.example,IP:127.0.0.2")
        try Self.expectRefusal(try await Self.call(server, authorities: server.authority))
    }

    @Test func `refuses TLS before 1.2, even where the system would take it`() async throws {
        await #expect(processExitsWith: .success) {
            let file = FileManager.default.temporaryDirectory
                .appendingPathComponent("outbound-\(UUID().uuidString).cnf")
            defer { try? FileManager.default.removeItem(at: file) }
            try Self.weakSettings.write(to: file, atomically: true, encoding: .utf8)
            // In a process of its own, before OpenSSL has read its settings.
            unsafe setenv("OPENSSL_CONF", file.path, 1)
            for (version, accepted) in [("-tls1_2", true), ("-tls1_1", false)] {
                let server = try TLSServer(name: "IP:127.0.0.1", options: [version])
                let result = try await Self.call(server, authorities: server.authority)
                precondition((result == .success(200)) == accepted, "\(version): \(result)")
            }
        }
    }

    static let weakSettings = """
        openssl_conf = start
        [start]
        ssl_conf = ssl
        [ssl]
        system_default = weak
        [weak]
        MinProtocol = TLSv1
        CipherString = ALL:@SECLEVEL=0
        [req]
        distinguished_name = name
        [name]

        """

    @Test func `says so when its authorities cannot be read`() async throws {
        let server = try TLSServer(name: "IP:127.0.0.1")
        try Self.expectRefusal(try await Self.call(server, authorities: "/nonexistent/ca.pem"))
    }

    @Test func `takes a server without TLS for none`() async throws {
        try await withServer { server in
            try await withClient { client in
                let request = OutboundRequest(url: server.url(scheme: "https"))
                try Self.expectRefusal(.failure(try await failure(of: client, request)))
            }
        }
    }

    static func expectRefusal(
        _ result: Result<Int, OutboundError>,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        guard case .failure(.tls(let message)) = result else {
            Issue.record("\(result)", sourceLocation: sourceLocation)
            return
        }
        #expect(!message.isEmpty, sourceLocation: sourceLocation)
    }
}
