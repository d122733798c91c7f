import Testing

@testable import Store

@Suite struct `A bounded map` {
    @Test func `holds, replaces, changes and removes`() {
        var map = BoundedMap<String, Int>(bound: 2)
        map.insert(1, for: "a")
        map.insert(2, for: "a")
        #expect(map.use("a") == 2)
        map.update("a") { $0 += 10 }
        map.update("absent") { $0 += 10 }
        #expect(map.use("a") == 12)
        #expect(map.count == 1)
        map.remove("a")
        map.remove("a")
        #expect(map.use("a") == nil)
        #expect(!map.holds("a"))
        #expect(map.count == 0)
    }

    @Test func `lets the entry that was not used make room`() {
        var map = BoundedMap<String, Int>(bound: 3)
        for key in ["a", "b", "c"] { map.insert(0, for: key) }
        _ = map.use("a")
        _ = map.use("c")
        map.insert(0, for: "d")
        #expect(["a", "b", "c", "d"].filter(map.holds) == ["a", "c", "d"])
    }

    @Test func `gives a second chance once, not for ever`() {
        var map = BoundedMap<String, Int>(bound: 2)
        map.insert(0, for: "a")
        map.insert(0, for: "b")
        _ = map.use("a")
        _ = map.use("b")
        // All were used: the hand goes round, and the first one is out.
        map.insert(0, for: "c")
        #expect(["a", "b", "c"].filter(map.holds) == ["b", "c"])
        // "b" lost its mark on the way and was not used again.
        map.insert(0, for: "d")
        #expect(["b", "c", "d"].filter(map.holds) == ["c", "d"])
    }

    @Test func `does not count looking or changing as use`() {
        var map = BoundedMap<String, Int>(bound: 2)
        map.insert(0, for: "a")
        map.insert(0, for: "b")
        _ = map.holds("a")
        map.update("a") { $0 += 1 }
        map.insert(0, for: "c")
        #expect(!map.holds("a"))
    }

    @Test func `takes a freed place before it lets anything go`() {
        var map = BoundedMap<Int, Int>(bound: 3)
        for key in 0..<3 { map.insert(key, for: key) }
        map.remove(1)
        map.insert(3, for: 3)
        #expect([0, 1, 2, 3].filter(map.holds) == [0, 2, 3])
    }

    @Test func `forgets everything and is usable again`() {
        var map = BoundedMap<Int, Int>(bound: 3)
        for key in 0..<10 { map.insert(key, for: key) }
        map.removeAll()
        #expect(map.count == 0)
        #expect((0..<10).allSatisfy { !map.holds($0) })
        for key in 0..<3 { map.insert(key, for: key) }
        #expect(map.count == 3)
    }

    /// Against a dictionary: whatever the map holds is what was last inserted, it never holds more
    /// than its bound, and below the bound it forgets nothing.
    @Test(arguments: [1, 2, 3, 10, 64], 1...4 as ClosedRange<UInt64>)
    func `agrees with a dictionary over random operations`(bound: Int, seed: UInt64) {
        var random = SplitMix(state: seed)
        var map = BoundedMap<Int, Int>(bound: bound)
        var model: [Int: Int] = [:]
        for step in 0..<5_000 {
            let key = Int.random(in: 0..<(bound * 3), using: &random)
            switch Int.random(in: 0..<100, using: &random) {
            case 0..<45:
                let isNew = !map.holds(key)
                let wasFull = map.count == bound
                map.insert(step, for: key)
                model[key] = step
                #expect(map.holds(key))
                // One made room at most, and none below the bound.
                let held = model.keys.filter { map.holds($0) }
                #expect(held.count == model.count - (isNew && wasFull ? 1 : 0))
                model = model.filter { map.holds($0.key) }
            case 45..<75:
                #expect(map.use(key) == model[key])
            case 75..<85:
                map.update(key) { $0 += 1 }
                if let value = model[key] { model[key] = value + 1 }
            case 85..<99:
                map.remove(key)
                model[key] = nil
            default:
                map.removeAll()
                model = [:]
            }
            #expect(map.count == model.count)
            #expect(map.count <= bound)
        }
        for (key, value) in model { #expect(map.use(key) == value) }
    }
}

/// A small generator that gives the same row of numbers for a seed.
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
