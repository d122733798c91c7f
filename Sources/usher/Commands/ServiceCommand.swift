import ArgumentParser
import Entitlements

/// A command that makes one call of the API and shows its answer.
///
/// What it would send and what it would say are values, so that both can be looked at without a
/// service.
protocol ServiceCommand: AsyncParsableCommand {
    var service: ServiceOptions { get }
    /// The call that the command line asks for.
    var request: APIRequest { get throws }

    /// The answer for people; with `--json` it is printed as it came.
    func lines(_ answer: JSON, on terminal: Terminal) -> [String]
}

extension ServiceCommand {
    func run() async throws {
        try await service.run(try request, show: lines)
    }
}
