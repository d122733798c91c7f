import Foundation
import Glibc
import Postgres
import Store
import TestSupport
import Testing

/// A server that a test may stop, freeze and crash: a cluster of its own in a folder of its own.
struct OwnServer: Sendable {
    let cluster: EmbeddedCluster
    let folder: String

    static func start(
        in folder: String,
        settings: [String: String] = [:]
    ) async throws
        -> OwnServer
    {
        let cluster = try await EmbeddedCluster.start(
            dataDirectory: folder,
            settings: TestServer.settings.merging(settings) { _, own in own },
            logger: .silent
        )
        return OwnServer(cluster: cluster, folder: folder)
    }

    /// Fills an empty server: the schema, the catalog, one account.
    func open() async throws -> Shop {
        try await Migrator(directory: Shop.migrations)
            .migrate(ConnectionSettings(url: cluster.url), logger: .silent)
        let shop = try await Shop(url: cluster.url)
        try await shop.open("acme")
        return shop
    }

    /// Stops the processes where they are: whoever talks to them hears nothing.
    func freeze(_ processes: [Int32]) {
        for process in processes { kill(process, SIGSTOP) }
    }

    func thaw(_ processes: [Int32]) {
        for process in processes { kill(process, SIGCONT) }
    }

    /// The server's own process, and the session that reads barriers.
    func processes(_ shop: Shop) async throws -> [Int32] {
        let reader = try await shop.number(
            "select pid from pg_stat_activity where application_name = 'usher checks'"
        )
        return [try #require(await cluster.serverPID), Int32(reader)]
    }

    /// Kills a session outright, which makes the server start over, and waits until it has.
    func crash(_ shop: Shop) async throws {
        let victim = try await shop.connect()
        let pid = try await victim.query("select pg_backend_pid() as pid")[0].int64("pid")
        let life = await Self.life(of: victim)
        kill(Int32(pid), SIGKILL)
        try await wait {
            guard let connection = try? await shop.connect(),
                let now = await Self.life(of: connection)
            else { return false }
            return now != life
        }
    }

    private static func life(of connection: Connection) async -> String? {
        try? await connection
            .query(
                """
                select backend_start::text as start
                  from pg_stat_activity where backend_type = 'checkpointer'
                """
            )
            .first?
            .text("start")
    }
}
