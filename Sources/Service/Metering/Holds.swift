import Entitlements
package import Store

/// What becomes of reservations and leases.
extension UsherService {
    /// How a reservation stands; its time may have ended it.
    package func reservation(_ id: String) async throws -> HoldStanding {
        let found = try await found(.reservation, id)
        let view = try await barrier.view(
            account: found.hold.key.account,
            meters: .keys(found.keys)
        )
        return found.standing(found.hold, view.meters, at: view.at)
    }

    /// Ends a reservation with what was really used, less or more than was held, or nothing.
    ///
    /// - Throws: `limit_reached` where more was used than was held, and there is no room for the
    ///   rest: it is held on. `reservation_lapsed`; `conflict` where it ended otherwise.
    package func settle(
        _ id: String,
        quantity: Int64,
        key: RepeatKey?,
        as author: Author,
        render: @escaping @Sendable (HoldStanding) -> String
    ) async throws -> MeterAnswer<HoldStanding> {
        let found = try await found(.reservation, id)
        return try await carryOut(found, key) { known, hold throws(Refusal) in
            switch hold.state {
            case .settled where hold.settledUnits == quantity: return found.unchanged(hold, known)
            case .settled, .released: throw .reservationEnded(hold)
            case .held: break
            }
            guard found.isHeld(hold, in: known) else { throw .reservationLapsed(hold) }
            var act = try found.settle(hold, quantity, in: known, author: author.actor)
            act.kept = render(act.value)
            return act
        }
    }

    /// Lets go of what is held; what ended already is as it is.
    ///
    /// - Throws: `conflict` for a reservation that was settled.
    package func release(
        _ kind: HoldKind,
        _ id: String,
        as author: Author
    ) async throws -> HoldStanding {
        let found = try await found(kind, id)
        let answer = try await carryOut(found, nil) { known, hold throws(Refusal) in
            switch hold.state {
            case .settled: throw .reservationEnded(hold)
            case .released: return found.unchanged(hold, known)
            case .held where !found.isHeld(hold, in: known): return found.unchanged(hold, known)
            case .held: return found.release(hold, in: known, author: author.actor)
            }
        }
        guard case .first(let standing) = answer else { throw Refusal(MeterFailure.broken) }
        return standing
    }

    /// Keeps a lease for so long from now.
    ///
    /// - Throws: `unknown_lease` for one that is over.
    package func renew(
        _ id: String,
        lifetime: Duration,
        key: RepeatKey?,
        render: @escaping @Sendable (HoldStanding) -> String
    ) async throws -> MeterAnswer<HoldStanding> {
        let found = try await found(.lease, id)
        return try await carryOut(found, key) { known, hold throws(Refusal) in
            guard hold.state == .held else { throw .over(id, .released) }
            guard found.isHeld(hold, in: known),
                var act = found.renew(hold, lifetime, in: known)
            else { throw .over(id, .lapsed) }
            act.kept = render(act.value)
            return act
        }
    }

    /// The leases of an account that hold now.
    package func leases(
        of account: String,
        feature: String?,
        after cursor: String?,
        size: Int
    ) async throws -> Page<Reservation> {
        let view = try await barrier.view(account: account)
        guard view.account != nil else { throw Refusal.unknownAccount(account) }
        if let feature { _ = try view.live.consumedFeature(feature, [.concurrency]) }
        return try await store.leases(
            of: account,
            feature: feature,
            at: view.at,
            after: cursor,
            size: size
        )
    }

    private func carryOut(
        _ found: FoundHold,
        _ key: RepeatKey?,
        _ act: @escaping @Sendable (MeterKnown, Reservation) throws(Refusal) -> Act<HoldStanding>
    ) async throws(Refusal) -> MeterAnswer<HoldStanding> {
        let needs = MeterNeeds(
            claim: key?.claim(found.hold.key.account),
            reservation: found.hold.key
        )
        return try await carryOut(keys: found.keys, needs: needs) {
            known throws(Refusal) in
            guard let hold = known.reservations[found.hold.key] else {
                throw .unknown(found.kind, found.hold.key.id)
            }
            return try act(known, hold)
        }
    }

    private func found(_ kind: HoldKind, _ id: String) async throws -> FoundHold {
        guard let account = kind.ids.account(of: id).map(String.init),
            let hold = try await store.reservation(ReservationKey(account: account, id: id))
        else { throw Refusal.unknown(kind, id) }
        let view = try await barrier.view(session: hold.session, account: account)
        guard let account = view.account,
            let feature = view.live.configuration.features[hold.feature]
        else { throw Refusal.unknown(kind, id) }
        let tally = Tally(
            feature,
            account: account,
            session: view.session,
            user: hold.user,
            configuration: view.live.configuration,
            at: view.at,
            clock: view.now
        )
        let tallies = view.tallies(of: hold.places, account, view.session, hold.user)
        return FoundHold(
            kind: kind,
            hold: hold,
            tally: tally,
            lines: hold.places.lines(tallies)
        )
    }
}

extension BarrierView {
    /// All that may have terms for some meters: for whoever they were of, and for the account.
    func tallies(
        of places: [MeterPlace],
        _ account: Account,
        _ session: Session?,
        _ user: String?
    ) -> [Tally] {
        let features = Set(places.map(\.key.feature)).sorted()
            .compactMap { live.configuration.features[$0] }
        func tally(_ feature: Feature, _ session: Session?, _ user: String?) -> Tally {
            Tally(
                feature,
                account: account,
                session: session,
                user: user,
                configuration: live.configuration,
                at: at,
                clock: now
            )
        }
        return features.flatMap { [tally($0, session, user), tally($0, nil, nil)] }
    }
}
