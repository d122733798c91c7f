import Foundation
import Harness

/// Requests of one kind, which differ in their bodies.
struct Requests {
    let path: String
    /// A body a line, in random order; a run sends those of one file.
    let files: [URL]
}

/// wrk with one thread: it makes the load and says what came back.
struct Wrk {
    let scripts: Scripts
    /// Checks; together one of every session.
    let checks: Requests
    let folder: URL

    /// Sends requests to whatever listens there; `turn` picks the file and where to begin.
    func send(
        _ requests: Requests,
        port: Int,
        connections: Int,
        seconds: Int,
        turn: Int
    ) throws -> LoadSample {
        try started(
            requests,
            port: port,
            connections: connections,
            seconds: seconds,
            turn: turn
        )
        .sample()
    }

    /// The same, running beside what comes next; two at a time need names of their own.
    func started(
        _ requests: Requests,
        as name: String = "wrk",
        port: Int,
        connections: Int,
        seconds: Int,
        turn: Int
    ) throws -> Running {
        let file = requests.files[turn % requests.files.count]
        return Running(
            child: try Child(
                name,
                try command(port, connections, seconds, scripts.wrkRequests)
                    + ["--", file.path, UsherService.key, "\(turn * 7_919)", requests.path],
                in: folder
            )
        )
    }

    /// Sends every body of one file once.
    ///
    /// wrk knows no number of requests, only a time: its script says when the last body was sent and
    /// goes on with checks until an interrupt ends it, as Ctrl-C would. That comes once `isDone`, or
    /// when nothing came of waiting for that. The bound is for a service that hangs.
    func sweep(
        _ path: String,
        port: Int,
        file: URL,
        until isDone: () throws -> Bool = { true }
    ) throws -> LoadSample {
        let limit = 120
        let child = try Child(
            "wrk",
            try command(port, 64, limit, scripts.wrkRequests)
                + ["--", file.path, UsherService.key, "0", path, "once"],
            in: folder
        )
        try child.wait(upTo: .seconds(limit)) { child.output.contains("every body was sent") }
        let deadline = ContinuousClock.now + .seconds(5)
        while try !isDone(), ContinuousClock.now < deadline { usleep(10_000) }
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
