/// A dictionary with a bound: beyond it, an entry that was not used of late makes room.
///
/// The clock algorithm ("second chance"): one bit an entry instead of a linked list, so that a
/// million entries cost little more than themselves, and a hit writes one byte.
struct BoundedMap<Key: Hashable, Value> {
    private struct Slot {
        var entry: (key: Key, value: Value)?
        var wasUsed = false
    }

    let bound: Int
    private var places: [Key: Int32] = [:]
    private var slots: [Slot] = []
    private var free: [Int32] = []
    private var hand = 0

    init(bound: Int) {
        precondition(bound > 0 && bound < Int(Int32.max), "a map holds at least one entry")
        self.bound = bound
        // Room for all of it at once: untouched memory costs nothing, and growing a map of a
        // million entries would hold up the check that happens to need one more.
        places.reserveCapacity(bound)
        slots.reserveCapacity(bound)
    }

    var count: Int { places.count }
    /// Whether the next new key takes another one's place.
    var isFull: Bool { places.count == bound }

    /// The value of a key, which thereby counts as used.
    mutating func use(_ key: Key) -> Value? {
        guard let place = places[key] else { return nil }
        slots[Int(place)].wasUsed = true
        return slots[Int(place)].entry?.value
    }

    /// The value of a key, which does not count as a use.
    func peek(_ key: Key) -> Value? {
        places[key].flatMap { slots[Int($0)].entry?.value }
    }

    func holds(_ key: Key) -> Bool {
        places[key] != nil
    }

    /// Holds a value from now on, in the place of the key's former one if there is one.
    mutating func insert(_ value: Value, for key: Key) {
        if let place = places[key] {
            slots[Int(place)].entry = (key, value)
            return
        }
        let place = freePlace()
        places[key] = Int32(place)
        slots[place] = Slot(entry: (key, value))
    }

    /// Changes a value in place; nothing happens to a key that is not held.
    mutating func update(_ key: Key, _ change: (inout Value) -> Void) {
        guard let place = places[key], var entry = slots[Int(place)].entry else { return }
        change(&entry.value)
        slots[Int(place)].entry = entry
    }

    mutating func remove(_ key: Key) {
        guard let place = places.removeValue(forKey: key) else { return }
        slots[Int(place)].entry = nil
        free.append(place)
    }

    mutating func removeAll() {
        self = BoundedMap(bound: bound)
    }

    private mutating func freePlace() -> Int {
        if let place = free.popLast() { return Int(place) }
        if slots.count < bound {
            slots.append(Slot())
            return slots.count - 1
        }
        return evict()
    }

    /// Every slot is taken here: the hand goes round, at most twice, and stops at one unused.
    private mutating func evict() -> Int {
        while slots[hand].wasUsed {
            slots[hand].wasUsed = false
            hand = (hand + 1) % bound
        }
        let place = hand
        hand = (hand + 1) % bound
        if let entry = slots[place].entry { places[entry.key] = nil }
        return place
    }
}
