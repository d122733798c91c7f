import Dispatch
import Glibc
package import Postgres
import Synchronization

/// One embedded Postgres for the whole test process, started when the first test asks for it and
/// stopped when the process ends. It forgets at a power failure, and is fast for it.
package actor TestServer {
    package static let shared = TestServer()

    /// What a test's server may give up: everything that only matters when the power fails.
    package static let settings = [
        "fsync": "off",
        "synchronous_commit": "off",
        "full_page_writes": "off",
        "max_connections": "200",
        "max_prepared_transactions": "20",
    ]

    private var starting: Task<EmbeddedCluster, any Error>?

    /// The running server.
    package func cluster() async throws -> EmbeddedCluster {
        if let starting { return try await starting.value }
        let task = Task { try await Self.start() }
        starting = task
        return try await task.value
    }

    /// A URL of the same server for another database.
    package func url(database: String) async throws -> String {
        let url = try await cluster().url
        return url.replacing(
            "/\(EmbeddedCluster.database)?",
            with: "/\(database)?",
            maxReplacements: 1
        )
    }

    private static func start() async throws -> EmbeddedCluster {
        TemporaryFolder.removeAbandoned()
        let folder = try TemporaryFolder.make()
        let cluster = try await EmbeddedCluster.start(
            dataDirectory: folder,
            settings: settings
        )
        atProcessEnd.withLock { $0 = (cluster, folder) }
        atexit { TestServer.stop() }
        return cluster
    }

    private static let atProcessEnd = Mutex<(cluster: EmbeddedCluster, folder: String)?>(nil)

    /// Blocks the thread that ends the process; all others still run.
    private static func stop() {
        guard let (cluster, folder) = atProcessEnd.withLock({ $0 }) else { return }
        let isStopped = DispatchSemaphore(value: 0)
        Task.detached {
            await cluster.stop()
            isStopped.signal()
        }
        _ = isStopped.wait(timeout: .now() + 10)
        TemporaryFolder.remove(folder)
    }
}
