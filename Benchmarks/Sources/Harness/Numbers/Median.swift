extension Array where Element: BinaryFloatingPoint {
    /// The middle value; of an even count the mean of the two in the middle; nil of none.
    package var median: Element? {
        guard !isEmpty else { return nil }
        let sorted = sorted()
        let middle = count / 2
        return count.isMultiple(of: 2) ? (sorted[middle - 1] + sorted[middle]) / 2 : sorted[middle]
    }

    /// The smallest value that at least this share of all values does not exceed (nearest rank).
    package func percentile(_ share: Double) -> Element? {
        guard !isEmpty else { return nil }
        let rank = Int((share * Double(count)).rounded(.up))
        return sorted()[Swift.min(Swift.max(rank, 1), count) - 1]
    }
}

extension Duration {
    package var seconds: Double {
        Double(components.seconds) + Double(components.attoseconds) * 1e-18
    }

    package var milliseconds: Double { seconds * 1e3 }
    package var microseconds: Double { seconds * 1e6 }
}
