import ArgumentParser
import Foundation
import Logging

/// The command `usher serve`.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Run the service.",
        discussion: """
            Configuration comes from the environment (USHER_…), from the file of --config \
            (YAML: the same names in lower case and without usher, each _ a level, as in \
            database: { url: … }), and from the options here, which win. Without USHER_DATABASE_URL a private Postgres is started under \
            USHER_DATA_DIR and stopped with the service.
            """
    )

    @Option(help: "Address to listen on (USHER_HOST, 127.0.0.1).")
    var host: String?

    @Option(help: "Port to listen on (USHER_PORT, 8080).")
    var port: Int?

    @Option(help: "Where the private Postgres lives (USHER_DATA_DIR, .usher).")
    var dataDir: String?

    @Option(help: "A YAML file of settings.")
    var config: String?

    @Flag(help: "Apply the catalog at the start, also to a database that is not our own.")
    var applyCatalog = false

    func run() async throws {
        let settings = try await ServiceSettings(
            file: config,
            overrides: [
                "host": host, "port": port.map(String.init), "data.dir": dataDir,
                "apply.catalog": applyCatalog ? "true" : nil,
            ]
        )
        try await reporting {
            try await Wiring(settings).run()
        }
    }
}

/// The command `usher migrate`.
struct Migrate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bring the database of USHER_DATABASE_URL to this program's schema.",
        discussion: """
            Applies what is missing, one file a transaction. Safe to run from several places at \
            once; `serve` does the same at its start.
            """
    )

    @Option(help: "A libpq URL (USHER_DATABASE_URL).")
    var databaseURL: String?

    @Option(help: "A YAML file of settings.")
    var config: String?

    func run() async throws {
        let settings = try await ServiceSettings(
            file: config,
            overrides: ["database.url": databaseURL]
        )
        try await reporting {
            guard let url = settings.databaseURL else {
                throw ServeFailure(
                    "no database: set USHER_DATABASE_URL; `usher serve` migrates its own by itself"
                )
            }
            let applied = try await Wiring.migrate(url, settings: settings)
            print(applied.isEmpty ? "nothing to do" : applied.joined(separator: "\n"))
        }
    }
}

/// A start that failed, in one clear line.
struct ServeFailure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}

/// Runs, and turns whatever stops it into one line on standard error and exit status 1.
private func reporting(_ body: () async throws -> Void) async throws {
    do {
        try await body()
    } catch {
        FileHandle.standardError.write(Data("usher: \(error)\n".utf8))
        throw ExitCode.failure
    }
}
