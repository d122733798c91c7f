import Entitlements
import Limits
import Service
import Store

extension HoldRequest {
    /// Reads the body of `POST /v1/reservations` or `POST /v1/leases`; the key may be the header's.
    init(_ kind: HoldKind, _ body: JSON, key: String?) throws(Refusal) {
        let fields = try Fields(
            body,
            known: [
                "session", "account", "user", "feature", "quantity", "ttl_seconds",
                "idempotency_key",
            ]
        )
        let asker = try ConsumeRequest.Asker(fields)
        let feature = try fields.required("feature", fields.name)
        let quantity = try fields.quantity("quantity") ?? 1
        let seconds = try fields.lifetime(of: kind)
        let key = try fields.idempotencyKey(orHeader: key)
        self.init(
            kind: kind,
            asker: asker,
            feature: feature,
            quantity: quantity,
            lifetime: .seconds(seconds),
            key: RepeatKey(
                key,
                operation: kind == .lease ? "lease" : "reserve",
                request: ["of": .string("\(asker) \(feature) \(quantity) \(seconds)")]
            )
        )
    }
}

extension Fields {
    /// How long something is held, in seconds.
    func lifetime(of kind: HoldKind) throws(Refusal) -> Int64 {
        switch kind {
        case .reservation:
            try integer("ttl_seconds", in: 1...Limits.reservationSeconds)
                ?? Limits.reservationStandardSeconds
        case .lease:
            try integer("ttl_seconds", in: 1...Limits.leaseSeconds) ?? Limits.leaseStandardSeconds
        }
    }
}

extension Held {
    /// The decision, with what is held.
    func body(_ kind: HoldKind) -> String {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(768)
        if let decision = decision.judgement.items.first?.decision {
            self.decision.judgement.write(decision, into: &bytes)
        }
        bytes.append(literal: ",\"\(kind.rawValue)\":")
        bytes.append(text: hold?.key.id)
        bytes.append(literal: ",\"quantity\":")
        bytes.append(number: hold?.units ?? 0)
        bytes.append(literal: ",\"expires_at\":")
        bytes.append(instant: hold?.expiresAt)
        bytes.append(literal: kind == .reservation ? ",\"consumed\":0}" : "}")
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension HoldStanding {
    /// The reservation or lease, with the figures of its meter.
    func json(_ kind: HoldKind) -> JSON {
        let figures: [String: JSON] = [
            "limit": JSON(reading.limit), "used": .integer(reading.used),
            "remaining": JSON(reading.remaining), "held": .integer(reading.held),
            "over": .integer(reading.over), "resets_at": JSON(reading.resetsAt),
        ]
        return .object(hold.members(kind, state).merging(figures) { $1 })
    }
}

extension Reservation {
    /// A lease of a list.
    func leaseJSON(_ state: HoldStanding.State) -> JSON { .object(members(.lease, state)) }

    fileprivate func members(_ kind: HoldKind, _ state: HoldStanding.State) -> [String: JSON] {
        var members: [String: JSON] = [
            kind.rawValue: .string(key.id), "account": .string(key.account),
            "session": session.map(JSON.string) ?? .null, "user": user.map(JSON.string) ?? .null,
            "feature": .string(feature), "quantity": .integer(units),
            "state": .string(state.rawValue), "expires_at": JSON(expiresAt),
            "created_at": JSON(createdAt),
        ]
        guard kind == .reservation else { return members }
        members["settled"] = settledUnits.map(JSON.integer) ?? .null
        return members
    }
}
