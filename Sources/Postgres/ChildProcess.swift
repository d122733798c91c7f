import Dispatch
import Glibc
import Synchronization

/// A child of ours: signals reach it and nobody else, for its number is free only once it is
/// reaped.
final class ChildProcess: Sendable {
    private struct State {
        var exitStatus: Int32?
        var waiters: [CheckedContinuation<Int32, Never>] = []
    }

    let pid: pid_t
    private let state = Mutex(State())

    /// Starts a program in a process group of its own, so that a Ctrl-C meant for us does not reach
    /// it, with its output appended to a file and no other descriptor of ours.
    init(_ arguments: [String], output: String) throws(EmbeddedClusterError) {
        let (pid, problem) = SpawningThread.shared.run {
            spawn(arguments, output: output)
        }
        guard problem == 0 else {
            errno = problem
            throw .failed(step: "starting \(arguments[0])", output: Files.problem())
        }
        self.pid = pid
        DispatchQueue(label: "postgres.child").async { self.reap() }
    }

    var hasExited: Bool { state.withLock { $0.exitStatus != nil } }

    /// Sends a signal, unless the child is gone.
    func signal(_ number: Int32) {
        state.withLock { state in
            guard state.exitStatus == nil else { return }
            kill(pid, number)
        }
    }

    /// Waits for the end of the child.
    ///
    /// Zero is success.
    func exitStatus() async -> Int32 {
        await withCheckedContinuation { continuation in
            let status: Int32? = state.withLock { state in
                if state.exitStatus == nil { state.waiters.append(continuation) }
                return state.exitStatus
            }
            if let status { continuation.resume(returning: status) }
        }
    }

    private func reap() {
        // Without reaping first: only under the lock may the number become free.
        var information = unsafe siginfo_t()
        while unsafe waitid(P_PID, id_t(pid), &information, WEXITED | WNOWAIT) == -1,
            errno == EINTR
        {}
        let (status, waiters) = state.withLock { state in
            var status: Int32 = 0
            unsafe waitpid(pid, &status, 0)
            state.exitStatus = status
            defer { state.waiters = [] }
            return (status, state.waiters)
        }
        for waiter in waiters { waiter.resume(returning: status) }
    }
}
