import Foundation
import Harness
import Postgres

/// All that stands while the run measures: a seeded database, the service, the baselines.
struct World {
    let plan: Plan
    let folder: URL
    let scripts: Scripts
    let cluster: Cluster
    let settings: UsherService.Settings
    let wrk: Wrk
    let progress: Progress

    /// Starts Postgres, has the service make its schema and catalog, and seeds it.
    init(
        plan: Plan,
        binary: String,
        repository: URL,
        folder: URL,
        progress: Progress
    ) throws {
        self.plan = plan
        self.folder = folder
        self.progress = progress
        scripts = try Scripts(in: folder)
        progress.say("starting Postgres, migrating, applying the catalog")
        cluster = try Cluster(in: folder)
        settings = UsherService.Settings(
            binary: binary,
            repository: repository,
            database: cluster.url,
            folder: folder
        )
        try UsherService.migrate(settings)
        try UsherService("usher-catalog", settings).child.stop()
        progress.say("seeding \(plan.sessions) sessions on \(plan.accounts) accounts")
        try cluster.psql(
            scripts.seed,
            variables: ["sessions": "\(plan.sessions)", "accounts": "\(plan.accounts)"]
        )
        progress.say("writing a check for every session")
        let lines = folder.appendingPathComponent("all-bodies.json")
        try cluster.psql(scripts.bodies, to: lines)
        wrk = Wrk(
            scripts: scripts,
            checks: Requests(
                path: "/v1/check",
                files: try Self.split(lines, into: plan.bodiesAFile, in: folder)
            ),
            folder: folder
        )
    }

    /// A connection for questions and for changes typed by hand.
    func connection() throws -> BlockingConnection {
        try BlockingConnection(
            ConnectionSettings(url: cluster.url, applicationName: "bench", statementTimeout: .zero)
        )
    }

    /// pgbench with one of the scripts; `rate` paces it.
    func pgbench(_ script: URL, clients: Int, seconds: Int, rate: Int? = nil) throws -> Child {
        let pace = rate.map { ["--rate", "\($0)"] } ?? []
        return try Child(
            "pgbench",
            [
                try Tool.url("pgbench").path, "-n", "-M", "prepared", "-c", "\(clients)", "-j", "1",
                "-T",
                "\(seconds)", "-D", "sessions=\(plan.sessions)", "-D", "accounts=\(plan.accounts)",
                "-D", "hot=\(Plan.hotAccount)", "-f",
                script.path,
            ] + pace + [cluster.url],
            in: folder
        )
    }

    /// Splits the bodies, already in random order, into files that wrk can hold.
    private static func split(_ lines: URL, into count: Int, in folder: URL) throws -> [URL] {
        let prefix = folder.appendingPathComponent("checks-")
        try Command.run(
            "split",
            [try Tool.url("split").path, "-l", "\(count)", "-d", lines.path, prefix.path],
            in: folder
        )
        return try FileManager.default
            .contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
            .filter { $0.lastPathComponent.hasPrefix("checks-") }
            .sorted { $0.path < $1.path }
    }
}
