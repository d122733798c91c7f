/// Why the embedded Postgres cannot run, and what to do about it.
package enum EmbeddedClusterError: Error, Sendable, Equatable {
    /// No server is installed, or none of the version that made the data.
    case notInstalled(searched: [String], version: String?)
    /// The user that runs the server cannot get into a folder above the data.
    case unreachable(folder: String, user: String)
    /// A folder or file could not be made or used.
    case unusable(path: String, reason: String)
    /// Another process runs on this data directory.
    case inUse(dataDirectory: String, holder: String)
    /// There is no account for the server to run as.
    case noUser(reason: String)
    /// `initdb` or the server itself failed; the last lines that it wrote.
    case failed(step: String, output: String)
}

extension EmbeddedClusterError: CustomStringConvertible {
    package var description: String {
        switch self {
        case .notInstalled(let searched, let version):
            let wanted = version.map { "version \($0) of Postgres, which made this data," }
            return "\(wanted ?? "Postgres") is not installed (looked in "
                + searched.joined(separator: ", ") + "). "
                + "Install it: apt install postgresql\(version.map { "-\($0)" } ?? ""). "
                + "Or set USHER_POSTGRES_BIN to the folder that holds initdb and postgres, "
                + "or USHER_DATABASE_URL to use a server of your own."
        case .unreachable(let folder, let user):
            return "the embedded Postgres runs as the user \(user), who cannot get into \(folder). "
                + "Choose a data directory that it can reach, such as /var/lib/usher "
                + "(USHER_DATA_DIR), or allow it: chmod o+x \(folder)."
        case .unusable(let path, let reason):
            return "\(path) cannot be used for the embedded Postgres: \(reason)."
        case .inUse(let dataDirectory, let holder):
            return "the data directory \(dataDirectory) is in use by the process \(holder). "
                + "Stop that one, or choose another directory (USHER_DATA_DIR)."
        case .noUser(let reason):
            return "the embedded Postgres has no account to run as: \(reason)."
        case .failed(let step, let output):
            return "\(step) failed. Its last lines: \(output)"
        }
    }
}
