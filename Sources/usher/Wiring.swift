import API
import Catalog
import Entitlements
import Foundation
import Front
import Hummingbird
import HummingbirdCore
import Limits
import Logging
import NIOCore
import NIOPosix
import Outbound
import Postgres
import Service
import ServiceLifecycle
import Store
import UnixSignals
import Webhooks
import Yams

/// Configuration in, a running service out.
struct Wiring {
    private let settings: ServiceSettings
    private let logger: Logger

    init(_ settings: ServiceSettings) {
        self.settings = settings
        logger = Self.logger(settings)
    }

    /// Runs until it is told to stop, answers what it accepted, and stops its own database last.
    func run() async throws {
        guard let url = settings.databaseURL else {
            let cluster = try await EmbeddedCluster.start(
                dataDirectory: settings.dataDirectory,
                logger: logger
            )
            do {
                try await serve(cluster.url, isOwnDatabase: true)
            } catch {
                await cluster.stop()
                throw error
            }
            return await cluster.stop()
        }
        try await serve(url, isOwnDatabase: false)
    }

    @discardableResult
    static func migrate(_ url: String, settings: ServiceSettings) async throws -> [String] {
        let migrator = try Migrator(directory: settings.migrationsDirectory)
        return try await migrator.migrate(
            ConnectionSettings(url: url, applicationName: "usher migrate"),
            logger: logger(settings)
        )
    }

    private func serve(_ url: String, isOwnDatabase: Bool) async throws {
        try await Self.migrate(url, settings: settings)
        let connection = ConnectionSettings(url: url)
        let pool = Pool(connection, maximum: settings.poolConnections)
        defer { pool.close() }
        let client = OutboundClient(
            allowedPrivateNetworks: settings.allowedPrivateNetworks,
            userAgent: "usher/\(Usher.version)",
            logger: logger
        )
        let service = try service(pool: pool, connection: connection, client: client)
        if isOwnDatabase || settings.appliesCatalog { try await applyCatalog(service) }
        await warnOfTestClocks(service)
        if try await service.store.prepareLedger() {
            logger.notice("the ledger came from another cluster; its numbers go on")
        }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: settings.eventLoops)
        try await runServices(service, group: group)
        await service.barrier.close()
        await service.meters.close()
        await client.shutdown()
        try await group.shutdownGracefully()
    }

    private func service(
        pool: Pool,
        connection: ConnectionSettings,
        client: OutboundClient
    ) throws -> UsherService {
        let store = Store(pool: pool)
        let access = Access(bootstrapKey: settings.adminKey)
        let barrier = BarrierReader(
            settings: connection,
            bounds: settings.bounds,
            trusted: access.bootstrap,
            logger: logger
        )
        return UsherService(
            store: store,
            barrier: barrier,
            meters: MeterWriter(settings: connection, logger: logger),
            billing: Billing(
                sources: try sources(),
                client: client,
                store: store,
                catchUp: MeterCatchUp(store: store, barrier: barrier),
                logger: logger
            ),
            access: access,
            allowsTestClocks: settings.allowsTestClocks,
            logger: logger
        )
    }

    private func runServices(_ service: UsherService, group: any EventLoopGroup) async throws {
        let checks = CheckMetrics()
        let consumes = CheckMetrics()
        let routes = Routes(
            service: service,
            checkMetrics: checks,
            consumeMetrics: consumes,
            edgeMetrics: EdgeMetrics(),
            openAPI: openAPI()
        )
        let application = Application(
            router: routes.router(),
            server: .front(
                base: .http1(configuration: Self.http),
                routes: CheckResponder.routes,
                responder: CheckResponder(
                    service: service,
                    metrics: checks,
                    consumeMetrics: consumes
                )
            ),
            configuration: ApplicationConfiguration(
                address: .hostname(settings.host, port: settings.port),
                serverName: "usher",
                backlog: 1_024,
                availableConnectionsDelegate: .maximum(
                    Limits.connections,
                    logger: logger
                )
            ),
            onServerRunning: { channel in announce(channel) },
            eventLoopGroupProvider: .shared(group),
            logger: logger
        )
        var configuration = ServiceGroupConfiguration(
            services: [
                // Stopped in reverse: no call is taken any more when the work behind it ends.
                .init(
                    service: SubjectWorker(processor: service.billing.processor, logger: logger)
                ),
                .init(
                    service: Housekeeping(
                        store: service.store,
                        billing: service.billing,
                        logger: logger
                    )
                ),
                .init(
                    service: MeterKeeping(
                        service: service,
                        retention: settings.usageRetention,
                        logger: logger
                    )
                ),
                .init(service: application),
            ],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: logger
        )
        configuration.maximumGracefulShutdownDuration = Limits.shutdown
        try await ServiceGroup(configuration: configuration).run()
    }

    private static var http: HTTP1Channel.Configuration {
        var http = HTTP1Channel.Configuration(
            additionalChannelHandlers: [RequestDeadline()],
            idleTimeout: .nanoseconds(Limits.idleConnection.wholeNanoseconds)
        )
        // Above our own bound, so that whoever exceeds that one gets an answer that says so.
        http.httpDecoder = .init(
            maxHeaderFieldSize: 4 * Limits.headerBytes,
            maxHeaderListSize: 4 * Limits.headerBytes
        )
        return http
    }

    private func announce(_ channel: any Channel) {
        let port = channel.localAddress?.port ?? settings.port
        logger.notice("ready", metadata: ["host": "\(settings.host)", "port": "\(port)"])
        guard settings.databaseURL == nil else { return }
        let url = "http://\(settings.host):\(port)"
        let greeting = """

            Usher is ready at \(url). In another terminal, with the key in USHER_ADMIN_KEY:

              curl \(url)/v1/accounts/acme -X PUT --json '{"name": "Acme"}' \\
                   -H "Authorization: Bearer $USHER_ADMIN_KEY"

            and on with the README's first session, or with `usher demo`.

            """
        // Not print: that waits in a buffer when nobody looks at a terminal.
        FileHandle.standardOutput.write(Data((greeting + "\n").utf8))
    }

    private static func logger(_ settings: ServiceSettings) -> Logger {
        var logger = Logger(label: "usher", factory: { StreamLogHandler.standardError(label: $0) })
        logger.logLevel = settings.logLevel
        return logger
    }
}

