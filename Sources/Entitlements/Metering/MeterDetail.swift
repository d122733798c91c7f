extension Meter {
    /// What a meter remembers beyond its sums.
    ///
    /// Boxed, since most meters have none, and unchanging, so that meters are values.
    package final class Detail: Sendable {
        let body: Body

        init(_ body: Body) {
            self.body = body
        }
    }
}

extension Meter.Detail: Hashable {
    package static func == (left: Meter.Detail, right: Meter.Detail) -> Bool {
        left.body == right.body
    }

    package func hash(into hasher: inout Hasher) {
        hasher.combine(body)
    }
}

extension Meter.Detail {
    struct Body: Sendable, Hashable {
        var allowances: [Allowance] = []
        var credits: [Credit] = []
        var holds: [Meter.Hold] = []
        var closings: [Closing] = []

        var isEmpty: Bool {
            allowances.isEmpty && credits.isEmpty && holds.isEmpty && closings.isEmpty
        }
    }

    /// What was taken from an allowance in its period.
    struct Allowance: Sendable, Hashable {
        var slot: String
        /// Off its amount, by whatever: also to pay what was owed from before.
        var taken: Int64 = 0
        /// The units of it that are in the meter's `used`.
        var spent: Int64 = 0
        /// Its own period; nil for the base, whose period is the meter's, and where it has none.
        var start: Instant?
        var end: Instant?
        /// The first to expire first.
        var rolled: [Rolled] = []
    }

    /// What outlived the period of an allowance.
    struct Rolled: Sendable, Hashable {
        var until: Instant?
        var left: Int64
        var spent: Int64 = 0
    }

    /// A credit that is not just full.
    struct Credit: Sendable, Hashable {
        var id: String
        /// Without what is held of it.
        var left: Int64
        var spent: Int64 = 0
    }

    /// What a slot had left when its time was up, for events that are told late.
    struct Closing: Sendable, Hashable {
        var slot: String
        var end: Instant
        var left: Int64
        /// What of it was lost, rather than rolled.
        var lost: Int64
    }
}

extension Meter {
    /// The detail as a value; what is empty is not kept.
    var body: Detail.Body {
        get { detail?.body ?? Detail.Body() }
        set { detail = newValue.isEmpty ? nil : Detail(newValue) }
    }

    /// What is held, in the order it was.
    package var holds: [Hold] { detail?.body.holds ?? [] }

    /// The hold of an id; nil where there is none, or its time was up.
    package func hold(_ id: String) -> Hold? {
        detail?.body.holds.first { $0.id == id }
    }
}
