/// What one round of load showed.
package struct LoadSample: Sendable, Codable, Equatable {
    /// Answers a second.
    package var perSecond: Double
    package var p50Milliseconds: Double?
    package var p99Milliseconds: Double?
    /// Answers in all, which CPU is divided by.
    package var answers: Int
    /// Answers that were errors, or never came.
    package var failures: Int
    /// CPU for each answer, by what spent it.
    package var cpuMicroseconds: [String: Double] = [:]
    /// Checks that one read of the database served, on average.
    package var checksARead: Double?
    /// Consumes that one transaction committed, on average.
    package var answersATransaction: Double?

    package init(
        perSecond: Double,
        p50Milliseconds: Double? = nil,
        p99Milliseconds: Double? = nil,
        answers: Int,
        failures: Int = 0
    ) {
        self.perSecond = perSecond
        self.p50Milliseconds = p50Milliseconds
        self.p99Milliseconds = p99Milliseconds
        self.answers = answers
        self.failures = failures
    }

    package var totalCPUMicroseconds: Double { cpuMicroseconds.values.reduce(0, +) }

    /// The median of each figure over the rounds; nil of none.
    package static func median(of rounds: [LoadSample]) -> LoadSample? {
        guard let perSecond = rounds.map(\.perSecond).median else { return nil }
        var middle = LoadSample(
            perSecond: perSecond,
            p50Milliseconds: rounds.compactMap(\.p50Milliseconds).median,
            p99Milliseconds: rounds.compactMap(\.p99Milliseconds).median,
            answers: rounds.map(\.answers).reduce(0, +),
            failures: rounds.map(\.failures).reduce(0, +)
        )
        middle.checksARead = rounds.compactMap(\.checksARead).median
        middle.answersATransaction = rounds.compactMap(\.answersATransaction).median
        for name in Set(rounds.flatMap(\.cpuMicroseconds.keys)) {
            middle.cpuMicroseconds[name] = rounds.compactMap { $0.cpuMicroseconds[name] }.median
        }
        return middle
    }
}
