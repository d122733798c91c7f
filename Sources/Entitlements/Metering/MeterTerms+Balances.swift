extension MeterTerms {
    /// What plans, add-ons or a grant give in every period.
    package struct Allowance: Sendable, Hashable {
        /// `base`, or `sub:` and the add-on's subscription.
        package let slot: String
        package let amount: Quantity
        package let cycle: Cycle
        /// Lower is burnt first.
        package let priority: Int
        package let rollover: Rollover?
        /// When it took effect: of two alike the older is burnt first.
        package let since: Instant
        /// When the account came to have it; nil where that is not known.
        ///
        /// No period that ended by then left anything to roll, and each that ended later did,
        /// whether or not anything was ever counted. Where it is not known, a meter rolls from its
        /// first write on.
        package let heldSince: Instant?

        package init(
            slot: String,
            amount: Quantity,
            cycle: Cycle,
            priority: Int = 100,
            rollover: Rollover? = nil,
            since: Instant = Instant(microseconds: 0),
            heldSince: Instant? = nil
        ) {
            self.slot = slot
            self.amount = amount
            self.cycle = cycle
            self.priority = priority
            self.rollover = rollover
            self.since = since
            self.heldSince = heldSince
        }
    }

    /// When an allowance comes back.
    package enum Cycle: Sendable, Hashable {
        case never
        case calendar(PeriodInterval)
        case anchored(Instant, PeriodInterval)

        /// Says whether two windows are of the same kind and length, wherever they are anchored.
        var tag: String {
            switch self {
            case .never: "never"
            case .calendar(let interval): Self.tag(interval, "@calendar")
            case .anchored(_, let interval): Self.tag(interval, "@billing")
            }
        }

        private static func tag(_ interval: PeriodInterval, _ kind: String) -> String {
            let unit = interval.unit.rawValue + kind
            return interval.count == 1 ? unit : String(interval.count) + unit
        }

        var interval: PeriodInterval? {
            switch self {
            case .never: nil
            case .calendar(let interval), .anchored(_, let interval): interval
            }
        }
    }

    /// What of an allowance outlives its period: at most the smaller of both, in total.
    package struct Rollover: Sendable, Hashable {
        package let max: Int64?
        /// Of the allowance.
        package let percent: Int64?
        /// How long what was rolled lasts; nil is as long as it is not used.
        package let months: Int64?

        package init(max: Int64? = nil, percent: Int64? = nil, months: Int64? = nil) {
            self.max = max
            self.percent = percent
            self.months = months
        }

        /// The most that may be rolled in total.
        func most(of amount: Int64) -> Int64 {
            Swift.max(0, Swift.min(max ?? .max, percent.map(amount.percent) ?? .max))
        }
    }

    /// An extra allotment, with its own time.
    package struct Credit: Sendable, Hashable {
        package let id: String
        package let feature: String
        package let amount: Int64
        package let priority: Int
        package let isPromotional: Bool
        package let from: Instant
        /// The sooner of its expiry and of its being voided.
        package let until: Instant?
        /// How often it is full again.
        package let recurrence: PeriodInterval?
        /// What is left after a reset of the base; nil is 0.
        package let rolloverMin: Int64?
        /// Nil is all of it, and nothing for a credit that recurs.
        package let rolloverMax: Int64?
        package let createdAt: Instant

        package init(
            id: String,
            feature: String,
            amount: Int64,
            priority: Int = 100,
            isPromotional: Bool = false,
            from: Instant,
            until: Instant? = nil,
            recurrence: PeriodInterval? = nil,
            rolloverMin: Int64? = nil,
            rolloverMax: Int64? = nil,
            createdAt: Instant? = nil
        ) {
            self.id = id
            self.feature = feature
            self.amount = amount
            self.priority = priority
            self.isPromotional = isPromotional
            self.from = from
            self.until = until
            self.recurrence = recurrence
            self.rolloverMin = rolloverMin
            self.rolloverMax = rolloverMax
            self.createdAt = createdAt ?? from
        }
    }
}

extension MeterTerms.Credit {
    func isLive(at instant: Instant) -> Bool {
        from <= instant && instant < until ?? .never
    }

    /// Whether no event can be late for it any more.
    func isForgotten(at instant: Instant) -> Bool {
        (until ?? .never) + MeterBounds.lateEvent <= instant
    }

    /// What a reset of the base leaves.
    func surviving(_ left: Int64) -> Int64 {
        let most = rolloverMax ?? (recurrence == nil ? amount : 0)
        return max(0, min(most, max(rolloverMin ?? 0, left)))
    }

    /// Whether a reset of the base leaves everything as it is.
    var outlivesResets: Bool {
        (rolloverMin ?? 0) <= 0 && (rolloverMax ?? (recurrence == nil ? amount : 0)) >= amount
    }
}
