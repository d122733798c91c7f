import Catalog
import Entitlements
import Foundation
import Logging
import Outbound
import Postgres
import Store
import TestSupport
import Testing
import Webhooks

@testable import Service

/// A service on the test's own database, with the shipped Stripe source and a provider on loopback.
struct World: Sendable {
    let service: UsherService
    let provider: FakeProvider
    let pool: Pool
    private let client: OutboundClient

    static let bootstrap = "uk_bootstrap"
    let author = Author(actor: "key:test")

    /// Runs a test in a world with the standard catalog; ends what it started.
    static func run(
        catalog: [CatalogFile] = Catalogs.standard,
        _ body: (World) async throws -> Void
    ) async throws {
        let provider = try FakeProvider()
        defer { provider.stop() }
        let world = try World(provider: provider)
        try await world.ending {
            if !catalog.isEmpty {
                _ = try await world.apply(catalog)
            }
            try await body(world)
        }
    }

    /// Runs with a second instance on the same database and provider.
    func withSecondInstance(_ body: (World) async throws -> Void) async throws {
        let second = try World(provider: provider)
        try await second.ending { try await body(second) }
    }

    private init(provider: FakeProvider) throws {
        let settings = ConnectionSettings(url: TestDatabase.url)
        let logger = Logger(label: "service-tests") { _ in SwiftLogNoOpLogHandler() }
        pool = Pool(settings, maximum: 3, wait: .seconds(30))
        client = OutboundClient(
            allowedPrivateNetworks: [try CIDR("127.0.0.0/8")],
            logger: logger
        )
        let store = Store(pool: pool)
        let barrier = BarrierReader(
            settings: settings,
            bounds: BarrierBounds(),
            trusted: KeyDigest(of: Self.bootstrap),
            logger: logger
        )
        service = UsherService(
            store: store,
            barrier: barrier,
            meters: MeterWriter(settings: settings, logger: logger),
            billing: Billing(
                sources: [try Self.stripe(base: provider.base)],
                client: client,
                store: store,
                catchUp: MeterCatchUp(store: store, barrier: barrier),
                logger: logger
            ),
            access: Access(bootstrapKey: Self.bootstrap),
            allowsTestClocks: true,
            logger: logger
        )
        self.provider = provider
    }

    private func ending(_ body: () async throws -> Void) async throws {
        let result: Result<Void, any Error>
        do {
            result = .success(try await body())
        } catch {
            result = .failure(error)
        }
        await service.barrier.close()
        await service.meters.close()
        await client.shutdown()
        pool.close()
        try result.get()
    }

    private static func stripe(base: String) throws -> Source {
        let file = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "webhooks/stripe.yaml")
        let definition = try SourceDefinition.parse(
            file: "stripe.yaml",
            yaml: String(contentsOf: file, encoding: .utf8)
        )
        let environment = [
            "USHER_STRIPE_WEBHOOK_SECRET": StripeEvent.secret,
            "USHER_STRIPE_API_KEY": "rk_test_key", "USHER_STRIPE_API_BASE": base,
        ]
        return try Source(definition: definition) { environment[$0] }
    }
}
