import Entitlements
package import Store

extension UsherService {
    /// Holds units, if there is room for them on every meter: all of them or none.
    ///
    /// `render` makes what is answered again where the request is repeated. A denial is no error; an
    /// unknown feature is, and one that cannot be held.
    package func hold(
        _ request: HoldRequest,
        as author: Author,
        render: @escaping @Sendable (Held) -> String
    ) async throws -> MeterAnswer<Held> {
        let view = try await barrier.view(
            session: request.asker.session,
            account: request.asker.account
        )
        let feature = try view.live.consumedFeature(request.feature, request.kind.features)
        var gates = view.gates(for: request.asker)
        let holding = Holding(
            request: request,
            consumable: try view.consumable(feature, by: request.asker, &gates),
            view: view,
            id: view.account.map { account in
                var random = SystemRandomNumberGenerator()
                return request.kind.ids.make(account: account.id, random: &random)
            },
            author: author.actor
        )
        let claim = view.account.flatMap { request.key?.claim($0.id) }
        // Who repeats what was held is told so, though by now it is closed.
        guard claim != nil || holding.isOpen else { return .first(holding.denied) }
        return try await carryOut(
            keys: holding.lines.map(\.key),
            needs: MeterNeeds(claim: claim)
        ) { known throws(Refusal) in
            var act = try holding.apply(to: known)
            if act.value.hold != nil { act.kept = render(act.value) }
            return act
        }
    }
}

/// A request to hold on its way.
private struct Holding: Sendable {
    let request: HoldRequest
    let consumable: Consumable
    let view: BarrierView
    /// Nil where there is no account.
    let id: String?
    let author: String

    var isOpen: Bool { consumable.entitled.allowed && !lines.isEmpty }

    /// Each for so many.
    var lines: [MeterLine] { consumable.lines.map { $0.asking(for: request.quantity) } }

    var denied: Held { answer(consumable.entitled) }

    func apply(to known: MeterKnown) throws(Refusal) -> Act<Held> {
        guard isOpen, let id, let account = view.account else { return Act(value: denied) }
        let lines = lines
        let until = view.at + request.lifetime
        var act = MeterAct(lines, in: known, at: view.at)
        guard !act.meters.values.contains(where: \.isFullOfHolds) else {
            throw Refusal(
                .limitReached,
                "of \(request.feature) are as many \(request.kind.rawValue)s open as one meter has",
                field: "feature",
                remedy: "end those that are done, or let them lapse sooner"
            )
        }
        let outcome = act.change { meters in
            Entitlements.hold(lines, id: id, until: until, in: &meters, at: view.at)
        }
        guard case .taken(let takings, _) = outcome else {
            return Act(value: answer(consumable.decision(act.meters, .refused(request.quantity))))
        }
        for (line, taking) in zip(lines, takings) where consumable.lines.tells(line.key) {
            act.add(entry(line, taking, id))
        }
        let hold = Reservation(
            key: ReservationKey(account: account.id, id: id),
            feature: request.feature,
            session: request.asker.session,
            user: view.user(request.asker),
            units: request.quantity,
            places: lines.map { MeterPlace($0) },
            expiresAt: until,
            createdAt: view.at
        )
        var effects = act.done()
        effects.reservation = hold
        let decision = consumable.decision(act.meters, .taken)
        return Act(effects: effects, value: answer(decision, hold))
    }

    private func answer(_ decision: Decision, _ hold: Reservation? = nil) -> Held {
        Held(
            decision: Consumed(
                judgement: view.judgement(request.asker, [decision]),
                quantities: [0],
                isAllowed: hold != nil
            ),
            hold: hold
        )
    }

    private func entry(_ line: MeterLine, _ taking: Meter.Taking, _ id: String) -> MeterEntry {
        var entry = MeterEntry(
            key: line.key,
            kind: request.kind.entry,
            at: view.at,
            user: view.user(request.asker),
            units: 0,
            held: taking.units,
            parts: taking.parts.isEmpty ? nil : taking.parts,
            reference: id,
            via: line.key.feature == request.feature ? nil : request.feature,
            author: author
        )
        entry.requests = 0
        return entry
    }
}
