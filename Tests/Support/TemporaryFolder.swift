import Foundation
import Glibc

/// Folders for tests.
///
/// Their names carry our process id, so what a crashed run left is found.
package enum TemporaryFolder {
    private static let parent = "/tmp"
    private static let prefix = "usher-tests-"

    /// Makes a folder that every user can enter, as the one that runs Postgres has to.
    package static func make() throws -> String {
        let random = String(UInt32.random(in: .min ... .max), radix: 36)
        let path = "\(parent)/\(prefix)\(getpid())-\(random)"
        try FileManager.default.createDirectory(
            atPath: path,
            withIntermediateDirectories: false,
            attributes: [.posixPermissions: 0o755]
        )
        return path
    }

    /// Lends a folder, and removes it afterwards.
    package static func with<Value>(_ body: (String) async throws -> Value) async throws -> Value {
        let path = try make()
        defer { remove(path) }
        return try await body(path)
    }

    static func remove(_ path: String) {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Removes the folders of processes that are gone.
    static func removeAbandoned() {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: parent)) ?? []
        for name in names where name.hasPrefix(prefix) {
            let pid = name.dropFirst(prefix.count).prefix { $0 != "-" }
            let isGone = Int32(pid).map { kill($0, 0) != 0 && errno == ESRCH } ?? false
            if isGone { remove("\(parent)/\(name)") }
        }
    }
}
