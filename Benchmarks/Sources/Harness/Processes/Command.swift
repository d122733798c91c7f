package import Foundation

/// A program that runs to its end while we wait.
package enum Command {
    /// Runs it and gives back what it printed; anything but success is an error with its words.
    ///
    @discardableResult
    package static func run(
        _ name: String,
        _ command: [String],
        environment: [String: String] = [:],
        asPostgres: Bool = false,
        in folder: URL
    ) throws -> String {
        let child = try Child(
            name,
            command,
            environment: environment,
            asPostgres: asPostgres,
            in: folder
        )
        return try child.finish()
    }
}
