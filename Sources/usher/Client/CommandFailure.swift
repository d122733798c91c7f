/// Why a command ends with an error: one clear line, and below it what belongs to it.
struct CommandFailure: Error, Equatable, CustomStringConvertible {
    let message: String
    /// Further lines, such as each mistake of a catalog.
    let details: [String]

    init(_ message: String, details: [String] = []) {
        self.message = message
        self.details = details
    }

    var description: String {
        ([message] + details.map { "  \($0)" }).joined(separator: "\n")
    }
}
