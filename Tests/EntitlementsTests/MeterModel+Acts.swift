@testable import Entitlements

/// What may be done to the units, one by one.
extension MeterModel {
    /// Live slots, first to burn first, sorted by one thing after the other, the last thing first.
    var order: [Int] {
        var order = slots.indices.filter(isLive)
        func sort(_ precedes: (Slot, Slot) -> Bool) {
            var sorted: [Int] = []
            for slot in order {
                let place = sorted.firstIndex { precedes(slots[slot], slots[$0]) }
                sorted.insert(slot, at: place ?? sorted.endIndex)
            }
            order = sorted
        }
        sort { $0.name < $1.name }
        sort { $0.from < $1.from }
        sort { $0.isPromotional && !$1.isPromotional }
        sort { $0.kind == .rolled && $1.kind != .rolled }
        sort { lostAt($0) < lostAt($1) }
        sort { $0.priority < $1.priority }
        return order
    }

    private func lostAt(_ slot: Slot) -> Int {
        switch slot.kind {
        case .credit: return slot.until ?? .max
        case .rolled: return .max
        case .base where rollsAtMost != nil: return .max
        case .base, .sub:
            guard let every = slot.every else { return .max }
            var end = now + 1
            while (end - slot.offset) % every != 0 { end += 1 }
            return end
        }
    }

    func firstFree(_ order: [Int]) -> Int? {
        for slot in order {
            if let unit = units.firstIndex(where: { $0.slot == slot && $0.state == .free }) {
                return unit
            }
        }
        return nil
    }

    mutating func pay() {
        guard !debts.isEmpty else { return }
        let order = order
        while let debt = debts.firstIndex(of: true) ?? debts.firstIndex(of: false),
            let unit = firstFree(order)
        {
            units[unit].state = debts.remove(at: debt) ? .usedBefore : .spent
        }
    }

    var remaining: Int { order.reduce(0) { $0 + count($1, .free) } }

    var heldOver: Int {
        holds.filter { $0.at >= periodStart }.flatMap(\.entries)
            .count { if case .over = $0 { true } else { false } }
    }

    /// Nil is any number.
    var room: Int? {
        overage.map { remaining + max(0, $0 - debts.count - heldOver) }
    }

    mutating func take(_ wanted: Int) -> Bool {
        if let room, wanted > room { return false }
        record(wanted)
        return true
    }

    mutating func record(_ wanted: Int) {
        let order = order
        for _ in 0..<wanted {
            if let unit = firstFree(order) {
                units[unit].state = .spent
            } else {
                debts.append(false)
            }
        }
        used += wanted
    }

    mutating func hold(_ wanted: Int, _ id: String, until: Int) -> Bool {
        if let room, wanted > room { return false }
        let order = order
        var entries: [Entry] = []
        for _ in 0..<wanted {
            if let unit = firstFree(order) {
                units[unit].state = .held
                entries.append(.unit(unit))
            } else {
                entries.append(.over)
            }
        }
        holds.append(Hold(id: id, at: now, until: until, entries: entries))
        return true
    }

    mutating func settle(_ id: String, _ wanted: Int, pays: Bool = true) -> Bool {
        guard let index = holds.firstIndex(where: { $0.id == id }) else { return false }
        let before = self
        let hold = holds.remove(at: index)
        let isOfPeriod = hold.at >= periodStart
        for (place, entry) in hold.entries.enumerated() {
            switch (entry, place < wanted) {
            case (.unit(let unit), true) where units[unit].state == .held:
                units[unit].state = isOfPeriod ? .spent : .usedBefore
            case (.unit(let unit), false) where units[unit].state == .held: free(unit)
            case (.over, true) where isOfPeriod: debts.append(false)
            case (.over, true) where carries: debts.append(true)
            default: break
            }
        }
        if isOfPeriod { used += min(wanted, hold.entries.count) }
        if pays { pay() }
        if wanted > hold.entries.count, !take(wanted - hold.entries.count) {
            self = before
            return false
        }
        return true
    }

    private mutating func free(_ unit: Int) {
        if units[unit].slot == base, deficit > 0 {
            deficit -= 1
            units[unit].state = .gone
        } else {
            units[unit].state = .free
        }
    }

    mutating func giveBack(_ wanted: Int) -> Bool {
        guard wanted <= used else { return false }
        var rest = wanted
        while rest > 0, let debt = debts.lastIndex(of: false) {
            debts.remove(at: debt)
            rest -= 1
        }
        for slot in order.reversed() {
            for unit in units.indices where units[unit].slot == slot && rest > 0 {
                guard units[unit].state == .spent else { continue }
                free(unit)
                rest -= 1
            }
        }
        used -= wanted
        pay()
        return true
    }

    mutating func setBase(_ amount: Int) {
        guard let base else { return }
        var delta = amount - slots[base].amount
        slots[base].amount = amount
        while delta > 0 {
            if deficit > 0 { deficit -= 1 } else { units.append(Unit(slot: base, state: .free)) }
            delta -= 1
        }
        while delta < 0 {
            let unit = units.firstIndex { $0.slot == base && $0.state == .free }
            if let unit { units[unit].state = .gone } else { deficit += 1 }
            delta += 1
        }
        pay()
    }

    mutating func add(_ slot: Slot) {
        slots.append(slot)
        if isLive(slots.count - 1) { fill(slots.count - 1) }
        pay()
    }

    mutating func void(_ name: String) {
        guard let slot = slots.firstIndex(where: { $0.name == name }) else { return }
        slots[slot].until = min(slots[slot].until ?? now, now)
        clear(slot)
    }

    /// What each live slot has left, where it is anything but a rolled part with nothing.
    var left: [String: Int64] {
        var left: [String: Int64] = [:]
        for slot in order {
            let free = count(slot, .free) - (slots[slot].kind == .base ? deficit : 0)
            left[slots[slot].name] = Int64(free)
        }
        return left
    }
}
