/// What a meter has to remember before its terms change.
extension Meter {
    /// The source of a meter on which nothing was counted.
    private static let unusedSource = " "

    /// A meter on which nothing was counted, and to which nothing was left by an instant.
    static func unused(at instant: Instant) -> Meter {
        Meter(at: instant, used: 0, source: unusedSource)
    }

    /// Whether nothing was ever counted, so that it has no period yet.
    package var isUnused: Bool { source == nil || source == Self.unusedSource }

    /// An advanced meter as it has to be written before its terms change, for resets, lapses and
    /// payments that were by these terms; nil where the meter as it is stored says all of it.
    ///
    /// It was advanced from `stored`, nil where it was never written, by the terms that held until
    /// now. Where other terms may have what is left outlive its period (`mayRoll`), an unused meter
    /// remembers that these did not.
    package func caughtUp(
        from stored: Meter?,
        under terms: MeterTerms,
        mayRoll: Bool
    ) -> Meter? {
        if let stored, !stored.isUnused { return isAlike(stored) ? nil : self }
        guard detail == nil else { return self }
        let since = stored?.source == nil ? terms.base?.heldSince : stored?.at
        guard mayRoll, let since, let first = terms.period(at: since), first.end <= at else {
            return nil
        }
        return .unused(at: at)
    }

    private func isAlike(_ stored: Meter) -> Bool {
        (used, over, previous) == (stored.used, stored.over, stored.previous)
            && (periodStart, periodEnd) == (stored.periodStart, stored.periodEnd)
            && detail == stored.detail
    }
}
