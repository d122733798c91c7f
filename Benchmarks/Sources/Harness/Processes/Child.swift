package import Foundation
import Glibc

/// A server or a load generator that runs beside this program until it is stopped.
///
/// Start one from the main thread: the kernel's parent-death signal follows the starting thread.
package final class Child {
    package let name: String
    package let pid: Int32
    private let process: Process
    private let log: URL
    private let stopSignal: StopSignal

    /// Starts a program named by its path, its output going to `NAME.log` in the folder.
    ///
    /// `asPostgres` gives root up for the user `postgres`, who alone may run a server there;
    /// `signal` is what asks the program to end.
    package init(
        _ name: String,
        _ command: [String],
        environment: [String: String] = [:],
        asPostgres: Bool = false,
        stoppedBy signal: StopSignal = .terminate,
        in folder: URL
    ) throws {
        self.name = name
        stopSignal = signal
        log = folder.appendingPathComponent("\(name).log")
        try Data().write(to: log)
        let output = try FileHandle(forWritingTo: log)
        defer { try? output.close() }
        let process = Process()
        process.executableURL = try Tool.url("setpriv")
        process.arguments =
            (asPostgres ? ServerUser.drop : []) + ["--pdeathsig", signal.name, "--"] + command
        process.environment = ProcessInfo.processInfo.environment
            .filter { !$0.key.hasPrefix("USHER_") }
            .merging(environment) { _, new in new }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = output
        process.standardError = output
        try Self.hearingSignals { try process.run() }
        self.process = process
        pid = process.processIdentifier
        Children.all.add(pid, stoppedBy: signal)
    }

    /// What it printed so far.
    package var output: String {
        (try? String(contentsOf: log, encoding: .utf8)) ?? ""
    }

    package var isRunning: Bool { ProcessTable.isRunning(pid) }

    /// Asks it to end and waits for that.
    package func stop() {
        Children.stop(pid, by: stopSignal)
        process.waitUntilExit()
        Children.all.remove(pid)
    }

    /// Sends it what Ctrl-C would.
    package func interrupt() {
        kill(pid, SIGINT)
    }

    /// Waits for its own end and gives back what it printed; a failure is an error.
    package func finish() throws -> String {
        process.waitUntilExit()
        Children.all.remove(pid)
        guard process.terminationStatus == 0 else {
            throw BenchmarkError("\(name) ended with \(process.terminationStatus):\n\(tail)")
        }
        return output
    }

    /// Waits until `isReady`, at most so long; ends early when the process does.
    package func wait(upTo limit: Duration, until isReady: () -> Bool) throws {
        let deadline = ContinuousClock.now + limit
        while !isReady() {
            guard isRunning else { throw BenchmarkError("\(name) did not start:\n\(tail)") }
            guard ContinuousClock.now < deadline else {
                throw BenchmarkError("\(name) was not ready after \(limit):\n\(tail)")
            }
            usleep(10_000)
        }
    }

    /// Starts a program with no signal blocked, whatever this thread blocks: a mask is inherited, and
    /// threads of a pool block them all (pgbench would never hear its alarm, nor anyone SIGTERM).
    private static func hearingSignals(_ start: () throws -> Void) rethrows {
        var none = sigset_t()
        var own = sigset_t()
        _ = unsafe sigemptyset(&none)
        _ = unsafe pthread_sigmask(SIG_SETMASK, &none, &own)
        defer { _ = unsafe pthread_sigmask(SIG_SETMASK, &own, nil) }
        try start()
    }

    private var tail: String {
        output.split(separator: "\n").suffix(20).joined(separator: "\n")
    }
}
