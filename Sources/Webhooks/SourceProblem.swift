/// One mistake in a source's file: where it is, what is wrong, and what to write instead.
package struct SourceProblem: Sendable, Hashable, CustomStringConvertible {
    package let file: String
    /// Counted from 1, as editors do.
    package let line: Int
    /// The way to the setting, as in `auth[0].encoding`; empty for the file as a whole.
    package let field: String
    package let message: String
    package let remedy: String

    package init(file: String, line: Int, field: String, message: String, remedy: String) {
        self.file = file
        self.line = line
        self.field = field
        self.message = message
        self.remedy = remedy
    }

    package var description: String {
        let place = field.isEmpty ? "\(file):\(line)" : "\(file):\(line): \(field)"
        return "\(place): \(message); \(remedy)"
    }
}

/// Every mistake of one file, in the order of its lines, so that one look mends them all.
package struct SourceProblems: Error, Hashable, CustomStringConvertible {
    package let problems: [SourceProblem]

    package init(problems: [SourceProblem]) {
        self.problems = problems
    }

    package var description: String {
        problems.map(\.description).joined(separator: "\n")
    }
}

/// A setting that the file takes from the environment, and that cannot be used as it stands there.
///
/// It names the variable and never repeats its value: most of these values are secrets.
package struct SettingProblem: Error, Hashable, CustomStringConvertible {
    package let source: String
    package let variable: String
    package let message: String
    package let remedy: String

    package var description: String {
        "source \(source): \(variable) \(message); \(remedy)"
    }
}
