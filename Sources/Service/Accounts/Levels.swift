import Entitlements
import Limits
package import Postgres
import Store

/// What a caller says about a level: what it is, or by how much it goes up or down.
package enum LevelChange: Sendable, Equatable {
    case value(Int64)
    case add(Int64)

    fileprivate var field: String {
        switch self {
        case .value: "value"
        case .add: "add"
        }
    }
}

extension UsherService {
    /// The levels of an account: one for each `level` feature of the catalog.
    package func levels(of account: String) async throws -> [Usage] {
        let state = try await state(of: account)
        return state.live.features.filter { $0.kind == .level }.map { Usage($0, in: state) }
    }

    package func level(of feature: String, account: String) async throws -> Usage {
        let state = try await state(of: account)
        return Usage(try state.live.feature(feature, .level), in: state)
    }

    /// Sets a level, or moves it.
    ///
    /// What makes it larger is taken up to the limit; what makes it smaller always, also above a
    /// limit that has shrunk. Additions at once add up: each is judged under the account's lock.
    package func put(
        level change: LevelChange,
        of feature: String,
        account: String,
        on connection: Connection
    ) async throws -> Usage {
        let live = try await barrier.view().live
        let feature = try live.feature(feature, .level)
        try await store.lock(level: feature.id, account: account, on: connection)
        let state = try await store.lockedState(of: account, live: live, on: connection)
        let used = state.account.levels[feature.id] ?? 0
        let value = try change.value(from: used)
        guard value != used else { return Usage(feature, in: state) }
        if value > used { try checkRoom(for: value, of: feature, change, in: state) }
        try await store.put(level: value, feature: feature.id, account: account, on: connection)
        return Usage(feature, in: try await store.state(of: account, live: live, on: connection))
    }

    private func state(of account: String) async throws -> AccountState {
        guard let state = AccountState(try await barrier.view(account: account)) else {
            throw Refusal.unknownAccount(account)
        }
        return state
    }

    /// Open with one unit less in use means that there is room for that unit.
    private func checkRoom(
        for value: Int64,
        of feature: Feature,
        _ change: LevelChange,
        in state: AccountState
    ) throws(Refusal) {
        let decision = state.decide(feature, using: value - 1)
        if decision.allowed { return }
        throw .limitReached(
            Usage(feature, in: state),
            decision,
            account: state.account.id,
            field: change.field,
            release: "free some of it and lower the level"
        )
    }
}

extension LevelChange {
    fileprivate func value(from used: Int64) throws(Refusal) -> Int64 {
        guard case .add(let difference) = self else {
            guard case .value(let value) = self else { return used }
            return value
        }
        // Both are bounded far below the type's range, so the sum is exact.
        let value = used + difference
        guard value >= 0 else {
            throw Refusal(
                .belowZero,
                "the level is \(used), so \(-difference) cannot be taken from it",
                field: field,
                remedy: "take away at most \(used), or set it with value"
            )
        }
        guard value <= Limits.limitUnits else {
            throw Refusal(
                .invalidField,
                "the level is \(used), and would exceed \(Limits.limitUnits)",
                field: field,
                remedy: "count in larger units"
            )
        }
        return value
    }
}
