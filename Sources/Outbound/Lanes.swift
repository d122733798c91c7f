/// Who may go next: first come, first served, within a bound for all and one for each host.
///
/// The bound for a host keeps one slow provider from taking every slot, and keeps calls from waiting
/// for a connection inside libcurl, where their time to connect would already run.
struct Lanes<Element> {
    let total: Int
    let perHost: Int
    private var lanes: [String: Lane] = [:]
    private var running = 0
    private var arrivals: UInt64 = 0

    init(total: Int, perHost: Int) {
        precondition(total > 0 && perHost > 0, "a bound of zero would never let a call go")
        self.total = total
        self.perHost = perHost
    }

    mutating func append(_ element: Element, lane: String) {
        lanes[lane, default: Lane()].waiting.append((arrivals, element))
        arrivals += 1
    }

    /// Takes the element that waits longest among those that may go, and a slot for it.
    mutating func next() -> Element? {
        guard running < total else { return nil }
        var first: (name: String, arrival: UInt64)?
        for (name, lane) in lanes where lane.running < perHost {
            guard let arrival = lane.waiting.first?.arrival else { continue }
            if arrival < first?.arrival ?? .max { first = (name, arrival) }
        }
        guard let name = first?.name, let head = lanes[name]?.waiting.removeFirst() else {
            return nil
        }
        running += 1
        lanes[name]?.running += 1
        return head.element
    }

    /// Gives the slot of one element of that lane back.
    mutating func release(lane: String) {
        precondition(lanes[lane].map { $0.running > 0 } ?? false, "no slot of \(lane) is taken")
        running -= 1
        lanes[lane]?.running -= 1
        forget(lane)
    }

    /// Takes those out of the line that match; they have no slot.
    mutating func remove(where matches: (Element) -> Bool) -> [Element] {
        var removed: [Element] = []
        for name in Array(lanes.keys) {
            lanes[name]?.waiting
                .removeAll { waiting in
                    guard matches(waiting.element) else { return false }
                    removed.append(waiting.element)
                    return true
                }
            forget(name)
        }
        return removed
    }

    /// Everybody who waits, in no order.
    var waiting: [Element] { lanes.values.flatMap { $0.waiting.map(\.element) } }

    private mutating func forget(_ name: String) {
        guard let lane = lanes[name], lane.running == 0, lane.waiting.isEmpty else { return }
        lanes[name] = nil
    }

    private struct Lane {
        var running = 0
        var waiting: [(arrival: UInt64, element: Element)] = []
    }
}
