import Entitlements
import Store

/// An event with the meters that it counts on, and when.
struct EventCounting: Sendable {
    let event: UsageEvent
    let tally: Tally
    let user: String?
    /// When it counts: its own time, never later than the account's.
    let time: Instant
}

/// An event, as the writer of meters counts it.
struct RecordOrder: MeterOrder {
    let counting: EventCounting
    let author: String
    let client: any BarrierClient
    let onComplete: @Sendable (Result<OrderOutcome, MeterFailure>) -> Void

    private var event: UsageEventKey {
        UsageEventKey(
            account: counting.event.account,
            source: counting.event.source,
            id: counting.event.id
        )
    }

    var keys: [MeterKey] { counting.tally.lines.map(\.key) }
    var needs: MeterNeeds { MeterNeeds(event: event) }

    func complete(_ outcome: Result<OrderOutcome, MeterFailure>) {
        onComplete(outcome)
    }

    func apply(to known: MeterKnown) -> MeterEffects {
        guard !known.events.contains(event) else { return MeterEffects() }
        let lines = counting.tally.lines.map { $0.asking(for: counting.event.quantity) }
        var act = MeterAct(lines, in: known, at: counting.tally.at)
        for line in lines {
            let taking = act.change { meters in
                meters[line.key]?.record(line.units, at: counting.time, under: line.terms)
            }
            guard let taking, counting.tally.lines.tells(line.key) else { continue }
            act.add(entry(line, taking))
        }
        var effects = act.done()
        effects.event = event
        return effects
    }

    private func entry(_ line: MeterLine, _ taking: Meter.Taking) -> MeterEntry {
        MeterEntry(
            key: line.key,
            kind: .record,
            at: counting.time,
            user: counting.user,
            // Also where they belong to a period that is over, and change nothing of this one.
            units: taking.units,
            parts: taking.parts.isEmpty ? nil : taking.parts,
            reference: counting.event.id,
            via: line.key.feature == counting.tally.feature.id ? nil : counting.tally.feature.id,
            author: author
        )
    }
}
