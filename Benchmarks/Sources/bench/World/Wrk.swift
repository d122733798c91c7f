import Foundation
import Harness

/// wrk with one thread: it makes the load and says what came back.
struct Wrk {
    let scripts: Scripts
    /// Bodies of checks; together one for every session.
    let bodies: [URL]
    let folder: URL

    /// Sends checks to whatever listens there; `turn` picks the file and where to begin.
    func checks(port: Int, connections: Int, seconds: Int, turn: Int) throws -> LoadSample {
        try started(port: port, connections: connections, seconds: seconds, turn: turn).sample()
    }

    /// The same, running beside what comes next.
    func started(port: Int, connections: Int, seconds: Int, turn: Int) throws -> Running {
        let file = bodies[turn % bodies.count]
        return Running(
            child: try Child(
                "wrk",
                try command(port, connections, seconds, scripts.wrkChecks)
                    + ["--", file.path, UsherService.key, "\(turn * 7_919)"],
                in: folder
            )
        )
    }

    /// Checks every session of one file of bodies once.
    ///
    /// wrk knows no number of requests, only a time: its script says when the last body was sent, and
    /// an interrupt ends it, as Ctrl-C would. The bound is for a service that hangs.
    func sweep(port: Int, file: URL) throws -> LoadSample {
        let limit = 60
        let child = try Child(
            "wrk",
            try command(port, 64, limit, scripts.wrkChecks)
                + ["--", file.path, UsherService.key, "0", "once"],
            in: folder
        )
        try child.wait(upTo: .seconds(limit)) { child.output.contains("every body was sent") }
        child.interrupt()
        return try Running(child: child).sample()
    }

    /// Sends `GET /`.
    func gets(port: Int, connections: Int, seconds: Int) throws -> LoadSample {
        try Running(
            child: try Child(
                "wrk",
                try command(port, connections, seconds, scripts.wrkGet),
                in: folder
            )
        )
        .sample()
    }

    /// A run under way.
    struct Running {
        let child: Child

        /// Waits for its end.
        ///
        /// An error among the answers ends the run: errors are cheaper to make than decisions.
        func sample() throws -> LoadSample {
            let sample = try WrkOutput.sample(try child.finish())
            guard sample.failures == 0, sample.answers > 0 else {
                throw BenchmarkError("\(sample.failures) requests failed:\n\(child.output)")
            }
            return sample
        }
    }

    private func command(
        _ port: Int,
        _ connections: Int,
        _ seconds: Int,
        _ script: URL
    ) throws -> [String] {
        [
            try Tool.url("wrk").path, "-t1", "-c\(connections)", "-d\(seconds)s", "--timeout", "5s",
            "-s",
            script.path, "http://127.0.0.1:\(port)/",
        ]
    }
}
