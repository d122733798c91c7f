import Glibc

/// Where the programs of one Postgres version are installed.
struct ServerBinaries: Sendable {
    let folder: String

    var initdb: String { folder + "/initdb" }
    var postgres: String { folder + "/postgres" }

    private static let versionsFolder = "/usr/lib/postgresql"

    /// Finds them: the operator's folder, else the newest packaged version, else the search path.
    ///
    /// The version is the major one that made existing data; no other can run it.
    static func find(version: String?) throws(EmbeddedClusterError) -> ServerBinaries {
        if let named = environment("USHER_POSTGRES_BIN") {
            guard isComplete(named) else {
                throw .notInstalled(searched: ["\(named) (USHER_POSTGRES_BIN)"], version: nil)
            }
            return ServerBinaries(folder: named)
        }
        let packaged = Files.entries(versionsFolder)
            .compactMap { name in Int(name).map { (number: $0, name: name) } }
            .sorted { $0.number > $1.number }
            .filter { version == nil || $0.name == version }
            .map { "\(versionsFolder)/\($0.name)/bin" }
        // Elsewhere the version cannot be told by the path; the server itself refuses a wrong one.
        let path = (environment("PATH") ?? "").split(separator: ":").map(String.init)
            .filter { Files.real($0 + "/postgres")?.hasPrefix(versionsFolder) == false }
        guard let folder = (packaged + path).first(where: isComplete) else {
            throw .notInstalled(
                searched: ["\(versionsFolder)/*/bin", "PATH", "USHER_POSTGRES_BIN"],
                version: version
            )
        }
        return ServerBinaries(folder: folder)
    }

    private static func isComplete(_ folder: String) -> Bool {
        ["initdb", "postgres"].allSatisfy { unsafe access("\(folder)/\($0)", X_OK) == 0 }
    }

    private static func environment(_ name: String) -> String? {
        let value = unsafe getenv(name).map { unsafe String(cString: $0) }
        return value.flatMap { $0.isEmpty ? nil : $0 }
    }
}
