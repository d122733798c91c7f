/// What there is to say of one thing: a name and a value a line.
struct Facts {
    private var entries: [(name: String, value: Table.Cell)] = []

    /// Adds a fact; one without a value is left out.
    mutating func add(_ name: String, _ value: String?, _ paint: Terminal.Paint? = nil) {
        guard let value else { return }
        entries.append((name, Table.Cell(value, paint)))
    }

    func lines(on terminal: Terminal) -> [String] {
        let width = entries.map(\.name.count).max() ?? 0
        return entries.map { entry in
            let blanks = String(repeating: " ", count: width - entry.name.count + 2)
            let value = entry.value
            let text = value.paint.map { terminal.paint(value.text, $0) } ?? value.text
            return terminal.paint(entry.name, .dim) + blanks + text
        }
    }
}
