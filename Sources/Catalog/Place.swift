/// Where in the catalog a value stands.
struct Place: Hashable {
    let file: String?
    let line: Int?
    let field: String

    func child(_ key: String, line: Int?) -> Place {
        Place(file: file, line: line, field: field.isEmpty ? key : "\(field).\(key)")
    }
}

/// Collects what is wrong while reading goes on.
final class ProblemList {
    private(set) var all: [CatalogProblem] = []

    func add(_ place: Place, _ message: String, _ remedy: String) {
        all.append(
            CatalogProblem(
                file: place.file,
                line: place.line,
                field: place.field,
                message: message,
                remedy: remedy
            )
        )
    }

    /// In the order in which somebody would mend them: by file, then by line.
    var sorted: [CatalogProblem] {
        all.enumerated()
            .sorted { left, right in
                (left.element.file ?? "", left.element.line ?? 0, left.offset)
                    < (right.element.file ?? "", right.element.line ?? 0, right.offset)
            }
            .map(\.element)
    }
}
