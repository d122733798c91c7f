import Entitlements

/// An explanation as JSON; read by people and by `usher explain`, never on the hot path.
extension Explanation {
    var json: JSON {
        [
            "considered": .array(considered.map(\.json)),
            "would_allow": .array(wouldAllow.map(\.json)),
        ]
    }
}

extension Explanation.Considered {
    fileprivate var json: JSON {
        [
            "step": .string(step.rawValue),
            "kind": .string(kind.rawValue),
            "id": JSON(id),
            "subscription": JSON(subscription),
            "version": version.map { .integer(Int64($0)) } ?? .null,
            "counts": .bool(counts),
            "decides": .bool(decides),
            "why": .string(why.rawValue),
            "value": value ?? .null,
            "limit": limit.json,
            "from": JSON(from),
            "until": JSON(until),
            "detail": .string(detail),
        ]
    }
}

extension Explanation.Remedy {
    fileprivate var json: JSON {
        var object = fields
        object["detail"] = .string(detail)
        return .object(object)
    }

    private var fields: [String: JSON] {
        switch self {
        case .signIn: ["action": "sign_in"]
        case .liftBlock: ["action": "lift_block"]
        case .endGrant(let id): ["action": "end_grant", "grant": .string(id)]
        case .enableFeature: ["action": "enable_feature"]
        case .openGate(let flag): ["action": "open_gate", "flag": .string(flag)]
        case .collectPayment(let id):
            ["action": "collect_payment", "subscription": .string(id)]
        case .resume(let id): ["action": "resume", "subscription": .string(id)]
        case .subscribe(let plans, let addons):
            [
                "action": "subscribe",
                "plans": .array(plans.map(JSON.string)),
                "addons": .array(addons.map(JSON.string)),
            ]
        case .assignSeat(let user): ["action": "assign_seat", "user": .string(user)]
        case .raiseLimit: ["action": "raise_limit"]
        }
    }
}

extension Quantity? {
    var json: JSON {
        switch self {
        case .units(let units)?: .integer(units)
        case .unlimited?: "unlimited"
        case nil: .null
        }
    }
}
