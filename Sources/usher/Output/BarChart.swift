/// Numbers as horizontal bars, a line each.
///
/// All bars share one scale, from 0 to the largest number. What is not 0 is never drawn as
/// nothing, so that little can be told from none. A number below 0 (more was given back than was
/// used) has a bar of its own kind.
struct BarChart {
    struct Bar {
        let label: String
        let value: Int64
    }

    let bars: [Bar]

    /// Shortest scale: below it the bars would all look alike, and the lines rather wrap.
    private static let leastColumns = 10

    func lines(on terminal: Terminal, canvas: Canvas) -> [String] {
        let labels = bars.map(\.label.printable)
        let values = bars.map { "\($0.value)" }
        let labelWidth = labels.map(\.count).max() ?? 0
        let valueWidth = values.map(\.count).max() ?? 0
        let columns = max(canvas.columns - labelWidth - valueWidth - 4, Self.leastColumns)
        let scale = bars.map(\.value.magnitude).max() ?? 0
        return bars.indices.map { index in
            let label = labels[index] + blanks(labelWidth - labels[index].count)
            let value = blanks(valueWidth - values[index].count) + values[index]
            let number = bars[index].value
            guard number != 0 else { return "\(label)  \(value)" }
            let bar = bar(number, of: scale, columns: columns, canvas: canvas)
            return "\(label)  \(value)  \(terminal.paint(bar, number < 0 ? .red : .green))"
        }
    }

    private func bar(_ value: Int64, of scale: UInt64, columns: Int, canvas: Canvas) -> String {
        let length = Double(value.magnitude) / Double(scale) * Double(columns)
        guard canvas.hasBlocks else {
            let mark: Character = value < 0 ? "-" : "#"
            return String(repeating: mark, count: max(Int(length.rounded()), 1))
        }
        let eighths = max(Int((length * 8).rounded()), 1)
        let rest = eighths % 8
        let full = String(repeating: "█", count: eighths / 8)
        return rest == 0 ? full : full + Self.eighths[rest - 1]
    }

    private func blanks(_ count: Int) -> String {
        String(repeating: " ", count: count)
    }

    /// One eighth of a character to seven.
    private static let eighths = ["▏", "▎", "▍", "▌", "▋", "▊", "▉"]
}
