import ArgumentParser
import Entitlements
import Foundation

/// A file of JSON, or standard input.
struct JSONFile: ParsableArguments {
    @Argument(help: "The file, or - for standard input.")
    var file: String

    /// Reads the file to its end.
    ///
    /// - Throws: That it cannot be read, or where it is no JSON.
    func read() throws(CommandFailure) -> JSON {
        let data: Data
        do {
            data = try contents()
        } catch {
            throw CommandFailure("The file '\(file.printable)' cannot be read.")
        }
        do {
            return try JSON(parsing: data)
        } catch {
            throw CommandFailure("The file '\(file.printable)' is no JSON: \(error).".printable)
        }
    }

    private func contents() throws -> Data {
        guard file != "-" else { return try FileHandle.standardInput.readToEnd() ?? Data() }
        return try Data(contentsOf: URL(fileURLWithPath: file))
    }
}

/// A JSON object on the command line.
struct ObjectArgument: ExpressibleByArgument {
    let members: [String: JSON]

    init?(argument: String) {
        guard let members = (try? JSON(parsing: argument))?.object else { return nil }
        self.members = members
    }
}