extension Wiring {
    /// A test clock that a rehearsal left behind holds every end of its account off.
    private func warnOfTestClocks(_ service: UsherService) async {
        do {
            let accounts = try await service.forgottenTestClocks()
            guard !accounts.isEmpty else { return }
            logger.warning(
                "accounts whose time is a test clock, which USHER_TEST_CLOCKS does not allow here",
                metadata: [
                    "accounts": "\(accounts.joined(separator: ", "))",
                    "remedy": "PUT /v1/accounts/{account}/clock {}",
                ]
            )
        } catch {
            // A warning's worth, on a large table: no reason not to start.
            logger.warning("test clocks were not looked for", metadata: ["error": "\(error)"])
        }
    }

    /// Applies the catalog's folder; an unchanged one writes nothing.
    private func applyCatalog(_ service: UsherService) async throws {
        do {
            let outcome = try await service.applyCatalog(
                try CatalogFiles.read(settings.plansDirectory).catalogFiles,
                grandfather: false,
                as: Author(actor: "serve", reason: "applied at the start")
            )
            logger.info(
                "catalog applied",
                metadata: [
                    "changes": "\(outcome.changes.count)", "revision": "\(outcome.revision)",
                ]
            )
        } catch let refusal as Refusal {
            let problems = (refusal.problems ?? [])
                .map { problem in
                    ["file", "line", "field", "message", "remedy"]
                        .compactMap { problem[$0]?.string ?? problem[$0]?.integer.map(String.init) }
                        .filter { !$0.isEmpty }.joined(separator: ": ")
                }
            throw ServeFailure(([refusal.detail] + problems).joined(separator: "\n  "))
        }
    }

    /// Every source file; a mistake in one stops the start, before anything is served.
    private func sources() throws -> [Source] {
        let folder = URL(fileURLWithPath: settings.webhooksDirectory, isDirectory: true)
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        return try names.filter { $0.hasSuffix(".yaml") }.sorted()
            .map { name in
                let text = try String(
                    contentsOf: folder.appendingPathComponent(name),
                    encoding: .utf8
                )
                let source = try Source(
                    definition: SourceDefinition.parse(file: name, yaml: text),
                    environment: { settings.environment[$0] }
                )
                logger.info("billing source", metadata: ["source": "\(source)"])
                return source
            }
    }

    /// The API's description as JSON, for `/openapi.json`.
    private func openAPI() -> [UInt8]? {
        guard
            let text = try? String(contentsOfFile: settings.openAPIFile, encoding: .utf8),
            let document = try? Yams.load(yaml: text),
            let data = try? JSONSerialization.data(withJSONObject: document)
        else {
            logger.warning(
                "no API description",
                metadata: ["file": "\(settings.openAPIFile)"]
            )
            return nil
        }
        return Array(data)
    }
}

extension Duration {
    fileprivate var wholeNanoseconds: Int64 {
        components.seconds * 1_000_000_000 + components.attoseconds / 1_000_000_000
    }
}
