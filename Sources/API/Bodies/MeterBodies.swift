import Entitlements
import Service
import Store

extension MeterView {
    var json: JSON {
        [
            "account": .string(key.account),
            "subject": .string(key.subject),
            "feature": .string(feature.id),
            "type": .string(feature.kind.rawValue),
            "limit": JSON(reading.limit),
            "used": .integer(reading.used),
            "held": .integer(reading.held),
            "over": .integer(reading.over),
            "remaining": JSON(reading.remaining),
            "period": period.map { ["start": JSON($0.start), "end": JSON($0.end)] } ?? .null,
            "resets_at": JSON(reading.resetsAt),
            "slots": .array(slots.map(\.json)),
            "revision": .integer(revision),
        ]
    }
}

extension Meter.Slot {
    fileprivate var json: JSON {
        [
            "slot": .string(slot),
            "kind": .string(kind.rawValue),
            "amount": JSON(amount),
            "left": JSON(left),
            "priority": .integer(Int64(priority)),
            "lost_at": JSON(lostAt),
        ]
    }
}
