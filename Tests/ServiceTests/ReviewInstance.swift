import Entitlements
import Foundation
import Logging
import Outbound
import Postgres
import Store
import TestSupport
import Webhooks

@testable import Service

/// An instance with sources of its own choice, beside a `World` on the same database.
struct ReviewInstance: Sendable {
    let billing: Billing
    let store: Store
    let client: OutboundClient
    private let pool: Pool
    private let logger = Logger(label: "service-tests") { _ in SwiftLogNoOpLogHandler() }

    /// Runs with an instance whose sources, by name, are those of Stripe at these addresses.
    static func run(
        sources: [String: String],
        _ body: (ReviewInstance) async throws -> Void
    ) async throws {
        let instance = try ReviewInstance(sources: sources)
        let result: Result<Void, any Error>
        do {
            result = .success(try await body(instance))
        } catch {
            result = .failure(error)
        }
        await instance.client.shutdown()
        await instance.billing.processor.drain()
        instance.pool.close()
        try result.get()
    }

    private init(sources: [String: String]) throws {
        let settings = ConnectionSettings(url: TestDatabase.url)
        pool = Pool(settings, maximum: 3, wait: .seconds(30))
        store = Store(pool: pool)
        client = OutboundClient(
            allowedPrivateNetworks: [try CIDR("127.0.0.0/8")],
            logger: logger
        )
        billing = Billing(
            sources: try sources.map { try Self.source($0.key, base: $0.value) },
            client: client,
            store: store,
            catchUp: MeterCatchUp(
                store: store,
                barrier: BarrierReader(
                    settings: settings,
                    bounds: BarrierBounds(),
                    trusted: KeyDigest(of: "uk_bootstrap"),
                    logger: logger
                )
            ),
            logger: logger
        )
    }

    var worker: SubjectWorker { SubjectWorker(processor: billing.processor, logger: logger) }

    var housekeeping: Housekeeping {
        Housekeeping(store: store, billing: billing, logger: logger)
    }

    /// Marks subjects dirty, as events about them would.
    func want(_ ids: [String], of source: String = "stripe") async throws {
        let store = store
        try await store.write(as: Author(actor: "key:test")) { connection in
            for id in ids {
                let key = SubjectKey(source: source, kind: "subscription", id: id)
                _ = try await store.want(key, on: connection)
            }
        }
    }

    private static func source(_ name: String, base: String) throws -> Source {
        let file = URL(filePath: #filePath)
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "webhooks/stripe.yaml")
        let yaml = try String(contentsOf: file, encoding: .utf8)
            .replacing("source: stripe", with: "source: \(name)")
        let definition = try SourceDefinition.parse(file: "\(name).yaml", yaml: yaml)
        let environment = [
            "USHER_STRIPE_WEBHOOK_SECRET": StripeEvent.secret,
            "USHER_STRIPE_API_KEY": "rk_test_key", "USHER_STRIPE_API_BASE": base,
        ]
        return try Source(definition: definition) { environment[$0] }
    }
}
