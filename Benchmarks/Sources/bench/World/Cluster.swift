import Foundation
import Harness

/// A Postgres of this run's own: durable, on a Unix socket, gone with the run.
struct Cluster {
    let child: Child
    private let home: URL
    private let folder: URL

    /// Makes a cluster with a database `usher`, and starts it.
    init(in folder: URL) throws {
        self.folder = folder
        home = folder.appendingPathComponent("postgres", isDirectory: true)
        try FileManager.default.createDirectory(at: home, withIntermediateDirectories: false)
        if ServerUser.isNeeded {
            try FileManager.default.setAttributes(
                [.ownerAccountName: "postgres"],
                ofItemAtPath: home.path
            )
        }
        let data = home.appendingPathComponent("data").path
        let initdb = [
            "initdb", "--no-sync", "-U", "postgres", "-A", "trust", "-E", "UTF8",
            "--locale=C.UTF-8", "-D",
            data,
        ]
        try Command.run("initdb", try Self.located(initdb), asPostgres: true, in: folder)
        let start = ["postgres", "-D", data] + Self.settings(socket: home.path)
        child = try Child(
            "postgres",
            try Self.located(start),
            asPostgres: true,
            stoppedBy: .interrupt,
            in: folder
        )
        let createdb = try Self.located(["psql", "-XAtqc", "create database usher"])
        let url = Self.url(socket: home.path, database: "postgres")
        try child.wait(upTo: .seconds(20)) {
            (try? Command.run("createdb", createdb + ["-d", url], in: folder)) != nil
        }
    }

    var url: String { Self.url(socket: home.path, database: "usher") }

    /// CPU of the server and of all its sessions, ended ones too.
    var cpu: Duration { ProcessTable.cpu(child.pid, children: true) }

    /// Runs a script in psql; what it prints goes to a file, where one is named.
    func psql(_ script: URL, variables: [String: String] = [:], to output: URL? = nil) throws {
        let settings =
            variables.flatMap { ["-v", "\($0.key)=\($0.value)"] }
            + (output.map { ["-o", $0.path] } ?? [])
        try Command.run(
            script.lastPathComponent,
            try Self.located(["psql", "-XAtq", "-v", "ON_ERROR_STOP=1"]) + settings
                + ["-f", script.path, "-d", url],
            in: folder
        )
    }

    /// Everything in memory and nothing relaxed: fsync and synchronous commit stay on.
    ///
    /// Checkpoints are far apart because one in the middle of a round would be the round's result.
    private static func settings(socket: String) -> [String] {
        [
            "listen_addresses=", "unix_socket_directories=\(socket)",
            "unix_socket_permissions=0700",
            "shared_buffers=1GB", "max_wal_size=8GB", "checkpoint_timeout=30min",
            "track_commit_timestamp=on",
        ]
        .flatMap { ["-c", $0] }
    }

    private static func url(socket: String, database: String) -> String {
        "postgresql:///\(database)?host=\(socket)&user=postgres"
    }

    private static func located(_ command: [String]) throws -> [String] {
        [try Tool.url(command[0]).path] + command.dropFirst()
    }
}
