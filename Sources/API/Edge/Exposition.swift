/// Prometheus's text format (version 0.0.4), written line by line.
struct Exposition {
    private(set) var text = ""

    /// One metric with its samples: labels and value.
    mutating func add(
        _ name: String,
        _ type: String,
        _ help: String,
        _ samples: [(labels: [(String, String)], value: Double)]
    ) {
        begin(name, type, help)
        for sample in samples { line(name, sample.labels, sample.value) }
    }

    mutating func add(_ name: String, _ type: String, _ help: String, _ value: Int) {
        add(name, type, help, [([], Double(value))])
    }

    /// A histogram from counts that are not yet cumulative; the last one is above every bound.
    mutating func addHistogram(
        _ name: String,
        _ help: String,
        bounds: [Double],
        counts: [Int],
        sum: Double
    ) {
        begin(name, "histogram", help)
        var total = 0
        for (count, bound) in zip(counts, bounds.map(Self.number) + ["+Inf"]) {
            total += count
            line(name + "_bucket", [("le", bound)], Double(total))
        }
        line(name + "_sum", [], sum)
        line(name + "_count", [], Double(total))
    }

    private mutating func begin(_ name: String, _ type: String, _ help: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(type)\n"
    }

    private mutating func line(_ name: String, _ labels: [(String, String)], _ value: Double) {
        let pairs = labels.map { "\($0.0)=\"\(Self.escaped($0.1))\"" }.joined(separator: ",")
        text += pairs.isEmpty ? name : "\(name){\(pairs)}"
        text += " \(Self.number(value))\n"
    }

    private static func number(_ value: Double) -> String {
        Int64(exactly: value).map(String.init) ?? String(value)
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
            .replacing("\n", with: "\\n")
    }
}
