import Entitlements

/// An answer that cannot be read as a subscription, and why.
struct MappingProblem: Error {
    let reason: String

    init(_ reason: String) {
        self.reason = reason
    }
}

// What is absent or null is nil; what is there in another form is a problem that names the pointer.
// `way` leads from the answer to the value that is looked into.

extension SubscriptionMapper {
    func id(
        _ pointers: Pointers,
        _ what: String,
        in json: JSON
    ) throws(MappingProblem) -> String {
        guard let id = pointers.text(in: json), SafeID.holds(id) else {
            throw MappingProblem("\(pointers.names()) holds no id of a \(what)")
        }
        return id
    }

    func flag(_ pointers: Pointers?, in json: JSON) throws(MappingProblem) -> Bool? {
        guard let (value, pointer) = pointers?.value(in: json) else { return nil }
        guard let flag = value.bool else {
            throw MappingProblem("\(pointer) is neither true nor false")
        }
        return flag
    }

    func moment(
        _ moment: SubscriptionMap.Moment,
        in json: JSON
    ) throws(MappingProblem) -> Instant? {
        try time(map.moments[moment], in: json)
    }

    func times(_ pointers: Pointers?, in entries: [JSON]) throws(MappingProblem) -> [Instant] {
        var times: [Instant] = []
        for entry in entries {
            if let time = try time(pointers, in: entry) { times.append(time) }
        }
        return times
    }

    func time(
        _ pointers: Pointers?,
        in json: JSON,
        way: String = ""
    ) throws(MappingProblem) -> Instant? {
        guard let (value, pointer) = pointers?.value(in: json) else { return nil }
        guard let time = map.timeUnit.instant(from: value) else {
            throw MappingProblem("\(way)\(pointer) is no time in \(map.timeUnit.rawValue)")
        }
        return time
    }

    func list(
        _ pointer: String,
        of what: String,
        in json: JSON,
        way: String = ""
    ) throws(MappingProblem) -> [JSON] {
        guard let entries = json.at(pointer: pointer)?.array else {
            throw MappingProblem("\(way)\(pointer) is no list of \(what)")
        }
        return entries
    }

    func prices(
        _ pointers: Pointers,
        in entry: JSON,
        way: String = ""
    ) throws(MappingProblem) -> [String] {
        let prices = pointers.texts(in: entry)
        guard !prices.isEmpty else {
            throw MappingProblem("an item has no price at \(pointers.names(way))")
        }
        return prices
    }

    /// Metered prices have no quantity: one is what they were bought in.
    func quantity(
        _ pointers: Pointers?,
        in entry: JSON,
        way: String = ""
    ) throws(MappingProblem) -> Int64 {
        guard let (value, pointer) = pointers?.value(in: entry) else { return 1 }
        guard let quantity = value.integer, quantity >= 0 else {
            throw MappingProblem("\(way)\(pointer) of an item is no quantity")
        }
        return quantity
    }
}

extension Pointers {
    /// The pointers as a problem names them.
    func names(_ way: String = "") -> String {
        candidates.map { way + $0 }.joined(separator: " or ")
    }
}
