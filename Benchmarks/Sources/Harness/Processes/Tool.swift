package import Foundation
import Glibc

/// A program that the run needs, and the Debian package that brings it.
package struct Tool: Sendable {
    package let name: String
    package let package: String

    package static let needed = [
        Tool(name: "initdb", package: "postgresql"),
        Tool(name: "postgres", package: "postgresql"),
        Tool(name: "pgbench", package: "postgresql"),
        Tool(name: "psql", package: "postgresql-client"),
        Tool(name: "wrk", package: "wrk"),
        Tool(name: "nginx", package: "nginx"),
        Tool(name: "redis-server", package: "redis-server"),
        Tool(name: "redis-benchmark", package: "redis-tools"),
        Tool(name: "setpriv", package: "util-linux"),
        Tool(name: "split", package: "coreutils"),
    ]

    /// Refuses to start without any of them, and says in one line how to get them all.
    package static func requireAll() throws {
        let missing = needed.filter { path($0.name) == nil }
        guard missing.isEmpty else {
            let names = missing.map(\.name).joined(separator: ", ")
            let packages = Set(missing.map(\.package)).sorted().joined(separator: " ")
            throw BenchmarkError(
                "not found: \(names). Install them: apt-get install -y \(packages)"
            )
        }
    }

    package static func url(_ name: String) throws -> URL {
        guard let path = path(name) else { throw BenchmarkError("not found: \(name)") }
        return URL(fileURLWithPath: path)
    }

    /// Where a program is: itself when it is a path, else in PATH, in Debian's folder of server
    /// programs (which a user's PATH leaves out), or with the newest Postgres.
    package static func path(_ name: String) -> String? {
        if name.contains("/") { return isExecutable(name) ? name : nil }
        return folders.lazy.map { "\($0)/\(name)" }.first(where: isExecutable)
    }

    private static var folders: [String] {
        let inPath = (ProcessInfo.processInfo.environment["PATH"] ?? "")
            .split(separator: ":").map(String.init)
        let postgres = "/usr/lib/postgresql"
        let versions = (try? FileManager.default.contentsOfDirectory(atPath: postgres)) ?? []
        let newest = versions.compactMap { Int($0) }.max().map { ["\(postgres)/\($0)/bin"] } ?? []
        return inPath + ["/usr/sbin"] + newest
    }

    private static func isExecutable(_ path: String) -> Bool {
        FileManager.default.isExecutableFile(atPath: path)
    }
}

/// Who runs Postgres: the user `postgres` where we are root (a server refuses root), else ourselves.
package enum ServerUser {
    package static var isNeeded: Bool { geteuid() == 0 }

    static var drop: [String] {
        isNeeded ? ["--reuid=postgres", "--regid=postgres", "--clear-groups"] : []
    }
}
