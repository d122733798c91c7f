import Entitlements
import Limits
import Store

/// A correction of what was counted, on its way.
struct Correction: Sendable {
    let tally: Tally
    let user: String?
    /// The account's.
    let revision: Int64
    let author: String
    let reason: String

    /// Gives units back on lines that are for one unit each: to where a consumption took them from,
    /// or in the reverse of the burn order.
    func refund(
        _ quantity: Int64,
        _ lines: [MeterLine],
        _ source: RefundSource?,
        in known: MeterKnown
    ) throws(Refusal) -> Act<MeterView> {
        guard let own = lines.first else {
            throw Refusal(.unknownConsumption, "no meter of it is left", field: "consumption")
        }
        let asked = lines.map { $0.asking(for: quantity) }
        var returns = asked.map { MeterReturn(line: $0) }
        var refunded: (id: ConsumeClaim.ID, refunded: JSON)?
        if let source {
            guard let consumption = known.consumptions[source.id] else {
                throw Refusal(.unknownConsumption, "it is forgotten", field: "consumption")
            }
            let before = source.refunded(consumption)
            guard quantity <= source.quantity - before else {
                throw .beyond(source.quantity, before, quantity)
            }
            returns = asked.map { source.back($0, after: before) }
            refunded = (source.id, source.refunding(quantity, of: consumption))
        }
        var act = MeterAct(lines, in: known, at: tally.at)
        let before = act.meters
        let outcome = act.change { meters in
            giveBack(returns, to: &meters, at: tally.at)
        }
        switch outcome {
        case .refused(let index):
            let line = asked[index]
            throw .belowZero(line, before[line.key]?.reading(under: line.terms).used ?? 0)
        case .taken(let takings, _):
            for (line, taking) in zip(asked, takings) where tells(line, source) {
                // Also what comes back to a period that is over, and changes nothing of this one.
                let units = -taking.units
                var entry = entry(.refund, line, units, taking.parts, reference: source?.id.key)
                // History shows what was used of its time, and not less than nothing of this one.
                if let source { entry.at = source.takenAt }
                act.add(entry)
            }
        }
        var effects = act.done()
        effects.refunded = refunded
        return Act(effects: effects, value: view(own, act.meters))
    }

    func adjust(
        _ change: AdjustRequest.Change,
        _ line: MeterLine,
        in known: MeterKnown
    ) throws(Refusal) -> Act<MeterView> {
        var act = MeterAct([line], in: known, at: tally.at)
        let used = act.meters[line.key]?.reading(under: line.terms).used ?? 0
        let target: Int64
        switch change {
        case .used(let number): target = number
        case .add(let difference):
            let sum = used.addingReportingOverflow(difference)
            target = sum.overflow ? .max : sum.partialValue
        }
        guard target >= 0 else { throw .belowZero(line.asking(for: used - target), used) }
        var most = Limits.consumeUnits
        // A rate counts as far as its burst; more would keep it closed for years.
        if case .rate(_, let burst) = line.terms.counting { most = min(most, burst) }
        guard target <= max(used, most) else { throw .tooMuch(target, most, change) }
        let taking = act.change { meters in
            meters[line.key]?.adjust(to: target, under: line.terms)
        }
        if let taking {
            var entry = entry(.adjust, line, taking.change, taking.parts, reference: nil)
            entry.isShare = !tally.lines.tells(line.key)
            act.add(entry)
        }
        return Act(effects: act.done(), value: view(line, act.meters))
    }

    /// Whether the ledger has a line of its own for it: where a consumption is given back, that is
    /// the one which told of it, whatever stands in the account's place by now.
    private func tells(_ line: MeterLine, _ source: RefundSource?) -> Bool {
        source?.places.tells(line.key) ?? tally.lines.tells(line.key)
    }

    private func view(_ line: MeterLine, _ meters: [MeterKey: Meter]) -> MeterView {
        MeterView(line, meters[line.key], of: tally.feature, at: tally.at, revision: revision)
    }

    private func entry(
        _ kind: MeterEntry.Kind,
        _ line: MeterLine,
        _ units: Int64,
        _ parts: [Meter.Part],
        reference: String?
    ) -> MeterEntry {
        var entry = MeterEntry(
            key: line.key,
            kind: kind,
            at: tally.at,
            user: user,
            units: units,
            parts: parts.isEmpty ? nil : parts,
            reference: reference,
            via: line.key.feature == tally.feature.id ? nil : tally.feature.id,
            reason: reason,
            author: author
        )
        entry.requests = 0
        return entry
    }
}

extension Refusal {
    fileprivate static func belowZero(_ line: MeterLine, _ used: Int64) -> Refusal {
        Refusal(
            .belowZero,
            "\(used) of \(line.key.feature) are used, so \(line.units) cannot be taken off",
            field: "quantity",
            remedy: "see what was counted: GET /v1/accounts/\(line.key.account)/ledger"
        )
    }

    fileprivate static func beyond(_ taken: Int64, _ back: Int64, _ asked: Int64) -> Refusal {
        Refusal(
            .belowZero,
            "that consumption took \(taken), of which \(back) were given back: \(asked) more "
                + "cannot be",
            field: "quantity",
            remedy: "give back at most \(taken - back)"
        )
    }

    fileprivate static func tooMuch(
        _ target: Int64,
        _ most: Int64,
        _ change: AdjustRequest.Change
    ) -> Refusal {
        let isSum = if case .add = change { true } else { false }
        return Refusal(
            .invalidField,
            "\(target) is more than this meter counts",
            field: isSum ? "add" : "used",
            remedy: "the most that it counts is \(most)"
        )
    }
}
