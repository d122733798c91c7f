import Entitlements
import Limits
import Logging
import Store

extension UsherService {
    /// Tells of periods that ended with something used in them, which otherwise the next use would.
    ///
    /// No decision depends on it: whoever reads a meter brings it to the present. A meter that
    /// cannot be brought there keeps no other back.
    ///
    /// - Returns: How many meters were looked at.
    @discardableResult
    package func sweepMeters() async throws -> Int {
        try await sweepRealClock() + sweepTestClocks()
    }

    private func sweepRealClock() async throws -> Int {
        var count = 0
        let now = try await store.now()
        var place = try await store.sweepPlace()
        var held: Instant?
        for _ in 0..<Limits.sweep.steps {
            let ended = try await store.endedPeriods(after: place, atMost: Limits.sweep.meters)
            let heldNow = try await advance(ended)
            held = held ?? heldNow
            count += ended.count
            guard ended.count == Limits.sweep.meters, let last = ended.last else {
                // Whoever counted a moment ago may not have committed yet.
                let upto = now - MeterBounds.skew
                try await store.noteSweep(upto: min(upto, held ?? upto))
                break
            }
            place = SweepPlace(upto: last.end, after: last.key)
            // What is held up has its turn in the next round, with all that ended behind it.
            try await store.noteSweep(upto: min(last.end, held ?? last.end))
        }
        return count
    }

    /// Each has its turn in every round: there is no common time up to which all were looked at.
    private func sweepTestClocks() async throws -> Int {
        var count = 0
        var key: MeterKey?
        while true {
            let ended = try await store.endedPeriodsOnTestClocks(
                after: key,
                atMost: Limits.sweep.meters
            )
            try await advance(ended)
            count += ended.count
            guard ended.count == Limits.sweep.meters, let last = ended.last else { return count }
            key = last.key
        }
    }

    /// - Returns: The earliest end of those that somebody else held up; nil where nobody did.
    /// - Throws: Where none of them can be brought on now.
    @discardableResult
    private func advance(_ ended: [EndedPeriod]) async throws -> Instant? {
        let keys = ended.map(\.key)
        let views = try await barrier.views(of: keys.map { ($0.account, $0.session) })
        let orders = zip(ended, views)
            .compactMap { ended, view in view.line(of: ended.key).map { (ended, $0.line, $0.at) } }
        let results = await meters.carryOut(orders.count) { place, client, complete in
            SweepOrder(
                line: orders[place].1,
                at: orders[place].2,
                client: client,
                onComplete: complete
            )
        }
        var held: Instant?
        for (order, result) in zip(orders, results) {
            guard case .failure(let failure) = result else { continue }
            switch failure {
            case .databaseUnavailable, .overloaded, .outcomeUnknown: throw Refusal(failure)
            case .busy: held = min(held ?? order.0.end, order.0.end)
            case .broken: warn(of: order.0)
            case .vanished: break
            }
        }
        return held
    }

    private func warn(of ended: EndedPeriod) {
        logger.warning(
            "a period that ended cannot be told of",
            metadata: [
                "account": "\(ended.key.account)", "feature": "\(ended.key.feature)",
                "subject": "\(ended.key.subject)", "end": "\(ended.end)",
            ]
        )
    }
}

/// Brings a meter to the present, if its period is over.
private struct SweepOrder: MeterOrder {
    let line: MeterLine
    let at: Instant
    let client: any BarrierClient
    let onComplete: @Sendable (Result<OrderOutcome, MeterFailure>) -> Void

    var keys: [MeterKey] { [line.key] }
    var needs: MeterNeeds { MeterNeeds() }

    func complete(_ outcome: Result<OrderOutcome, MeterFailure>) {
        onComplete(outcome)
    }

    func apply(to known: MeterKnown) -> MeterEffects {
        guard let meter = known.meters[line.key], let end = meter.periodEnd, end <= at,
            meter.used > 0 || meter.detail != nil
        else { return MeterEffects() }
        return MeterAct([line], in: known, at: at).done()
    }
}

extension BarrierView {
    /// What holds for a meter; nil where nothing does any more, and nobody counts on it.
    fileprivate func line(of key: MeterKey) -> (line: MeterLine, at: Instant)? {
        guard let account, let feature = live.configuration.features[key.feature] else {
            return nil
        }
        let tally = Tally(
            feature,
            account: account,
            session: session,
            user: key.user,
            configuration: live.configuration,
            at: at,
            clock: now
        )
        return tally.own.first { $0.key == key }.map { ($0, at) }
    }
}
