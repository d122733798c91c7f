import Foundation
import Harness

/// A redis without persistence that holds values of 1 KB.
struct Redis {
    private static let keys = 100_000
    let child: Child
    private let port: Int
    private let folder: URL

    init(in folder: URL) throws {
        self.folder = folder
        let port = try freePort()
        self.port = port
        child = try Child(
            "redis",
            [
                try Tool.url("redis-server").path, "--port", "\(port)", "--bind", "127.0.0.1",
                "--save", "", "--appendonly", "no", "--daemonize", "no", "--dir", folder.path,
            ],
            in: folder
        )
        let client = child
        try client.wait(upTo: .seconds(10)) {
            client.output.contains("Ready to accept connections")
        }
        _ = try benchmark("set", requests: 2 * Self.keys, connections: 64)
    }

    /// GETs of random keys, one at a time on each connection.
    func get(requests: Int, connections: Int) throws -> LoadSample {
        try RedisOutput.sample(
            try benchmark("get", requests: requests, connections: connections),
            answers: requests
        )
    }

    private func benchmark(_ test: String, requests: Int, connections: Int) throws -> String {
        try Command.run(
            "redis-benchmark",
            [
                try Tool.url("redis-benchmark").path, "-h", "127.0.0.1", "-p", "\(port)", "-t",
                test, "-d",
                "1024", "-r", "\(Self.keys)", "-n", "\(requests)", "-c", "\(connections)", "--csv",
            ],
            in: folder
        )
    }
}
