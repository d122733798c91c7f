package import Foundation
import Glibc
import Synchronization

/// Every process that this run started and has not seen end, and the folder that it works in.
///
/// Whatever ends the run (its last line, an error, Ctrl-C, SIGTERM), what it started is stopped by
/// process id and its folder removed. A killed run cannot do so; its children then get their signal
/// from the kernel, because `Child` starts them under `setpriv --pdeathsig`.
package final class Children: Sendable {
    package static let all = Children()

    private struct Entry {
        let pid: Int32
        let signal: StopSignal
    }

    private struct State {
        var running: [Entry] = []
        var folder: String?
    }

    private let state = Mutex(State())
    /// Held while stopping, so that the run cannot end while a signal's handler is still at it.
    private let stopping = Mutex(())

    func add(_ pid: Int32, stoppedBy signal: StopSignal) {
        state.withLock { $0.running.append(Entry(pid: pid, signal: signal)) }
    }

    func remove(_ pid: Int32) {
        state.withLock { $0.running.removeAll { $0.pid == pid } }
    }

    /// Makes the folder of this run, which ends with it; Postgres's own user can reach it.
    package func makeFolder() throws -> URL {
        let folder = URL(fileURLWithPath: "/tmp/usher-bench.\(getpid())", isDirectory: true)
        try FileManager.default.createDirectory(
            at: folder,
            withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o755]
        )
        state.withLock { $0.folder = folder.path }
        return folder
    }

    /// Stops what still runs, the newest first, and removes the folder.
    package func stopAll() {
        stopping.withLock { _ in stopRunning() }
    }

    private func stopRunning() {
        let (running, folder) = state.withLock { state in
            defer {
                state.running = []
                state.folder = nil
            }
            return (state.running, state.folder)
        }
        for entry in running.reversed() { Self.stop(entry.pid, by: entry.signal) }
        if let folder { try? FileManager.default.removeItem(atPath: folder) }
    }

    /// Asks a process to end, and kills it when ten seconds were not enough.
    static func stop(_ pid: Int32, by signal: StopSignal) {
        guard ProcessTable.isRunning(pid) else { return }
        kill(pid, signal.number)
        for _ in 0..<1_000 where ProcessTable.isRunning(pid) { usleep(10_000) }
        if ProcessTable.isRunning(pid) { kill(pid, SIGKILL) }
    }
}

/// What asks a process to end.
package enum StopSignal: Sendable {
    case terminate
    /// Postgres's fast shutdown; SIGTERM would wait for every session to leave.
    case interrupt

    var number: Int32 { self == .terminate ? SIGTERM : SIGINT }
    /// As setpriv calls it.
    var name: String { self == .terminate ? "TERM" : "INT" }
}
