import Foundation
import Glibc
import Testing
import TestSupport

@testable import Postgres

@Suite(.timeLimit(.minutes(2))) struct `An embedded cluster` {
    private func start(_ folder: String) async throws -> EmbeddedCluster {
        try await EmbeddedCluster.start(
            dataDirectory: folder,
            settings: TestServer.settings
        )
    }

    private func connect(_ cluster: EmbeddedCluster) async throws -> Connection {
        try await Connection(ConnectionSettings(url: cluster.url))
    }

    @Test func `starts in an empty folder, and keeps its data over restarts and deaths`()
        async throws
    {
        try await TemporaryFolder.with { folder in
            // A folder that does not exist yet, below one that does.
            let folder = folder + "/some/data"
            var cluster = try await start(folder)
            let settings =
                try await connect(cluster)
                .query(
                    """
                    select current_database() as database,
                       current_setting('server_encoding') as encoding,
                           current_setting('track_commit_timestamp') as stamps,
                           current_setting('listen_addresses') as addresses
                    """
                )[0]
            #expect(try settings.text("database") == "usher")
            #expect(try settings.text("encoding") == "UTF8")
            #expect(try settings.text("stamps") == "on")
            #expect(try settings.text("addresses") == "")
            try await connect(cluster).execute(script: "create table t as select 1 as n")
            await cluster.stop()
            await #expect(throws: PostgresError.self) { try await connect(cluster) }

            cluster = try await start(folder)
            #expect(try await connect(cluster).query("select from t").count == 1)
            try await killAndAwaitRestart(cluster)
            #expect(try await connect(cluster).query("select from t").count == 1)
            try await killAndAwaitRestart(cluster)
            await cluster.stop()
            #expect(await cluster.serverPID == nil)
        }
    }

    @Test func `refuses a second instance, naming the first`() async throws {
        try await TemporaryFolder.with { folder in
            let cluster = try await start(folder)
            let error = try await #require(throws: EmbeddedClusterError.self) {
                try await start(folder + "/../" + (folder.split(separator: "/").last ?? ""))
            }
            #expect(error == .inUse(dataDirectory: folder, holder: "\(getpid())"))
            #expect("\(error)".contains("\(getpid())"))
            #expect(try await connect(cluster).query("select 1").count == 1)
            await cluster.stop()
            try await start(folder).stop()
        }
    }

    @Test func `replaces a server that outlived its service, and stale lock files`() async throws {
        try await TemporaryFolder.with { folder in
            let cluster = try await start(folder)
            try await connect(cluster).execute(script: "create table t as select 1 as n")
            await cluster.stop()

            let user = try ServerUser.current()
            let place = try ClusterFolder.prepare(folder, user: user)
            let binaries = try ServerBinaries.find(version: place.version)
            let launcher = ServerLauncher(
                folder: place,
                binaries: binaries,
                settings: TestServer.settings
            )
            // An orphan: it runs, and nobody holds the lock.
            let orphan = try await launcher.launch()
            let second = try await start(folder)
            #expect(orphan.hasExited)
            #expect(try await connect(second).query("select from t").count == 1)
            await second.stop()

            // A stale file whose process id somebody else has by now, of the same user.
            let innocent = try ChildProcess(
                try user.command(["/bin/sleep", "60"]),
                output: folder + "/sleep.log"
            )
            for file in [place.pidFile, place.socketLock] {
                try Data("\(innocent.pid)\n\(place.data)\n".utf8).write(to: URL(filePath: file))
                unsafe chown(file, user.uid, user.gid)
            }
            let third = try await start(folder)
            #expect(try await connect(third).query("select from t").count == 1)
            #expect(!innocent.hasExited)
            innocent.signal(SIGKILL)
            await third.stop()
        }
    }

    @Test func `begins again what an interrupted initdb left`() async throws {
        try await TemporaryFolder.with { folder in
            let place = try ClusterFolder.prepare(folder, user: try ServerUser.current())
            try Files.makePrivate(place.unfinishedData, for: place.user)
            try Data("15\n".utf8).write(to: URL(filePath: place.unfinishedData + "/PG_VERSION"))
            let cluster = try await start(folder)
            #expect(try await connect(cluster).query("select 1").count == 1)
            #expect(!Files.exists(place.unfinishedData))
            await cluster.stop()
        }
    }

    @Test func `finds a short place for its socket if the data lies deep`() async throws {
        try await TemporaryFolder.with { folder in
            let cluster = try await start(folder + "/" + String(repeating: "deep/", count: 20))
            #expect(cluster.url.contains("%2Ftmp%2Fusher-"))
            #expect(try await connect(cluster).query("select 1").count == 1)
            await cluster.stop()
        }
    }

    @Test(.enabled(if: geteuid() == 0, "only root starts the server as another user"))
    func `names the folder that its user cannot enter, and a place that works`() async throws {
        try await TemporaryFolder.with { folder in
            let closed = folder + "/closed"
            unsafe mkdir(closed, 0o700)
            let error = try await #require(throws: EmbeddedClusterError.self) {
                try await start(closed + "/data")
            }
            #expect(error == .unreachable(folder: closed, user: "postgres"))
            #expect("\(error)".contains("\(closed).") && "\(error)".contains("/var/lib/usher"))
        }
    }

    @Test func `says what to install for data of a version that is not there`() async throws {
        try await TemporaryFolder.with { folder in
            let place = try ClusterFolder.prepare(folder, user: try ServerUser.current())
            try Files.makePrivate(place.data, for: place.user)
            try Data("9\n".utf8).write(to: URL(filePath: place.data + "/PG_VERSION"))
            let error = try await #require(throws: EmbeddedClusterError.self) {
                try await start(folder)
            }
            #expect("\(error)".contains("apt install postgresql-9"))
        }
    }

    @Test func `says why its server does not start`() async throws {
        try await TemporaryFolder.with { folder in
            let error = try await #require(throws: EmbeddedClusterError.self) {
                try await EmbeddedCluster.start(
                    dataDirectory: folder,
                    settings: ["fsync": "off", "shared_buffers": "nonsense"]
                )
            }
            #expect("\(error)".contains("shared_buffers"))
            // The lock is free again.
            try await start(folder).stop()
        }
    }

    /// Kills the server outright, and waits for its successor.
    private func killAndAwaitRestart(_ cluster: EmbeddedCluster) async throws {
        let before = try #require(await cluster.serverPID)
        kill(before, SIGKILL)
        while true {
            if let pid = await cluster.serverPID, pid != before { return }
            await Task.yield()
        }
    }
}
