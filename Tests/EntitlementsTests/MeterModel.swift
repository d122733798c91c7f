@testable import Entitlements

/// A quota as lists of single units: slow, and without a look at how the meter does it.
///
/// Time goes in ticks, one after the other, and each does everything in the order of the rules.
struct MeterModel {
    struct Slot {
        enum Kind { case base, rolled, sub, credit }

        let name: String
        let kind: Kind
        var amount: Int
        var priority = 100
        var isPromotional = false
        var from = Int.min
        var until: Int?
        /// Ticks between two resets (allowances) or recurrences (credits).
        var every: Int?
        var offset = 0
        var keepsAtLeast: Int?
        var keepsAtMost: Int?
    }

    enum State { case free, held, spent, usedBefore, gone }

    struct Unit {
        let slot: Int
        var state: State
    }

    enum Entry {
        case unit(Int)
        case over
    }

    struct Hold {
        let id: String
        let at: Int
        let until: Int
        let entries: [Entry]
    }

    var now = 0
    var slots: [Slot]
    var units: [Unit] = []
    /// What is owed, one by one; true is from an earlier period.
    var debts: [Bool] = []
    var used = 0
    var holds: [Hold] = []
    /// Nil is any number.
    var overage: Int? = 0
    var carries = false
    var rollsAtMost: Int?
    /// Units of the base that a lower limit took away though they were used.
    var deficit = 0
    var periodStart = Int.min

    init(_ slots: [Slot]) {
        self.slots = slots
        for index in slots.indices where isLive(index) { fill(index) }
    }

    func isLive(_ slot: Int) -> Bool {
        slots[slot].from <= now && now < slots[slot].until ?? .max
    }

    mutating func fill(_ slot: Int) {
        units += Array(repeating: Unit(slot: slot, state: .free), count: slots[slot].amount)
    }

    func count(_ slot: Int, _ state: State) -> Int {
        units.count { $0.slot == slot && $0.state == state }
    }

    mutating func clear(_ slot: Int) {
        for index in units.indices where units[index].slot == slot { units[index].state = .gone }
    }

    var base: Int? { slots.firstIndex { $0.kind == .base } }
    var rolled: Int? { slots.firstIndex { $0.kind == .rolled } }
}

extension MeterModel {
    mutating func advance(to tick: Int) {
        while now < tick {
            now += 1
            for hold in holds where hold.until <= now { _ = settle(hold.id, 0, pays: false) }
            for slot in slots.indices where slots[slot].until == now { clear(slot) }
            for slot in slots.indices where slots[slot].from == now && isLive(slot) { fill(slot) }
            if let base, isBoundary(base) { reset(base) }
            for slot in slots.indices where slots[slot].kind == .sub && isBoundary(slot) {
                clear(slot)
                fill(slot)
            }
            for slot in slots.indices where slots[slot].kind == .credit && isLive(slot) {
                guard let every = slots[slot].every, now > slots[slot].from,
                    (now - slots[slot].from) % every == 0
                else { continue }
                clear(slot)
                fill(slot)
            }
            pay()
        }
    }

    private func isBoundary(_ slot: Int) -> Bool {
        guard let every = slots[slot].every else { return false }
        return (now - slots[slot].offset) % every == 0
    }

    private mutating func reset(_ base: Int) {
        if let rolled, let most = rollsAtMost {
            let kept = min(most, max(0, count(base, .free) + count(rolled, .free)))
            clear(rolled)
            units += Array(repeating: Unit(slot: rolled, state: .free), count: kept)
        }
        clear(base)
        fill(base)
        deficit = 0
        for slot in slots.indices where slots[slot].kind == .credit && isLive(slot) {
            guard slots[slot].from < now else { continue }
            survive(slot)
        }
        for index in units.indices where units[index].state == .spent {
            units[index].state = .usedBefore
        }
        used = 0
        debts = carries ? debts.map { _ in true } : []
        periodStart = now
    }

    private mutating func survive(_ slot: Int) {
        let most = slots[slot].keepsAtMost ?? (slots[slot].every == nil ? slots[slot].amount : 0)
        let least = slots[slot].keepsAtLeast ?? 0
        if least <= 0, most >= slots[slot].amount { return }
        let kept = max(0, min(most, max(least, count(slot, .free))))
        clear(slot)
        units += Array(repeating: Unit(slot: slot, state: .free), count: kept)
    }
}
