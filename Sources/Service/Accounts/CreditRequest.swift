package import Entitlements
package import Store

/// What a caller says of a credit.
package struct CreditRequest: Sendable, Equatable {
    package var feature: String
    package var amount: Int64
    /// Nil: 100.
    package var priority: Int?
    package var isPromotional: Bool
    /// Nil: from now on.
    package var from: Instant?
    package var to: Instant?
    /// In the place of `to`.
    package var lifetime: Duration?
    package var every: CreditContent.Recurrence.Unit?
    /// So many of `every`; nil: one.
    package var count: Int?
    package var rolloverMin: Int64?
    package var rolloverMax: Int64?
    package var isPending: Bool
    package var reason: String

    package init(
        feature: String,
        amount: Int64,
        priority: Int? = nil,
        isPromotional: Bool = false,
        from: Instant? = nil,
        to: Instant? = nil,
        lifetime: Duration? = nil,
        every: CreditContent.Recurrence.Unit? = nil,
        count: Int? = nil,
        rolloverMin: Int64? = nil,
        rolloverMax: Int64? = nil,
        isPending: Bool = false,
        reason: String
    ) {
        self.feature = feature
        self.amount = amount
        self.priority = priority
        self.isPromotional = isPromotional
        self.from = from
        self.to = to
        self.lifetime = lifetime
        self.every = every
        self.count = count
        self.rolloverMin = rolloverMin
        self.rolloverMax = rolloverMax
        self.isPending = isPending
        self.reason = reason
    }
}

/// What the table refuses too, told before it is asked, by field.
extension CreditRequest {
    /// The credit to write, now being some instant of the account's time.
    func content(at now: Instant) throws(Refusal) -> CreditContent {
        let (start, end) = try RequestedWindow(
            subject: "the credit",
            from: from,
            to: to,
            lifetime: lifetime
        )
        .resolved(at: now)
        return CreditContent(
            feature: feature,
            amount: amount,
            priority: priority ?? 100,
            isPromotional: isPromotional,
            from: start,
            until: end,
            recurrence: try recurrence(),
            rollover: try rollover(),
            isPending: isPending,
            reason: reason
        )
    }

    private func recurrence() throws(Refusal) -> CreditContent.Recurrence? {
        if every == nil, count != nil {
            throw Refusal(
                .missingField,
                "count says how many of every, which is missing",
                field: "every",
                remedy: "give every: hour, day, week, month or year; or leave count out"
            )
        }
        return every.map { CreditContent.Recurrence($0, count: count ?? 1) }
    }

    private func rollover() throws(Refusal) -> CreditContent.Rollover {
        var rollover = CreditContent.Rollover.standard(amount: amount, recurs: every != nil)
        rollover.min = rolloverMin ?? rollover.min
        rollover.max = rolloverMax ?? rollover.max
        guard rollover.max <= amount else {
            throw Refusal(
                .invalidField,
                "a reset cannot leave \(rollover.max) of \(amount)",
                field: "rollover.max",
                remedy: "give at most the amount"
            )
        }
        guard rollover.min <= rollover.max else {
            throw Refusal(
                .invalidField,
                "a reset cannot leave at least \(rollover.min) and at most \(rollover.max)",
                field: "rollover.min",
                remedy: rolloverMax == nil
                    ? "give rollover.max as well, which is \(rollover.max) where it is left out"
                    : "give at most rollover.max"
            )
        }
        return rollover
    }
}
