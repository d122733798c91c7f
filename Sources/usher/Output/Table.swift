/// Rows in aligned columns.
struct Table {
    struct Cell: ExpressibleByStringInterpolation {
        let text: String
        let paint: Terminal.Paint?

        init(_ text: String, _ paint: Terminal.Paint? = nil) {
            self.text = text.printable
            self.paint = paint
        }

        init(stringLiteral text: String) {
            self.init(text)
        }
    }

    private let headings: [String]
    private var rows: [[Cell]] = []

    init(_ headings: String...) {
        self.headings = headings
    }

    /// Adds a row of as many cells as there are headings.
    mutating func add(_ cells: Cell...) {
        precondition(cells.count == headings.count, "a row must fill the table's columns")
        rows.append(cells)
    }

    func lines(on terminal: Terminal) -> [String] {
        let all = [headings.map { Cell($0.uppercased(), .dim) }] + rows
        let widths = headings.indices.map { column in
            all.map { $0[column].text.count }.max() ?? 0
        }
        return all.map { row in
            let last = row.lastIndex { !$0.text.isEmpty } ?? 0
            let cells = row.prefix(last + 1).enumerated()
                .map { column, cell in
                    let text = cell.paint.map { terminal.paint(cell.text, $0) } ?? cell.text
                    let isLast = column == last
                    return isLast ? text : text + blanks(widths[column] - cell.text.count)
                }
            return cells.joined(separator: "  ")
        }
    }

    private func blanks(_ count: Int) -> String {
        String(repeating: " ", count: count)
    }
}
