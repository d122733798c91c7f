package import Entitlements
package import Store

extension UsherService {
    /// What a request comes to before anything is counted: an order for the writer of meters, or the
    /// answer at once, where it is denied whatever the meters hold.
    package enum Consuming: Sendable {
        case order(ConsumeOrder)
        case denied(Consumed)
    }

    /// Reads a request against a barrier's view.
    ///
    /// Pure: the hot path calls it on the barrier's queue.
    ///
    /// - Throws: When the caller may not consume, or a feature does not exist or is not consumed.
    package func prepare(
        _ request: ConsumeRequest,
        by caller: KeyDigest?,
        in view: BarrierView,
        client: any BarrierClient,
        render: @escaping @Sendable (Consumed) -> [UInt8],
        complete: @escaping @Sendable (Result<OrderOutcome, MeterFailure>) -> Void
    ) throws(Refusal) -> Consuming {
        let author = try access.authorize(caller, for: .usage, in: view.live, at: view.now)
        var gates = view.gates(for: request.asker)
        var consumables: [Consumable] = []
        for item in request.items {
            let feature = try view.live.consumedFeature(item.feature, [.metered, .rate])
            consumables.append(try view.consumable(feature, by: request.asker, &gates))
        }
        // Under a key it may have been carried out before, when it was open: only the writer knows.
        let isOpen = consumables.allSatisfy(\.entitled.allowed)
        guard isOpen || (request.key != nil && view.account != nil) else {
            return .denied(view.denied(request, consumables))
        }
        return .order(
            ConsumeOrder(
                request: request,
                consumables: consumables,
                view: view,
                author: "key:\(author)",
                client: client,
                render: render,
                onComplete: complete
            )
        )
    }
}

/// A request to consume, as the writer of meters carries it out.
package final class ConsumeOrder: MeterOrder {
    let request: ConsumeRequest
    let consumables: [Consumable]
    let view: BarrierView
    let author: String
    package let client: any BarrierClient
    package let keys: [MeterKey]
    package let needs: MeterNeeds
    /// Whether anything may be taken at all; if not, it only asks whether it once was.
    private let isOpen: Bool
    private let render: @Sendable (Consumed) -> [UInt8]
    private let onComplete: @Sendable (Result<OrderOutcome, MeterFailure>) -> Void

    init(
        request: ConsumeRequest,
        consumables: [Consumable],
        view: BarrierView,
        author: String,
        client: any BarrierClient,
        render: @escaping @Sendable (Consumed) -> [UInt8],
        onComplete: @escaping @Sendable (Result<OrderOutcome, MeterFailure>) -> Void
    ) {
        self.request = request
        self.consumables = consumables
        self.view = view
        self.author = author
        self.client = client
        self.render = render
        self.onComplete = onComplete
        isOpen = consumables.allSatisfy(\.entitled.allowed)
        keys = isOpen ? consumables.flatMap { $0.lines.map(\.key) } : []
        let account = view.account?.id
        needs = MeterNeeds(
            claim: request.key.flatMap { key in
                account.map {
                    ConsumeClaim(account: $0, key: key, fingerprint: request.fingerprint)
                }
            }
        )
    }

    package func complete(_ outcome: Result<OrderOutcome, MeterFailure>) {
        onComplete(outcome)
    }

    package func apply(to known: MeterKnown) -> MeterEffects {
        guard isOpen else {
            return told(view.denied(request, consumables))
        }
        let lines = zip(consumables, request.items)
            .flatMap { consumable, item in consumable.lines.map { $0.asking(for: item.quantity) } }
        var act = MeterAct(lines, in: known, at: view.at)
        let outcome = act.change { meters in
            take(lines, cap: request.isCapped, from: &meters, at: view.at)
        }
        switch outcome {
        case .taken(let takings, let quantity):
            return taken(takings, quantity, &act)
        case .refused(let line):
            return told(refused(at: line, act.meters), act.refused())
        }
    }

    /// An answer that nothing was taken for.
    private func told(
        _ consumed: Consumed,
        _ noticed: MeterEffects = MeterEffects()
    ) -> MeterEffects {
        var effects = noticed
        effects.answer = render(consumed)
        effects.tag = consumed
        return effects
    }

    private func taken(
        _ takings: [Meter.Taking],
        _ quantity: Int64,
        _ act: inout MeterAct
    ) -> MeterEffects {
        var rest = takings[...]
        for consumable in consumables {
            for line in consumable.lines {
                guard let taking = rest.popFirst() else { continue }
                if consumable.lines.tells(line.key) {
                    act.add(entry(line, taking, of: consumable))
                }
            }
        }
        let quantities =
            request.isCapped ? [quantity] : request.items.map(\.quantity)
        let decisions = consumables.map { $0.decision(act.meters, .taken) }
        let consumed = Consumed(
            judgement: view.judgement(request.asker, decisions),
            quantities: quantities,
            isAllowed: true
        )
        var effects = act.done()
        effects.answer = render(consumed)
        effects.tag = consumed
        if request.key != nil {
            effects.consumption = Consumption(
                fingerprint: request.fingerprint,
                answer: String(decoding: effects.answer, as: UTF8.self),
                takes: takes(takings)
            )
        }
        return effects
    }

    private func refused(at refused: Int, _ meters: [MeterKey: Meter]) -> Consumed {
        var first = 0
        let decisions = zip(consumables, request.items)
            .map { consumable, item in
                let own = first..<(first + consumable.lines.count)
                first = own.upperBound
                let isRefused = own.contains(refused)
                return consumable.decision(meters, isRefused ? .refused(item.quantity) : .none)
            }
        return Consumed(
            judgement: view.judgement(request.asker, decisions),
            quantities: consumables.map { _ in 0 },
            isAllowed: false
        )
    }

    private func entry(
        _ line: MeterLine,
        _ taking: Meter.Taking,
        of consumable: Consumable
    ) -> MeterEntry {
        MeterEntry(
            key: line.key,
            kind: .consume,
            at: view.at,
            user: view.user(request.asker),
            units: taking.change,
            parts: taking.parts.isEmpty ? nil : taking.parts,
            reference: request.key,
            via: line.key.feature == consumable.feature.id ? nil : consumable.feature.id,
            author: author
        )
    }

    /// Where a refund of it goes back to: by meter, what was taken from which slot.
    private func takes(_ takings: [Meter.Taking]) -> JSON {
        let lines = zip(consumables, request.items)
            .flatMap { consumable, _ in consumable.lines.map { (consumable.feature.id, $0) } }
        return .array(
            zip(lines, takings)
                .map { line, taking in
                    [
                        "feature": .string(line.0), "meter": .string(line.1.key.feature),
                        "subject": .string(line.1.key.subject), "units": .integer(taking.units),
                        "parts": JSON(parts: taking.parts), "at": .integer(view.at.microseconds),
                    ]
                }
        )
    }
}

extension BarrierView {
    /// The answer to what is closed whatever the meters hold.
    fileprivate func denied(_ request: ConsumeRequest, _ consumables: [Consumable]) -> Consumed {
        Consumed(
            judgement: judgement(request.asker, consumables.map(\.entitled)),
            quantities: consumables.map { _ in 0 },
            isAllowed: false
        )
    }

    /// The user whom usage is counted for.
    func user(_ asker: ConsumeRequest.Asker) -> String? {
        switch asker {
        case .session: session?.user
        case .account(_, let user): user
        }
    }
}
