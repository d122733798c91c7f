import Glibc

/// Keeps a second instance off a data directory.
///
/// Held for as long as the value lives; the system lets go of it when the process ends, however it
/// ends.
struct ClusterLock: ~Copyable, Sendable {
    private let descriptor: Int32

    init(_ folder: ClusterFolder) throws(EmbeddedClusterError) {
        // Closed on exec, or the server that we start would go on holding it after our death.
        let flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW
        let descriptor = unsafe open(folder.lock, flags, 0o600)
        guard descriptor >= 0 else {
            throw .unusable(path: folder.lock, reason: Files.problem())
        }
        guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
            let problem = errno
            let holder = Files.read(folder.lock)?.split(whereSeparator: \.isNewline).first
            close(descriptor)
            guard problem == EWOULDBLOCK else {
                errno = problem
                throw .unusable(path: folder.lock, reason: Files.problem())
            }
            throw .inUse(
                dataDirectory: folder.dataDirectory,
                holder: holder.map(String.init) ?? "unknown"
            )
        }
        self.descriptor = descriptor
        write(getpid())
    }

    deinit {
        // Said outright: a process that was being forked elsewhere just now has the file open too,
        // and would keep the lock until it becomes its program.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    /// For whoever is refused.
    private func write(_ pid: pid_t) {
        let text = Array("\(pid)\n".utf8)
        ftruncate(descriptor, 0)
        _ = unsafe pwrite(descriptor, text, text.count, 0)
    }
}
