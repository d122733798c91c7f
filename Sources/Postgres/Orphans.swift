import Glibc
import Limits
import Logging

/// Processes of a server that outlived the Usher that started it.
///
/// Usher's own lock is held, so whatever still works on this data directory belongs to nobody.
struct Orphans {
    let folder: ClusterFolder
    let logger: Logger

    /// Ends them, and removes lock files that name some other process by now.
    func end() async throws(EmbeddedClusterError) {
        let start = ContinuousClock.now
        var isTold = false
        while case let pids = running(), !pids.isEmpty {
            if !isTold {
                logger.warning(
                    "ending an embedded Postgres that outlived its service",
                    metadata: ["pids": "\(pids)"]
                )
                isTold = true
                // Fast shutdown. Without a server its backends notice and leave by themselves.
                if let server = serverPID, pids.contains(server) { kill(server, SIGINT) }
            }
            let waited = ContinuousClock.now - start
            if waited > Limits.embeddedStop { for pid in pids { kill(pid, SIGQUIT) } }
            guard waited < Limits.embeddedStop * 2 else {
                throw .inUse(dataDirectory: folder.dataDirectory, holder: "\(pids)")
            }
            try? await Task.sleep(for: .milliseconds(10))
        }
        removeMisleadingLocks()
    }

    /// The server's processes are those whose current folder is its data.
    private func running() -> [pid_t] {
        Files.entries("/proc")
            .compactMap { pid_t($0) }
            .filter { Files.target("/proc/\($0)/cwd") == folder.data && !isZombie($0) }
    }

    private func isZombie(_ pid: pid_t) -> Bool {
        let fields = Files.read("/proc/\(pid)/stat")?.split(separator: ")").last
        return fields?.split(separator: " ").first == "Z"
    }

    private var serverPID: pid_t? { Self.pid(in: folder.pidFile) }

    /// Postgres replaces a stale lock file itself, unless the process id in it is taken again: then
    /// it takes the newcomer for a server.
    ///
    /// None runs here, as was just seen.
    private func removeMisleadingLocks() {
        for file in [folder.pidFile, folder.socketLock] {
            guard let pid = Self.pid(in: file), kill(pid, 0) == 0 || errno == EPERM else {
                continue
            }
            logger.info(
                "removing a stale lock file",
                metadata: ["file": "\(file)", "pid": "\(pid)"]
            )
            unsafe unlink(file)
        }
    }

    static func pid(in file: String) -> pid_t? {
        let first = Files.read(file)?.split(whereSeparator: \.isNewline).first
        return first.flatMap { pid_t($0) }
    }
}
