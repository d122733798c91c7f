import Catalog
import Entitlements
import Foundation
import Front
import Hummingbird
import HummingbirdCore
import Limits
import Logging
import NIOCore
import Outbound
import Postgres
import Service
import ServiceLifecycle
import Store
import TestSupport
import Testing
import Webhooks

@testable import API

/// The service as it is served: router and front on a port of the loopback, and a real database.
struct Live: Sendable {
    let port: Int
    let service: UsherService
    /// Counts what the ordinary pipeline answered.
    let edge: EdgeMetrics

    static let bootstrap = "uk_bootstrap"

    /// Serves the test's own database for as long as the body takes, with the sample catalog.
    static func run(
        url: String = TestDatabase.url,
        _ body: (Live) async throws -> Void
    ) async throws {
        let settings = ConnectionSettings(url: url)
        let logger = Logger(label: "api-tests") { _ in SwiftLogNoOpLogHandler() }
        let pool = Pool(settings, maximum: 3)
        let client = OutboundClient(allowedPrivateNetworks: [], logger: logger)
        let service = try service(pool, settings, client, logger)
        let outcome = try await service.applyCatalog(
            Samples.catalog,
            grandfather: false,
            as: Author(actor: "test")
        )
        #expect(outcome.isApplied)
        try await serve(service, logger, body)
        await service.barrier.close()
        await service.meters.close()
        await client.shutdown()
        pool.close()
    }

    private static func service(
        _ pool: Pool,
        _ settings: ConnectionSettings,
        _ client: OutboundClient,
        _ logger: Logger
    ) throws -> UsherService {
        let store = Store(pool: pool)
        let environment = ["USHER_STRIPE_WEBHOOK_SECRET": "whsec_test"]
        let source = try Source(
            definition: SourceDefinition.parse(file: "stripe.yaml", yaml: Samples.stripe()),
            environment: { environment[$0] }
        )
        let barrier = BarrierReader(
            settings: settings,
            bounds: BarrierBounds(),
            trusted: KeyDigest(of: bootstrap),
            logger: logger
        )
        return UsherService(
            store: store,
            barrier: barrier,
            meters: MeterWriter(settings: settings, logger: logger),
            billing: Billing(
                sources: [source],
                client: client,
                store: store,
                catchUp: MeterCatchUp(store: store, barrier: barrier),
                logger: logger
            ),
            access: Access(bootstrapKey: bootstrap),
            allowsTestClocks: true,
            logger: logger
        )
    }

    private static func serve(
        _ service: UsherService,
        _ logger: Logger,
        _ body: (Live) async throws -> Void
    ) async throws {
        let (ports, found) = AsyncStream.makeStream(of: Int.self)
        let checks = CheckMetrics()
        let consumes = CheckMetrics()
        let edge = EdgeMetrics()
        let routes = Routes(
            service: service,
            checkMetrics: checks,
            consumeMetrics: consumes,
            edgeMetrics: edge,
            openAPI: Array("{}".utf8)
        )
        var http = HTTP1Channel.Configuration()
        http.httpDecoder = .init(
            maxHeaderFieldSize: 4 * Limits.headerBytes,
            maxHeaderListSize: 4 * Limits.headerBytes
        )
        let application = Application(
            router: routes.router(),
            server: .front(
                base: .http1(configuration: http),
                routes: CheckResponder.routes,
                responder: CheckResponder(
                    service: service,
                    metrics: checks,
                    consumeMetrics: consumes
                )
            ),
            configuration: .init(address: .hostname("127.0.0.1", port: 0), serverName: "usher"),
            onServerRunning: { found.yield($0.localAddress?.port ?? 0) },
            logger: logger
        )
        let running = Task { try await application.run() }
        var iterator = ports.makeAsyncIterator()
        let port = try #require(await iterator.next())
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(Live(port: port, service: service, edge: edge)))
        } catch {
            result = .failure(error)
        }
        running.cancel()
        _ = await running.result
        try result.get()
    }
}

extension Live {
    /// Sends one request on a connection of its own.
    func send(_ request: RawRequest) async throws -> RawAnswer {
        try await RawClient.connected(to: port) { client in try await client.send(request) }
    }

    func send(_ method: String, _ path: String, _ body: JSON? = nil) async throws -> RawAnswer {
        try await send(RawRequest(method, path, body))
    }

    /// Makes an account and signs somebody in: the session's id.
    func signUp(_ account: String = "acme") async throws -> String {
        let created = try await send("PUT", "/v1/accounts/\(account)", [:])
        #expect(created.status == 201)
        return try await signIn(account)
    }

    func signIn(_ account: String = "acme") async throws -> String {
        let signedIn = try await send(
            "POST",
            "/v1/sessions",
            ["account": .string(account), "user": "ann"]
        )
        #expect(signedIn.status == 201)
        return try #require(signedIn.json["session"]?.string)
    }

    /// Makes a key with some scopes: its secret.
    func key(_ scopes: String...) async throws -> String {
        try await key(scopes)
    }

    func key(_ scopes: [String]) async throws -> String {
        let answer = try await send(
            "POST",
            "/v1/keys",
            ["name": "test", "scopes": .array(scopes.map(JSON.string))]
        )
        #expect(answer.status == 201)
        return try #require(answer.json["key"]?.string)
    }

    func check(_ session: String, _ feature: String) async throws -> RawAnswer {
        try await send(
            "POST",
            "/v1/check",
            ["session": .string(session), "feature": .string(feature)]
        )
    }
}

/// What the suites share.
enum Samples {
    static let catalog = [
        CatalogFile(
            path: "features.yaml",
            text: """
                features:
                  sso: { type: boolean }
                  report_days: { type: config, value: integer }
                  uptime: { type: config, value: number }
                  support: { type: config, value: string }
                  api_calls: { type: metered, unit: call }
                  exports: { type: metered }
                  jobs: { type: concurrency }
                  storage: { type: level }
                  seats: { type: seats }
                  search: { type: rate }
                """
        ),
        CatalogFile(
            path: "free.yaml",
            text: """
                plan: free
                default: true
                entitlements:
                  report_days: 7
                  support: "none \\"yet\\" — sorry"
                  api_calls: { limit: 1_000, per: month }
                """
        ),
        CatalogFile(
            path: "pro.yaml",
            text: """
                plan: pro
                trial: { days: 14, then: free }
                grace: { days: 7 }
                entitlements:
                  sso: true
                  report_days: 90
                  uptime: 99.95
                  api_calls: { limit: 100_000, per: month }
                  storage: { limit: unlimited }
                  seats: { limit: 10 }
                  jobs: { limit: 1 }
                  search: { limit: 20, per: second }
                """
        ),
        CatalogFile(
            path: "calls.yaml",
            text: """
                addon: calls
                entitlements:
                  api_calls: { limit: 50_000, per: month }
                  storage: { limit: 5 }
                """
        ),
    ]

    static let features = [
        "api_calls", "exports", "jobs", "report_days", "search", "seats", "sso", "storage",
        "support", "uptime",
    ]

    /// The repository.
    static let root = URL(filePath: #filePath)
        .deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    static func stripe() throws -> String {
        try String(contentsOf: root.appending(path: "webhooks/stripe.yaml"), encoding: .utf8)
    }
}
