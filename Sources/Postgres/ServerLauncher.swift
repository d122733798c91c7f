import Glibc
import Limits
import Logging

/// The steps from an empty folder to a server that answers.
struct ServerLauncher: Sendable {
    private static let pollInterval: Duration = .milliseconds(5)

    let folder: ClusterFolder
    let binaries: ServerBinaries
    let settings: [String: String]
    var logger = Logger(label: "postgres.embedded")

    /// Fills the data directory, if it is not.
    ///
    /// One that was interrupted is begun again.
    func initialize() async throws(EmbeddedClusterError) {
        guard !Files.exists(folder.data) else { return }
        try await remove(folder.unfinishedData)
        unsafe unlink(folder.initdbLog)
        let arguments = [
            binaries.initdb, "--pgdata=\(folder.unfinishedData)", "--username=postgres",
            "--auth-local=trust", "--auth-host=reject", "--encoding=UTF8", "--locale=C.UTF-8",
        ]
        // Without durability asked for, initdb need not wait for the disk either.
        let isDurable = settings["fsync"] != "off"
        let initdb = try ChildProcess(
            try folder.user.command(arguments + (isDurable ? [] : ["--no-sync"])),
            output: folder.initdbLog
        )
        guard await initdb.exitStatus() == 0 else {
            throw .failed(step: "initdb", output: Files.tail(folder.initdbLog))
        }
        guard unsafe rename(folder.unfinishedData, folder.data) == 0 else {
            throw .unusable(path: folder.data, reason: Files.problem())
        }
        syncFolder()
    }

    /// Starts the server, and waits until it takes connections.
    func launch() async throws(EmbeddedClusterError) -> ChildProcess {
        try await Orphans(folder: folder, logger: logger).end()
        let server = try ChildProcess(try folder.user.command(arguments), output: folder.log)
        let start = ContinuousClock.now
        while !isReady(server) {
            if server.hasExited {
                throw .failed(step: "starting Postgres", output: Files.tail(folder.log))
            }
            guard ContinuousClock.now - start < Limits.embeddedStart else {
                server.signal(SIGQUIT)
                _ = await server.exitStatus()
                throw .failed(
                    step: "starting Postgres within \(Limits.embeddedStart)",
                    output: Files.tail(folder.log)
                )
            }
            try? await Task.sleep(for: Self.pollInterval)
        }
        return server
    }

    /// Makes the database, if it does not exist.
    func createDatabase(_ name: String) async throws(EmbeddedClusterError) {
        do throws(PostgresError) {
            var settings = ConnectionSettings(url: folder.url(database: "postgres"))
            settings.statementTimeout = Limits.embeddedStop
            let connection = try await Connection(settings)
            let known = try await connection.query(
                "select from pg_database where datname = \(name)"
            )
            guard known.isEmpty else { return }
            try await connection.execute(script: "create database \(name)")
        } catch {
            throw .failed(step: "creating the database \(name)", output: "\(error)")
        }
    }

    private var arguments: [String] {
        let socketFolder = folder.socketFolder.split(
            separator: "\"",
            omittingEmptySubsequences: false
        )
        let standard = [
            "listen_addresses": "",
            "port": String(ClusterFolder.port),
            // A list, so quoted: a comma in the path would make it two.
            "unix_socket_directories": "\"\(socketFolder.joined(separator: "\"\""))\"",
            "unix_socket_permissions": "0700",
            "shared_buffers": "128MB",
            "max_connections": "100",
            "wal_level": "replica",
            "track_commit_timestamp": "on",
            "fsync": "on",
            "synchronous_commit": "on",
            "full_page_writes": "on",
            "TimeZone": "UTC",
            "log_timezone": "UTC",
        ]
        let all = standard.merging(settings) { _, given in given }
        return all.sorted { $0.key < $1.key }
            .reduce(into: [binaries.postgres, "-D", folder.data]) {
                $0 += ["-c", "\($1.key)=\($1.value)"]
            }
    }

    /// As `pg_ctl` does: the server writes its state into the eighth line of its lock file.
    private func isReady(_ server: ChildProcess) -> Bool {
        let lines = Files.read(folder.pidFile)?
            .split(
                separator: "\n",
                omittingEmptySubsequences: false
            )
        guard let lines, lines.count >= 8, lines[0] == "\(server.pid)" else { return false }
        return lines[7].starts(with: "ready")
    }

    private func remove(_ path: String) async throws(EmbeddedClusterError) {
        guard Files.exists(path) else { return }
        logger.notice("removing an unfinished data directory", metadata: ["path": "\(path)"])
        let removal = try ChildProcess(["/bin/rm", "-rf", "--", path], output: folder.initdbLog)
        guard await removal.exitStatus() == 0 else {
            throw .unusable(path: path, reason: Files.tail(folder.initdbLog))
        }
    }

    /// Makes the rename last through a power failure.
    private func syncFolder() {
        let descriptor = unsafe open(folder.root, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { return }
        fsync(descriptor)
        close(descriptor)
    }
}
