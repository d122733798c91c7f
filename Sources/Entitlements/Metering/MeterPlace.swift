/// A meter that a call took units from or holds them on, and how many for each that it asked for.
///
/// Kept with what was taken or is held: by the time that it goes back or is settled, the same call
/// may be counted elsewhere, or at another cost.
package struct MeterPlace: OnMeter, Sendable, Hashable {
    package let key: MeterKey
    package let unitsEach: Int64

    package init(key: MeterKey, unitsEach: Int64) {
        self.key = key
        self.unitsEach = unitsEach
    }

    package init(_ line: MeterLine) {
        self.init(key: line.key, unitsEach: line.unitsEach)
    }

    /// How many units so many of the feature are.
    package func units(of quantity: Int64) -> Int64 {
        quantity.multipliedSaturated(by: unitsEach)
    }
}

extension [MeterPlace] {
    /// Each with the terms that its meter has now; those that nothing gives any more are left out.
    package func lines(_ tallies: [Tally]) -> [MeterLine] {
        compactMap { place in
            for tally in tallies {
                guard let line = tally.own.first(where: { $0.key == place.key }) else { continue }
                return MeterLine(
                    key: place.key,
                    quantity: 1,
                    unitsEach: place.unitsEach,
                    terms: line.terms
                )
            }
            return nil
        }
    }
}
