package import Entitlements

/// A credit to write; the table names it.
package struct CreditContent: Sendable, Equatable {
    /// How often a credit is made whole again.
    package struct Recurrence: Sendable, Equatable {
        /// The words of the column `every`.
        package enum Unit: String, Sendable, CaseIterable { case hour, day, week, month, year }

        package let unit: Unit
        /// So many units; at least 1.
        package let count: Int

        package init(_ unit: Unit, count: Int = 1) {
            self.unit = unit
            self.count = count
        }
    }

    /// What a reset of the feature leaves: no less than `min` of it, and no more than `max`.
    package struct Rollover: Sendable, Equatable {
        package var min: Int64
        package var max: Int64

        package init(min: Int64, max: Int64) {
            self.min = min
            self.max = max
        }

        /// Where nothing is said: what recurs keeps nothing, since it will be whole again, and
        /// anything else is left as it is.
        package static func standard(amount: Int64, recurs: Bool) -> Rollover {
            Rollover(min: 0, max: recurs ? 0 : amount)
        }
    }

    package var feature: String
    package var amount: Int64
    /// The lower is burnt first.
    package var priority: Int
    package var isPromotional: Bool
    package var from: Instant
    package var until: Instant?
    package var recurrence: Recurrence?
    package var rollover: Rollover
    /// Not paid yet: it gives nothing.
    package var isPending: Bool
    /// Nil only of one typed in SQL.
    package var reason: String?

    package init(
        feature: String,
        amount: Int64,
        priority: Int = 100,
        isPromotional: Bool = false,
        from: Instant,
        until: Instant? = nil,
        recurrence: Recurrence? = nil,
        rollover: Rollover? = nil,
        isPending: Bool = false,
        reason: String?
    ) {
        self.feature = feature
        self.amount = amount
        self.priority = priority
        self.isPromotional = isPromotional
        self.from = from
        self.until = until
        self.recurrence = recurrence
        self.rollover = rollover ?? .standard(amount: amount, recurs: recurrence != nil)
        self.isPending = isPending
        self.reason = reason
    }
}

/// Which credits of an account a list shows; nil is all.
package struct CreditFilter: Sendable, Equatable {
    package var feature: String?
    package var state: CreditRecord.State?

    package init(feature: String? = nil, state: CreditRecord.State? = nil) {
        self.feature = feature
        self.state = state
    }
}
