package import Entitlements

/// One mistake in a catalog: where it is, what it is, and what to do about it.
package struct CatalogProblem: Sendable, Hashable {
    /// The file at fault; nil where the catalog did not come from files, or all of it is at fault.
    package let file: String?
    /// The line in the file, from 1; nil where there is none to name.
    package let line: Int?
    /// The field from the file's top, such as `entitlements.api_calls.limit`; may be empty.
    package let field: String
    package let message: String
    package let remedy: String

    package init(file: String?, line: Int?, field: String, message: String, remedy: String) {
        self.file = file
        self.line = line
        self.field = field
        self.message = message
        self.remedy = remedy
    }

    package var json: JSON {
        [
            "file": file.map(JSON.string) ?? .null,
            "line": line.map { .integer(Int64($0)) } ?? .null,
            "field": .string(field),
            "message": .string(message),
            "remedy": .string(remedy),
        ]
    }
}

extension CatalogProblem: CustomStringConvertible {
    /// One line, as a compiler would print it: `plans/pro.yaml:9: field: message; remedy`.
    package var description: String {
        let place = [file, line.map(String.init)].compactMap(\.self).joined(separator: ":")
        let head = [place, field].filter { !$0.isEmpty }.joined(separator: ": ")
        return (head.isEmpty ? "" : head + ": ") + message + "; " + remedy
    }
}

/// A catalog that cannot be used, with everything that is wrong with it, never just the first.
package struct CatalogProblems: Error, Sendable, Hashable, CustomStringConvertible {
    package let problems: [CatalogProblem]

    package init(_ problems: [CatalogProblem]) {
        self.problems = problems
    }

    package var description: String {
        problems.map(\.description).joined(separator: "\n")
    }
}
