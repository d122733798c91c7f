import ArgumentParser
import CoreBenchmark
import Harness
import Hello

/// What checks cost, against what one would use instead.
///
/// Not asynchronous, so that programs are started from the main thread: the signal that ends them
/// with this one follows the starting thread, and those of a pool come and go.
@main
struct Bench: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench",
        abstract: "Measures the service against baselines of the same minutes.",
        subcommands: [Measure.self, Core.self, Flags.self, Hello.self],
        defaultSubcommand: Measure.self
    )
}

/// The pure decision alone.
struct Core: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures one pure decision: 3 subscriptions, 10 grants, 40 features, no I/O."
    )

    func run() {
        let nanoseconds = CoreBenchmark().nanosecondsAFeature(rounds: 5, passes: 10_000)
        print("\(Format.fixed(nanoseconds, 0)) ns a feature")
    }
}

/// The evaluation of flags alone.
struct Flags: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measures flags: static, targeted, fractional, and a bulk of 200, no I/O."
    )

    func run() throws {
        for figure in try FlagsBenchmark().figures(rounds: 5, passes: 20_000) {
            let aim = "aim \(Format.fixed(figure.aim, 0)) ns"
            print("\(figure.name): \(Format.fixed(figure.nanoseconds, 0)) ns, \(aim)")
        }
    }
}

/// Hummingbird's hello world, a baseline that `measure` starts.
struct Hello: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serves Hummingbird's hello world on 127.0.0.1.",
        shouldDisplay: false
    )

    @Option(help: "The port to listen on.")
    var port: Int

    func run() {
        HelloServer.run(port: port)
    }
}
