/// As compact as JSON goes, for it is in every write of its meter: lists of fixed order.
extension Meter.Detail {
    /// Reads what `json` wrote.
    ///
    /// Nil for anything else.
    package convenience init?(_ json: JSON) {
        guard let members = json.object else { return nil }
        func list<Value>(_ key: String, _ read: (JSON) -> Value?) -> [Value]? {
            guard let json = members[key] else { return [] }
            return json.array?.all(read)
        }
        guard let allowances = list("a", Allowance.init), let credits = list("c", Credit.init),
            let holds = list("h", Meter.Hold.init), let closings = list("x", Closing.init)
        else { return nil }
        self.init(
            Body(allowances: allowances, credits: credits, holds: holds, closings: closings)
        )
    }

    /// The detail as JSON, for the column of its row.
    package var json: JSON {
        var members: [String: JSON] = [:]
        members["a"] = .list(body.allowances.map(\.json))
        members["c"] = .list(body.credits.map(\.json))
        members["h"] = .list(body.holds.map(\.json))
        members["x"] = .list(body.closings.map(\.json))
        return .object(members)
    }
}

extension Meter.Detail.Allowance {
    fileprivate init?(_ json: JSON) {
        guard let fields = json.array, fields.count == 6, let slot = fields[0].string,
            let taken = fields[1].integer, let spent = fields[2].integer,
            let start = fields[3].instantOrNull, let end = fields[4].instantOrNull,
            let rolled = fields[5].array?.all(Meter.Detail.Rolled.init)
        else { return nil }
        self.init(slot: slot, taken: taken, spent: spent, start: start, end: end, rolled: rolled)
    }

    fileprivate var json: JSON {
        [
            .string(slot), .integer(taken), .integer(spent), JSON(microseconds: start),
            JSON(microseconds: end),
            .array(rolled.map(\.json)),
        ]
    }
}

extension Meter.Detail.Rolled {
    fileprivate init?(_ json: JSON) {
        guard let fields = json.array, fields.count == 3, let until = fields[0].instantOrNull,
            let left = fields[1].integer, let spent = fields[2].integer
        else { return nil }
        self.init(until: until, left: left, spent: spent)
    }

    fileprivate var json: JSON { [JSON(microseconds: until), .integer(left), .integer(spent)] }
}

extension Meter.Detail.Credit {
    fileprivate init?(_ json: JSON) {
        guard let fields = json.array, fields.count == 3, let id = fields[0].string,
            let left = fields[1].integer, let spent = fields[2].integer
        else { return nil }
        self.init(id: id, left: left, spent: spent)
    }

    fileprivate var json: JSON { [.string(id), .integer(left), .integer(spent)] }
}

extension Meter.Hold {
    fileprivate init?(_ json: JSON) {
        guard let fields = json.array, fields.count == 5, let id = fields[0].string,
            let units = fields[1].integer, let until = fields[2].integer,
            let at = fields[3].integer, let parts = fields[4].array?.all(Meter.Part.init)
        else { return nil }
        self.init(
            id: id,
            units: units,
            until: Instant(microseconds: until),
            at: Instant(microseconds: at),
            parts: parts
        )
    }

    fileprivate var json: JSON {
        [
            .string(id), .integer(units), .integer(until.microseconds), .integer(at.microseconds),
            .array(parts.map(\.json)),
        ]
    }
}

extension Meter.Detail.Closing {
    fileprivate init?(_ json: JSON) {
        guard let fields = json.array, fields.count == 4, let slot = fields[0].string,
            let end = fields[1].integer, let left = fields[2].integer, let lost = fields[3].integer
        else { return nil }
        self.init(slot: slot, end: Instant(microseconds: end), left: left, lost: lost)
    }

    fileprivate var json: JSON {
        [.string(slot), .integer(end.microseconds), .integer(left), .integer(lost)]
    }
}

extension Meter.Part {
    /// Reads `[slot, units]`; nil for anything else.
    package init?(_ json: JSON) {
        guard let fields = json.array, fields.count == 2, let slot = fields[0].string,
            let units = fields[1].integer
        else { return nil }
        self.init(slot, units)
    }

    /// The part as `[slot, units]`, which is also how the ledger has it.
    package var json: JSON { [.string(slot), .integer(units)] }
}

extension JSON {
    fileprivate init(microseconds instant: Instant?) {
        self = instant.map { .integer($0.microseconds) } ?? .null
    }

    /// Nil where it is neither; a nil in it for `null`.
    fileprivate var instantOrNull: Instant?? {
        switch self {
        case .null: .some(nil)
        case .integer(let microseconds): .some(Instant(microseconds: microseconds))
        default: nil
        }
    }

    /// Nil where the list is empty: what is not there need not be said.
    fileprivate static func list(_ values: [JSON]) -> JSON? {
        values.isEmpty ? nil : .array(values)
    }
}

extension [JSON] {
    /// Every element read; nil where one cannot be.
    fileprivate func all<Value>(_ read: (JSON) -> Value?) -> [Value]? {
        var values: [Value] = []
        values.reserveCapacity(count)
        for json in self {
            guard let value = read(json) else { return nil }
            values.append(value)
        }
        return values
    }
}
