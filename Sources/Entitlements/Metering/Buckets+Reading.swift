extension Buckets {
    /// What is left and may be taken, without what only time needs.
    struct Standing {
        var limit = Quantity.unlimited
        var held: Int64 = 0
        var remaining = Quantity.unlimited
        var room = Quantity.unlimited
    }

    var standing: Standing {
        let spots = unsortedSpots(at: sums.at)
        let heldOver = heldOver
        let held = held(in: spots)
        var standing = Standing(held: held.addingSaturated(heldOver))
        var left: Int64 = 0
        var remaining: Int64 = 0
        for spot in spots {
            if spot.amount == .unlimited { return standing }
            left = left.addingSaturated(spot.left)
            remaining = remaining.addingSaturated(max(spot.left, 0))
        }
        let limit = sums.used.addingSaturated(held).addingSaturated(left)
            .subtractingSaturated(sums.over)
        standing.limit = .units(max(limit, 0))
        standing.remaining = .units(remaining)
        standing.room = terms.room(
            remaining: remaining,
            over: sums.over.addingSaturated(heldOver)
        )
        return standing
    }

    /// The meter, which remembers the limit that it was written under.
    var seen: Meter {
        var meter = meter
        meter.seenLimit = standing.limit.units
        return meter
    }

    var reading: Meter.Reading {
        let standing = standing
        return Meter.Reading(
            limit: standing.limit,
            used: sums.used,
            held: standing.held,
            over: sums.over,
            remaining: standing.remaining,
            room: standing.room,
            resetsAt: resetsAt,
            boundary: boundary(after: sums.at),
            seenLimit: sums.seenLimit
        )
    }

    var slots: [Meter.Slot] {
        spots(at: sums.at).filter { !$0.isRolled || $0.left != 0 }
            .map { spot in
                Meter.Slot(
                    slot: spot.slot,
                    kind: spot.kind,
                    amount: spot.amount,
                    left: spot.amount == .unlimited ? .unlimited : .units(spot.left),
                    priority: spot.priority,
                    lostAt: spot.lostAt
                )
            }
    }

    /// The next instant at which time alone changes a balance, or ends a hold.
    func boundary(after instant: Instant) -> Instant {
        var next = sums.periodEnd ?? .never
        for state in allowances {
            if let start = state.start, instant < start { next = min(next, start) }
            next = min(next, state.end ?? .never)
            for rolled in state.rolled { next = min(next, rolled.until ?? .never) }
        }
        for hold in holds { next = min(next, hold.until) }
        for credit in terms.credits {
            if instant < credit.from {
                next = min(next, credit.from)
            } else if credit.isLive(at: instant) {
                next = min(next, credit.until ?? .never)
                if let recurrence = credit.recurrence {
                    let schedule = terms.schedule(from: credit.from, every: recurrence)
                    next = min(next, schedule.boundary(after: instant))
                }
            }
        }
        return next
    }

    /// The end of the base's period; without one, of the first add-on's.
    private var resetsAt: Instant? {
        guard terms.base == nil else { return sums.periodEnd }
        return allowances.compactMap(\.end).min()
    }

    /// What is held of the slots that are live, and would come back to them.
    private func held(in spots: [Spot]) -> Int64 {
        guard !holds.isEmpty else { return 0 }
        // As many holds as there may be, times all credits, would be looked at in each order.
        var starts: [String: Instant] = [:]
        for spot in spots { starts[spot.slot] = sinceWhen(spot.place) }
        var units: Int64 = 0
        for hold in holds {
            for part in hold.spelledParts {
                guard let start = starts[part.slot], hold.at >= start else { continue }
                units = units.addingSaturated(part.units)
            }
        }
        return units
    }
}

extension Buckets.Spot {
    fileprivate var kind: Meter.Slot.Kind {
        switch place {
        case .allowance: .allowance
        case .rolled: .rolled
        case .credit: .credit
        }
    }
}
