import Foundation
import Harness

/// The service that is measured, as a process.
struct UsherService {
    /// The bootstrap key of this run; it reaches no further than this machine's loopback.
    static let key = "uk_bench_key_of_one_run_on_loopback_only"

    let child: Child
    let port: Int

    /// What every start has in common.
    struct Settings {
        let binary: String
        let repository: URL
        let database: String
        let folder: URL
    }

    /// Brings the database's schema up to date.
    static func migrate(_ settings: Settings) throws {
        try Command.run(
            "migrate",
            [settings.binary, "migrate"],
            environment: environment(settings, port: 0),
            in: settings.folder
        )
    }

    /// Starts it and waits until it is ready.
    ///
    /// `held` bounds what it keeps in memory; without it the service's own bound holds everything.
    init(
        _ name: String,
        _ settings: Settings,
        held: (sessions: Int, accounts: Int)? = nil
    ) throws {
        let port = try freePort()
        var environment = Self.environment(settings, port: port)
        if let held {
            environment["USHER_SESSIONS_HELD"] = String(held.sessions)
            environment["USHER_ACCOUNTS_HELD"] = String(held.accounts)
        }
        child = try Child(
            name,
            [settings.binary, "serve", "--apply-catalog"],
            environment: environment,
            in: settings.folder
        )
        self.port = port
        try child.wait(upTo: .seconds(30)) {
            let client = try? LoopbackClient(port: port, key: Self.key)
            return (try? client?.send("GET", "/readyz"))?.status == 200
        }
    }

    func client() throws -> LoopbackClient {
        try LoopbackClient(port: port, key: Self.key)
    }

    /// Reads of the database that checks have waited for, since the start.
    func barrierReads() throws -> Double {
        let name = "usher_barrier_reads_total "
        let metrics = try client().send("GET", "/metrics").body
        let line = metrics.split(separator: "\n").first { $0.hasPrefix(name) }
        guard let reads = line.flatMap({ Double($0.dropFirst(name.count)) }) else {
            throw BenchmarkError("/metrics does not show \(name)")
        }
        return reads
    }

    private static func environment(_ settings: Settings, port: Int) -> [String: String] {
        [
            "USHER_DATABASE_URL": settings.database,
            "USHER_HOST": "127.0.0.1",
            "USHER_PORT": String(port),
            "USHER_ADMIN_KEY": key,
            "USHER_PLANS_DIR": settings.repository.appendingPathComponent("plans").path,
            "USHER_WEBHOOKS_DIR": settings.repository.appendingPathComponent("webhooks").path,
            "USHER_MIGRATIONS_DIR": settings.repository.appendingPathComponent("migrations").path,
        ]
    }
}
