import Logging
import Outbound
import Testing

/// A client that may reach loopback, unless told otherwise.
func withClient<Result>(
    allowing networks: [String] = ["127.0.0.0/8", "::1/128"],
    authorities: String? = nil,
    inFlight: Int = 32,
    _ body: (OutboundClient) async throws -> Result
) async throws -> Result {
    let client = OutboundClient(
        allowedPrivateNetworks: try networks.map { try CIDR($0) },
        userAgent: "usher-tests",
        certificateAuthorities: authorities,
        inFlight: inFlight,
        logger: Logger(label: "outbound-tests")
    )
    do {
        let result = try await body(client)
        await client.shutdown()
        return result
    } catch {
        await client.shutdown()
        throw error
    }
}

/// A server for the length of a test.
func withServer<Result>(
    _ behaviour: @escaping TestServer.Behaviour = { _, peer in
        peer.answer()
        return true
    },
    _ body: (TestServer) async throws -> Result
) async throws -> Result {
    let server = try TestServer(behaviour)
    defer { server.stop() }
    return try await body(server)
}

/// The error of a call that must fail.
func failure(
    of client: OutboundClient,
    _ request: OutboundRequest,
    sourceLocation: SourceLocation = #_sourceLocation
) async throws -> OutboundError {
    do {
        let response = try await client.send(request)
        Issue.record("answered \(response.status)", sourceLocation: sourceLocation)
        throw Unexpected()
    } catch let error as OutboundError {
        return error
    }
}

/// Sends a request that must fail with this error.
func expect(
    _ expected: OutboundError,
    of client: OutboundClient,
    _ request: OutboundRequest,
    sourceLocation: SourceLocation = #_sourceLocation
) async throws {
    let error = try await failure(of: client, request, sourceLocation: sourceLocation)
    #expect(error == expected, sourceLocation: sourceLocation)
}

struct Unexpected: Error {}
