/// Something in a flag's definition that cannot stand: where, what, and what to do.
package struct FlagFault: Error, Hashable, Sendable, CustomStringConvertible {
    /// Where in the document: `flags.new-checkout.targeting.if[1].fractional[0]`.
    package let path: String
    package let message: String
    package let remedy: String

    package init(path: String, message: String, remedy: String) {
        self.path = path
        self.message = message
        self.remedy = remedy
    }

    package var description: String { "\(path): \(message); \(remedy)" }
}

/// Everything that is wrong with a definition, at once.
package struct FlagFaults: Error, Hashable, Sendable, CustomStringConvertible {
    package let all: [FlagFault]

    package var description: String { all.map(\.description).joined(separator: "\n") }
}
