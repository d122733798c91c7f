import Foundation

/// How figures are written, so that every table writes them alike.
package enum Format {
    /// What stands where nothing was measured.
    package static let nothing = "–"

    /// 93,412 as `93.4k`, 4,078 as `4.08k`, 870 as `870`.
    package static func rate(_ value: Double?) -> String {
        guard let value else { return nothing }
        if value >= 10_000 { return fixed(value / 1_000, 1) + "k" }
        return value >= 1_000 ? fixed(value / 1_000, 2) + "k" : fixed(value, 0)
    }

    package static func ratio(_ value: Double?) -> String {
        value.map { fixed($0, 2) } ?? nothing
    }

    package static func milliseconds(_ value: Double?) -> String {
        value.map { fixed($0, $0 < 10 ? 2 : 1) } ?? nothing
    }

    package static func microseconds(_ value: Double?) -> String {
        value.map { fixed($0, 1) } ?? nothing
    }

    package static func mebibytes(_ bytes: Int) -> String {
        fixed(Double(bytes) / 1_048_576, 0)
    }

    package static func fixed(_ value: Double, _ digits: Int) -> String {
        String(format: "%.\(digits)f", value)
    }
}
