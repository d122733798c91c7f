import Entitlements
import Postgres
package import Store

/// Brings the meters of accounts to the present, before what their terms follow from changes.
///
/// What a reset leaves to the next period follows from what was sold by then, and a meter is written
/// only now and then: resets that nobody has seen yet are written down under the old terms, in the
/// transaction that brings the new ones.
package struct MeterCatchUp: Sendable {
    private let store: Store
    private let barrier: BarrierReader

    package init(store: Store, barrier: BarrierReader) {
        self.store = store
        self.barrier = barrier
    }

    /// Called behind the locks of the accounts, and before anything of them is changed.
    func callAsFunction(_ accounts: [String], on connection: Connection) async throws {
        let live = try await barrier.view().live
        let states = try await store.states(ofAccounts: accounts, live: live, on: connection)
        for state in states {
            let orders = state.orders
            guard !orders.isEmpty else { continue }
            try await store.carryOut(orders, at: state.at, on: connection)
        }
    }
}

/// Brings one meter to the present, where that is not the same later.
private struct CatchUpOrder: MeterOrder {
    let line: MeterLine
    let at: Instant
    /// Whether some plan has what is left of the feature outlive its period.
    let mayRoll: Bool

    var client: any BarrierClient { LoneCaller.shared }
    var keys: [MeterKey] { [line.key] }
    var needs: MeterNeeds { MeterNeeds() }

    func complete(_ outcome: Result<OrderOutcome, MeterFailure>) {}

    func apply(to known: MeterKnown) -> MeterEffects {
        var act = MeterAct([line], in: known, at: at)
        let caughtUp = act.meters[line.key]?
            .caughtUp(from: known.meters[line.key], under: line.terms, mayRoll: mayRoll)
        guard let caughtUp else { return MeterEffects() }
        act.change { $0[line.key] = caughtUp }
        return act.done()
    }
}

extension AccountState {
    /// Those of the account itself: what one user or session may take of it leaves nothing to the
    /// next period.
    fileprivate var orders: [any MeterOrder] {
        let configuration = live.configuration
        return configuration.features.values.filter { $0.kind == .metered }
            .sorted { $0.id < $1.id }
            .compactMap { feature in
                let tally = Tally(
                    feature,
                    account: account,
                    configuration: configuration,
                    at: at,
                    clock: now
                )
                guard let line = tally.own.first, line.key.subject.isEmpty else { return nil }
                let mayRoll = configuration.rollsOver(feature.id)
                return CatchUpOrder(line: line, at: at, mayRoll: mayRoll)
            }
    }
}
