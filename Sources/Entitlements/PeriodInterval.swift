/// How long a period is, in the words of the calendar: every month, every 2 weeks, every 6 hours.
package struct PeriodInterval: Sendable, Hashable {
    /// The raw words are those of the column `period_every`.
    package enum Unit: String, Sendable, Hashable, CaseIterable {
        case hour, day, week, month, quarter, year
    }

    package let unit: Unit
    /// How many units make one interval; at least 1.
    package let count: Int64

    /// Nil for a count below 1: an interval must go forward.
    package init?(_ unit: Unit, count: Int64 = 1) {
        guard count >= 1 else { return nil }
        self.unit = unit
        self.count = count
    }

    private init(one unit: Unit) {
        self.unit = unit
        count = 1
    }
}

extension PeriodInterval {
    package static let hour = PeriodInterval(one: .hour)
    package static let day = PeriodInterval(one: .day)
    package static let week = PeriodInterval(one: .week)
    package static let month = PeriodInterval(one: .month)
    package static let quarter = PeriodInterval(one: .quarter)
    package static let year = PeriodInterval(one: .year)

    /// What one interval adds, in the three ways that there are to add.
    enum Step: Hashable {
        /// Microseconds that pass, whatever the clocks on the wall do.
        case elapsed(Int64)
        /// Days of the calendar, at the same time of day.
        case days(Int64)
        /// Months of the calendar, at the same day of the month where the month has it.
        case months(Int64)
    }

    var step: Step {
        switch unit {
        case .hour: .elapsed(count.multipliedSaturated(by: 3_600_000_000))
        case .day: .days(count)
        case .week: .days(count.multipliedSaturated(by: 7))
        case .month: .months(count)
        case .quarter: .months(count.multipliedSaturated(by: 3))
        case .year: .months(count.multipliedSaturated(by: 12))
        }
    }
}
