/// What one account, user or session has taken of one feature: a small state, as of its last write.
///
/// It says what was counted and never what is allowed; all that follows from time is worked out
/// when it is asked (`advanced(to:under:)`), and all that follows from plans is in `MeterTerms`.
///
/// Topics:
/// - Time: `advanced(to:under:)`, which comes before everything else
/// - Asking: `reading(under:)`, `slots(under:)`, `retryAt(_:under:)`, `crossings(since:under:)`
/// - Counting: `take`, `record`, `giveBack`, `adjust`
/// - Holding: `hold`, `settle`, `release`, `renew`
package struct Meter: Sendable, Hashable {
    /// When it was last written, or what it was advanced to.
    package var at: Instant
    /// Units counted in the period (sliding: in the window).
    package var used: Int64
    /// Units that found no balance and are still owed.
    package var over: Int64
    /// Units of a sliding window before the present one; of a rate, what `periodEnd` leaves out, in
    /// parts of a microsecond of which `seenLimit` make one.
    package var previous: Int64
    /// The base's period; nil where there is none, or it never resets.
    package var periodStart: Instant?
    /// The end of that period; of a rate, GCRA's theoretical arrival time.
    package var periodEnd: Instant?
    /// The kind of window and the source it was last written under; nil before the first write.
    package var source: String?
    /// The limit it was last written under; `Int64.max` is unlimited.
    package var seenLimit: Int64?
    /// All that takes more than a sum: nil where everything came from the base and nothing is held.
    package var detail: Detail?

    /// A meter that nothing was counted on.
    package init(at: Instant) {
        self.init(at: at, used: 0)
    }

    /// A meter as it was stored.
    package init(
        at: Instant,
        used: Int64,
        over: Int64 = 0,
        previous: Int64 = 0,
        periodStart: Instant? = nil,
        periodEnd: Instant? = nil,
        source: String? = nil,
        seenLimit: Int64? = nil,
        detail: Detail? = nil
    ) {
        self.at = at
        self.used = used
        self.over = over
        self.previous = previous
        self.periodStart = periodStart
        self.periodEnd = periodEnd
        self.source = source
        self.seenLimit = seenLimit
        self.detail = detail
    }
}

extension Meter {
    /// The slot of the base allowance.
    package static let baseSlot = "base"
    /// The slot of what found no balance.
    package static let overSlot = "over"
    static let rateTag = "rate"
    static let concurrencyTag = "concurrency"

    /// Units of one slot.
    package struct Part: Sendable, Hashable {
        package let slot: String
        package let units: Int64

        package init(_ slot: String, _ units: Int64) {
            self.slot = slot
            self.units = units
        }
    }

    /// What an act counted, and where.
    package struct Taking: Sendable, Hashable {
        /// What was taken or held, or given back; never negative.
        package let units: Int64
        /// Where it came from, in the order it was burnt, or went to; empty: all the base.
        package let parts: [Part]
        /// What `used` changed by: nothing for what belongs to a period that is over, and negative
        /// for what was given back.
        package let change: Int64

        package init(units: Int64, parts: [Part] = [], change: Int64) {
            self.units = units
            self.parts = parts
            self.change = change
        }
    }

    /// Units that are set aside (a reservation), or in use until then (a lease).
    package struct Hold: Sendable, Hashable {
        package let id: String
        package let units: Int64
        /// At exactly this instant it is no longer held.
        package let until: Instant
        /// When it was taken, which says of which period it is.
        package let at: Instant
        /// Which slots it was taken from; empty: all the base.
        package let parts: [Part]

        package init(id: String, units: Int64, until: Instant, at: Instant, parts: [Part] = []) {
            self.id = id
            self.units = units
            self.until = until
            self.at = at
            self.parts = parts
        }
    }

    /// A meter at a later instant, and what happened on the way.
    package struct Advance: Sendable, Hashable {
        package let meter: Meter
        /// The base's period that ended with something used.
        package let reset: Reset?
        /// Holds whose time was up.
        package let lapsed: [Hold]

        package init(meter: Meter, reset: Reset? = nil, lapsed: [Hold] = []) {
            self.meter = meter
            self.reset = reset
            self.lapsed = lapsed
        }
    }

    /// A period that ended.
    package struct Reset: Sendable, Hashable {
        package let period: Period
        package let used: Int64

        package init(period: Period, used: Int64) {
            self.period = period
            self.used = used
        }
    }
}

extension [Meter.Part] {
    /// The units of one slot.
    func units(of slot: String) -> Int64 {
        var units: Int64 = 0
        for part in self where part.slot == slot { units = units.addingSaturated(part.units) }
        return units
    }
}

extension Meter.Hold {
    /// What it holds, with the base by name.
    var spelledParts: [Meter.Part] {
        parts.isEmpty ? [Meter.Part(Meter.baseSlot, units)] : parts
    }
}
