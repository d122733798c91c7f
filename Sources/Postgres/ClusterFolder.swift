import Glibc

/// The folder `<data directory>/postgres` and what is where in it.
///
/// Everything else in the data directory is left alone.
struct ClusterFolder: Sendable {
    /// Longest path of a Unix socket, without the terminating zero (`sun_path` is 108 bytes).
    private static let socketPathMost = 107
    static let port = 5432

    let dataDirectory: String
    let user: ServerUser

    var root: String { dataDirectory + "/postgres" }
    var data: String { root + "/data" }
    /// Where `initdb` works; renamed when it is done, so `data` is always whole.
    var unfinishedData: String { root + "/data.unfinished" }
    var lock: String { root + "/lock" }
    var log: String { root + "/log" }
    var initdbLog: String { root + "/initdb.log" }
    var pidFile: String { data + "/postmaster.pid" }

    /// The folder of the socket.
    ///
    /// A long data path gets a short one under /tmp, named by the path's hash.
    var socketFolder: String {
        let own = root + "/socket"
        let path = "\(own)/.s.PGSQL.\(Self.port)"
        return path.utf8.count <= Self.socketPathMost
            ? own : "/tmp/usher-\(String(Self.hash(of: root), radix: 16))"
    }

    /// Once no server runs, for what lies outside of the data directory.
    func removeShortSocketFolder() {
        guard !socketFolder.hasPrefix(root) else { return }
        // Only if it is empty.
        unsafe rmdir(socketFolder)
    }

    var socketLock: String { "\(socketFolder)/.s.PGSQL.\(Self.port).lock" }

    /// Makes the data directory and the folder in it, and finds out whether its user can get there.
    ///
    /// The path is made with its parents if missing; a relative one is below the current folder.
    static func prepare(
        _ path: String,
        user: ServerUser
    ) throws(EmbeddedClusterError) -> ClusterFolder {
        try makeDirectory(path)
        guard let real = Files.real(path) else {
            throw .unusable(path: path, reason: Files.problem())
        }
        try checkWay(to: real, for: user)
        let folder = ClusterFolder(dataDirectory: real, user: user)
        try Files.makePrivate(folder.root, for: user)
        try Files.makePrivate(folder.socketFolder, for: user)
        return folder
    }

    /// The major version that made the data; nil if there is none yet.
    var version: String? {
        let words = Files.read(data + "/PG_VERSION")?.split(whereSeparator: \.isNewline)
        return words?.first.map(String.init)
    }

    /// A libpq URL over the socket.
    func url(database: String) -> String {
        let host = socketFolder.utf8
            .map { byte in
                let isPlain = isalnum(Int32(byte)) != 0 || "-._~".utf8.contains(byte)
                let hex = String(byte, radix: 16, uppercase: true)
                return isPlain
                    ? String(UnicodeScalar(byte)) : "%" + (byte < 16 ? "0" : "") + hex
            }
            .joined()
        return "postgresql:///\(database)?host=\(host)&port=\(Self.port)&user=postgres"
    }

    /// Like `mkdir -p`; what it makes can be entered by everybody, whatever our mask.
    private static func makeDirectory(_ path: String) throws(EmbeddedClusterError) {
        var made = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            made += "/" + part
            if unsafe mkdir(made, 0o755) == 0 {
                unsafe chmod(made, 0o755)
            } else if errno != EEXIST {
                throw .unusable(path: made, reason: Files.problem())
            }
        }
    }

    /// Names the first folder from the top that the server's user cannot enter.
    private static func checkWay(to path: String, for user: ServerUser) throws(EmbeddedClusterError)
    {
        let parts = path.split(separator: "/")
        for depth in 0...parts.count {
            let folder = "/" + parts.prefix(depth).joined(separator: "/")
            guard let status = Files.status(folder), user.canEnter(status) else {
                throw .unreachable(folder: folder, user: user.name)
            }
        }
    }

    /// FNV-1a, 64 bits: the same in every process, unlike Swift's own.
    private static func hash(of path: String) -> UInt64 {
        path.utf8.reduce(0xcbf2_9ce4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }
}
