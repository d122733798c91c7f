/// Rows under headings, for a terminal or for a document: words go left, figures right.
package struct Table: Sendable, Equatable {
    package let title: String
    package let columns: [String]
    package let rows: [[String]]

    package init(_ title: String, columns: [String], rows: [[String]]) {
        precondition(rows.allSatisfy { $0.count == columns.count }, "a row of \(title) is uneven")
        self.title = title
        self.columns = columns
        self.rows = rows
    }

    /// Aligned with spaces.
    package var text: String {
        let widths = columns.indices.map { column in
            ([columns] + rows).map { $0[column].count }.max() ?? 0
        }
        let lines = ([columns] + rows)
            .map { row in
                row.indices.map { pad(row[$0], to: widths[$0], isFirst: $0 == 0) }
                    .joined(separator: "  ").trimmedAtEnd
            }
        let rule = String(repeating: "─", count: widths.reduce(0, +) + 2 * (widths.count - 1))
        return ([title, rule, lines[0], rule] + lines.dropFirst()).joined(separator: "\n")
    }

    /// As a Markdown table.
    package var markdown: String {
        let alignment = columns.indices.map { $0 == 0 ? "---" : "---:" }
        let lines = [columns, alignment] + rows
        let body = lines.map { "| " + $0.joined(separator: " | ") + " |" }
        return "### \(title)\n\n" + body.joined(separator: "\n")
    }

    private func pad(_ cell: String, to width: Int, isFirst: Bool) -> String {
        let space = String(repeating: " ", count: width - cell.count)
        return isFirst ? cell + space : space + cell
    }
}

extension String {
    fileprivate var trimmedAtEnd: String {
        var text = self[...]
        while text.last == " " { text.removeLast() }
        return String(text)
    }
}
