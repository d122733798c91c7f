import ArgumentParser
import Foundation
import Harness

/// The whole run: everything it starts listens on 127.0.0.1 or a Unix socket and ends with it.
struct Measure: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Seeds a million sessions and measures checks, baselines, changes and memory.",
        discussion: """
            Figures depend on the machine and on what else it does; ratios are of the same rounds and \
            travel better. A run takes some nine minutes, --quick about one.
            """
    )

    @Option(help: "The service's release binary; the repository's own by default.")
    var usher: String?

    @Flag(help: "A tenth of the data and one short round: a look, not a result.")
    var quick = false

    @Option(help: "Only the checks, or only the consumes.")
    var only: Part?

    @Option(help: "Write every figure to this file, as JSON.")
    var json: String?

    @Option(help: "Write the tables to this file, as Markdown; between its marks, if it has them.")
    var markdown: String?

    /// Ends with 1 when a change was not in force at the next check, or a unit was lost or counted
    /// twice: that is no matter of speed.
    func run() throws {
        try Tool.requireAll()
        let watch = SignalWatch()
        defer { withExtendedLifetime(watch) { Children.all.stopAll() } }
        let repository = try Repository()
        let report = try Benchmark(
            plan: quick ? .quick : .full,
            parts: only.map { [$0] } ?? Set(Part.allCases),
            binary: try repository.binary(usher),
            repository: repository.folder
        )
        .run()
        print(report.text)
        if let json { try report.json.write(to: URL(fileURLWithPath: json)) }
        if let markdown { try report.writeMarkdown(to: URL(fileURLWithPath: markdown)) }
        guard report.keepsPromises else { throw ExitCode(1) }
    }
}
