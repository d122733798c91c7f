import Entitlements
import Service
import Store

extension UsageHistory {
    var json: JSON {
        [
            "feature": .string(feature),
            "window": .string(window.rawValue),
            "timezone": .string(zone.name),
            "items": .array(items.map { $0.json(isByUser: isByUser) }),
        ]
    }
}

extension UsageHistory.Item {
    fileprivate func json(isByUser: Bool) -> JSON {
        var members: [String: JSON] = [
            "start": JSON(period.start), "end": JSON(period.end),
            "units": .integer(units), "requests": .integer(requests),
        ]
        if isByUser { members["user"] = JSON(user) }
        return .object(members)
    }
}

extension LedgerRecord {
    var json: JSON {
        [
            "at": JSON(at),
            "kind": .string(kind.rawValue),
            "feature": .string(feature),
            "subject": .string(subject),
            "user": JSON(user),
            "units": .integer(units),
            "held": .integer(held),
            "requests": .integer(requests),
            "parts": .array(
                spelledParts.map { ["slot": .string($0.slot), "units": .integer($0.units)] }
            ),
            "reference": JSON(reference),
            "via": JSON(via),
            "reason": JSON(reason),
            "author": JSON(author),
        ]
    }

    /// With the plan's allowance by name.
    private var spelledParts: [Meter.Part] {
        if let parts { return parts }
        let moved = units == 0 ? held : units
        return moved == 0 ? [] : [Meter.Part(Meter.baseSlot, Int64(clamping: moved.magnitude))]
    }
}

extension AlertRecord {
    var json: JSON {
        [
            "id": .string("\(id)"),
            "kind": .string(kind.rawValue),
            "feature": .string(feature),
            "subject": .string(subject),
            "threshold": body["threshold"] ?? .null,
            "limit": body["limit"] ?? .null,
            "used": body["used"] ?? .null,
            "period": body["period"] ?? .null,
            "at": JSON(at),
        ]
    }
}
