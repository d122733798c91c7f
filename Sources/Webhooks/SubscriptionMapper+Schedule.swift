import Entitlements

extension SubscriptionMapper {
    /// The next change that the schedule has in store, and the end that it sets.
    ///
    /// A schedule of which only the id is here says nothing; who needs it fetches it first.
    func readSchedule(
        of json: JSON,
        into subscription: inout ProviderSubscription
    ) throws(MappingProblem) {
        guard let map = map.schedule, let schedule = json.at(pointer: map.at), !schedule.isNull,
            schedule.string == nil
        else { return }
        guard schedule.object != nil else { throw MappingProblem("\(map.at) is no schedule") }
        if let owner = map.subscription?.text(in: schedule), owner != subscription.id {
            throw MappingProblem("\(map.at) is the schedule of another subscription")
        }
        guard let running = try time(map.currentEnd, in: schedule, way: map.at) else { return }
        let phases = try phases(of: schedule, map)
        if map.cancels?.holds(in: schedule) == true, subscription.cancelAt == nil {
            subscription.cancelAt = phases.compactMap(\.end).max()
        }
        let present = subscription.items
        subscription.upcoming =
            phases.filter { $0.start >= running }
            .sorted { $0.start < $1.start }
            .map { $0.following(present) }
            .first { $0.differs(from: present) }
        // Behind the end it would never come.
        if let end = subscription.cancelAt, let next = subscription.upcoming, next.at >= end {
            subscription.upcoming = nil
        }
    }

    private func phases(of schedule: JSON, _ map: ScheduleMap) throws(MappingProblem) -> [Phase] {
        let list = try list(map.phases, of: "phases", in: schedule, way: map.at)
        var phases: [Phase] = []
        for (index, phase) in list.enumerated() {
            let way = "\(map.at)\(map.phases)/\(index)"
            guard let start = try time(map.phase.startsAt, in: phase, way: way) else {
                throw MappingProblem("a phase has no start at \(map.phase.startsAt.names(way))")
            }
            phases.append(
                Phase(
                    start: start,
                    end: try time(map.phase.endsAt, in: phase, way: way),
                    items: try items(of: phase, map.phase, way: way)
                )
            )
        }
        return phases
    }

    private func items(
        of phase: JSON,
        _ map: ScheduleMap.Phase,
        way: String
    ) throws(MappingProblem) -> [Phase.Item] {
        var items: [Phase.Item] = []
        for (index, entry) in try list(map.items, of: "items", in: phase, way: way).enumerated() {
            let way = "\(way)\(map.items)/\(index)"
            items.append(
                Phase.Item(
                    prices: try prices(map.prices, in: entry, way: way),
                    quantity: try quantity(map.quantity, in: entry, way: way)
                )
            )
        }
        return items
    }
}

/// What a subscription consists of in one phase of its schedule.
private struct Phase {
    typealias Present = ProviderSubscription.Item

    struct Item {
        let prices: [String]
        let quantity: Int64
    }

    let start: Instant
    let end: Instant?
    let items: [Item]

    /// The phase as what becomes of the present items.
    ///
    /// A phase does not say which item follows which. The same price goes first, then a name in
    /// common, such as the product, then the order; what then is left over ends, or is new.
    func following(_ present: [Present]) -> ProviderSubscription.Upcoming {
        var heirs: [String: Present] = [:]
        var rest = items
        let kinships: [(Present, Item) -> Bool] = [
            { $0.prices.first == $1.prices.first },
            { !Set($0.prices).isDisjoint(with: $1.prices) },
            { _, _ in true },
        ]
        for isKin in kinships {
            rest = rest.filter { item in
                let kin = present.first { heirs[$0.id] == nil && isKin($0, item) }
                guard let kin else { return true }
                heirs[kin.id] = item.heir(of: kin)
                return false
            }
        }
        return ProviderSubscription.Upcoming(
            at: start,
            items: present.compactMap { heirs[$0.id] },
            added: rest.map {
                Present(id: $0.prices.first ?? "", prices: $0.prices, quantity: $0.quantity)
            }
        )
    }
}

extension Phase.Item {
    /// The item under the id of the one that it follows; at the same price, under all its names.
    fileprivate func heir(of kin: Phase.Present) -> Phase.Present {
        Phase.Present(
            id: kin.id,
            prices: prices.first == kin.prices.first ? kin.prices : prices,
            quantity: quantity
        )
    }
}

extension ProviderSubscription.Upcoming {
    fileprivate func differs(from present: [ProviderSubscription.Item]) -> Bool {
        !added.isEmpty || items != present
    }
}
