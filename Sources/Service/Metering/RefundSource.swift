import Entitlements
import Store

/// What one consumption took for a feature: where a refund of it goes back to.
struct RefundSource: Sendable {
    struct Take: Sendable {
        let place: MeterPlace
        let units: Int64
        let parts: [Meter.Part]
    }

    let id: ConsumeClaim.ID
    let feature: String
    /// That of the feature's own meter first.
    let takes: [Take]
    let takenAt: Instant

    /// Nil where it took nothing of the feature.
    init?(_ id: ConsumeClaim.ID, _ takes: JSON, of feature: String) {
        var read: [Take] = []
        var takenAt: Instant?
        for take in takes.array ?? [] where take["feature"]?.string == feature {
            guard let meter = take["meter"]?.string, let subject = take["subject"]?.string,
                let units = take["units"]?.integer, let parts = take["parts"]?.meterParts,
                let at = take["at"]?.integer
            else { return nil }
            let key = MeterKey(account: id.account, subject: subject, feature: meter)
            // As it was then: by now a unit may cost another number.
            let each = units / max(read.first?.units ?? units, 1)
            let place = MeterPlace(key: key, unitsEach: each)
            read.append(Take(place: place, units: units, parts: parts))
            takenAt = Instant(microseconds: at)
        }
        guard let takenAt, let first = read.first, first.units > 0 else { return nil }
        self.id = id
        self.feature = feature
        self.takes = read
        self.takenAt = takenAt
    }

    /// How many of the feature it took.
    var quantity: Int64 { takes[0].units }

    /// The meters that it took from, the feature's own first.
    var places: [MeterPlace] { takes.map(\.place) }

    /// Whose meters it took from besides the account's.
    var user: String? { places.lazy.compactMap(\.key.user).first }
    var session: String? { places.lazy.compactMap(\.key.session).first }

    /// The user whose meter stood in the account's place.
    var userInPlace: String? { places[0].key.user }

    /// The lines that it took from, as far as there still are such meters.
    ///
    /// - Throws: Where another meter stands in the place of the feature's own by now.
    func lines(_ tallies: [Tally]) throws(Refusal) -> [MeterLine] {
        let lines = places.lines(tallies)
        guard lines.first?.key == places.first?.key else {
            throw Refusal(
                .conflict,
                "\(feature) is counted elsewhere than when it was consumed under the key \(id.key): "
                    + "a grant of a limit began or ended since",
                field: "consumption",
                remedy: "leave consumption out to give back in the reverse of the burn order"
            )
        }
        return lines
    }

    func refunded(_ consumption: Consumption) -> Int64 {
        consumption.refunded?[feature]?.integer ?? 0
    }

    /// The same with more of it given back.
    func refunding(_ quantity: Int64, of consumption: Consumption) -> JSON {
        var all = consumption.refunded?.object ?? [:]
        all[feature] = .integer(refunded(consumption) + quantity)
        return .object(all)
    }

    /// What of a meter was taken and is not given back yet.
    func back(_ line: MeterLine, after refunded: Int64) -> MeterReturn {
        let parts = takes.first { $0.place.key == line.key }?.parts ?? []
        let gone = refunded.multipliedReportingOverflow(by: line.unitsEach)
        return MeterReturn(
            line: line,
            parts: parts.droppingLast(gone.overflow ? .max : gone.partialValue),
            takenAt: takenAt
        )
    }
}
