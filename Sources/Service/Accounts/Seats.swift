import Entitlements
package import Postgres
package import Store

/// The seats of one feature, a page of them.
package struct SeatList: Sendable {
    package let usage: Usage
    package let page: Page<SeatRecord>
}

extension UsherService {
    package func seats(
        of feature: String,
        account: String,
        after cursor: String?,
        size: Int
    ) async throws -> SeatList {
        let live = try await barrier.view().live
        let feature = try live.feature(feature, .seats)
        return try await store.pool.transaction(isolation: .repeatableRead) { connection in
            let state = try await store.state(of: account, live: live, on: connection)
            let page = try await store.seats(
                of: feature.id,
                account: account,
                after: cursor,
                size: size,
                on: connection
            )
            return SeatList(usage: Usage(feature, in: state), page: page)
        }
    }

    /// Gives a user a seat; who has one keeps it.
    ///
    /// Of two who ask for the last seat at once, one gets it: the limit is read, and the seat
    /// counted, under the account's lock.
    package func assignSeat(
        _ user: String,
        of feature: String,
        account: String,
        reason: String?,
        as author: Author
    ) async throws -> (seat: SeatRecord, usage: Usage, isNew: Bool) {
        var author = author
        author.reason = reason
        return try await store.write(as: author) { connection in
            let live = try await barrier.view().live
            let feature = try live.feature(feature, .seats)
            let state = try await store.lockedState(of: account, live: live, on: connection)
            let held = try await store.seat(
                of: user,
                feature: feature.id,
                account: account,
                on: connection
            )
            if let held { return (held, Usage(feature, in: state), false) }
            try checkRoom(for: feature, in: state)
            let seat = try await insertSeat(user, of: feature.id, account, on: connection)
            let after = try await store.state(of: account, live: live, on: connection)
            return (seat, Usage(feature, in: after), true)
        }
    }

    /// Takes a user's seat back; it is free at once.
    package func releaseSeat(
        _ user: String,
        of feature: String,
        account: String,
        reason: String?,
        as author: Author
    ) async throws -> Usage {
        var author = author
        author.reason = reason
        return try await store.write(as: author) { connection in
            let live = try await barrier.view().live
            let feature = try live.feature(feature, .seats)
            _ = try await store.lockedState(of: account, live: live, on: connection)
            let hadOne = try await store.delete(
                seat: user,
                feature: feature.id,
                account: account,
                on: connection
            )
            guard hadOne else { throw Refusal.noSeat(user, feature.id, field: "user") }
            let after = try await store.state(of: account, live: live, on: connection)
            return Usage(feature, in: after)
        }
    }

    /// Hands a seat from one user to another: at no time have both or neither of them one.
    ///
    /// It takes no more seats than before, so no limit stands in its way.
    package func swapSeat(
        from leaver: String,
        to joiner: String,
        of feature: String,
        account: String,
        on connection: Connection
    ) async throws -> (seat: SeatRecord, usage: Usage) {
        guard leaver != joiner else {
            throw Refusal(
                .invalidField,
                "from and to are the same user",
                field: "to",
                remedy: "name the user who gets the seat"
            )
        }
        let live = try await barrier.view().live
        let feature = try live.feature(feature, .seats)
        _ = try await store.lockedState(of: account, live: live, on: connection)
        let hadOne = try await store.delete(
            seat: leaver,
            feature: feature.id,
            account: account,
            on: connection
        )
        guard hadOne else { throw Refusal.noSeat(leaver, feature.id, field: "from") }
        let seat = try await insertSeat(joiner, of: feature.id, account, on: connection)
        let after = try await store.state(of: account, live: live, on: connection)
        return (seat, Usage(feature, in: after))
    }

    private func checkRoom(for feature: Feature, in state: AccountState) throws(Refusal) {
        let usage = Usage(feature, in: state)
        guard usage.remaining == .units(0) else { return }
        throw .limitReached(
            usage,
            state.decide(feature),
            account: state.account.id,
            field: "user",
            release: "release a seat: DELETE …/seats/\(feature.id)/{user}"
        )
    }

    private func insertSeat(
        _ user: String,
        of feature: String,
        _ account: String,
        on connection: Connection
    ) async throws -> SeatRecord {
        let seat = try await store.insert(
            seat: user,
            feature: feature,
            account: account,
            on: connection
        )
        guard let seat else {
            throw Refusal(
                .conflict,
                "\(user) has a seat of \(feature) already",
                field: "to",
                remedy: "name a user without one, or release the other seat"
            )
        }
        return seat
    }
}

extension Refusal {
    fileprivate static func noSeat(_ user: String, _ feature: String, field: String) -> Refusal {
        Refusal(
            .noSeat,
            "\(user) has no seat of \(feature)",
            field: field,
            remedy: "see GET …/seats/\(feature) for who has one"
        )
    }
}
