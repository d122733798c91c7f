import Glibc
import Limits
package import Logging

/// A private Postgres, for those who have none: one data directory, one server, one Unix socket.
///
/// It is as durable as any: nothing is traded for speed unless `settings` say so. Nobody but root
/// and the user that runs it can reach the socket. The server is started again when it dies, and
/// shuts down by itself when this process does.
package actor EmbeddedCluster {
    private enum State {
        case starting  // next: running, stopped
        case running(ChildProcess)  // next: restarting, stopping
        case restarting  // next: running, stopping
        case stopping  // next: stopped
        case stopped  // final
    }

    /// Of the database that the cluster comes with.
    package nonisolated let url: String
    private let folder: ClusterFolder
    private let settings: [String: String]
    private let logger: Logger
    private var lock: ClusterLock?
    private var state = State.starting
    private var supervision: Task<Void, Never>?

    private init(
        folder: ClusterFolder,
        lock: consuming ClusterLock,
        settings: [String: String],
        logger: Logger
    ) {
        url = folder.url(database: Self.database)
        self.folder = folder
        self.lock = consume lock
        self.settings = settings
        self.logger = logger
    }

    /// The database that applications use.
    package static let database = "usher"

    /// Starts the server on a data directory, which is filled at the first time.
    ///
    /// Only the folder `postgres` in the data directory is used. The settings are the server's,
    /// beyond and above the standard ones, such as `["fsync": "off"]`.
    package static func start(
        dataDirectory: String,
        settings: [String: String] = [:],
        logger: Logger = Logger(label: "postgres.embedded")
    ) async throws(EmbeddedClusterError) -> EmbeddedCluster {
        let user = try ServerUser.current()
        let folder = try ClusterFolder.prepare(dataDirectory, user: user)
        let lock = try ClusterLock(folder)
        let cluster = EmbeddedCluster(
            folder: folder,
            lock: lock,
            settings: settings,
            logger: logger
        )
        do throws(EmbeddedClusterError) {
            try await cluster.begin()
        } catch {
            await cluster.stop()
            throw error
        }
        return cluster
    }

    /// Shuts the server down in order: sessions end, everything is written.
    ///
    /// Waits for the end of it.
    package func stop() async {
        let running: ChildProcess? = if case .running(let server) = state { server } else { nil }
        state = .stopping
        supervision?.cancel()
        if let running { await Self.shutDown(running) }
        // A restart that was under way ends its server itself.
        await supervision?.value
        supervision = nil
        state = .stopped
        folder.removeShortSocketFolder()
        lock = nil
    }

    /// The process id of the server, nil while there is none.
    package var serverPID: Int32? {
        if case .running(let server) = state { server.pid } else { nil }
    }

    private func begin() async throws(EmbeddedClusterError) {
        let binaries = try ServerBinaries.find(version: folder.version)
        let launcher = ServerLauncher(
            folder: folder,
            binaries: binaries,
            settings: settings,
            logger: logger
        )
        try await launcher.initialize()
        let server = try await launcher.launch()
        state = .running(server)
        try await launcher.createDatabase(Self.database)
        supervision = Task { await supervise(server, launcher) }
    }

    private func supervise(_ first: ChildProcess, _ launcher: ServerLauncher) async {
        var server = first
        while true {
            let status = await server.exitStatus()
            guard case .running = state else { return }
            state = .restarting
            logger.error(
                "the embedded Postgres ended by itself; starting it again",
                metadata: ["status": "\(status)", "log": "\(Files.tail(folder.log, lines: 3))"]
            )
            guard let next = await relaunch(launcher) else { return }
            server = next
        }
    }

    /// Tries until it succeeds or the cluster is stopped.
    private func relaunch(_ launcher: ServerLauncher) async -> ChildProcess? {
        var backoff = Backoff.reconnect
        while case .restarting = state {
            do throws(EmbeddedClusterError) {
                let server = try await launcher.launch()
                guard case .restarting = state else {
                    await Self.shutDown(server)
                    return nil
                }
                state = .running(server)
                logger.notice(
                    "the embedded Postgres runs again",
                    metadata: ["pid": "\(server.pid)"]
                )
                return server
            } catch {
                logger.error("the embedded Postgres did not start", metadata: ["error": "\(error)"])
                try? await Task.sleep(for: backoff.next())
            }
        }
        return nil
    }

    /// Fast shutdown; one that takes too long is ended without its checkpoint, which is safe too.
    private static func shutDown(_ server: ChildProcess) async {
        server.signal(SIGINT)
        let impatience = Task {
            try await Task.sleep(for: Limits.embeddedStop)
            server.signal(SIGQUIT)
        }
        _ = await server.exitStatus()
        impatience.cancel()
    }
}
