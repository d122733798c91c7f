import Entitlements
import Limits
import Service
import Store

extension Usage {
    /// What every answer about a count says.
    fileprivate var members: [String: JSON] {
        [
            "feature": .string(feature),
            "limit": JSON(limit),
            "used": .integer(used),
            "remaining": JSON(remaining),
            "over": .integer(over),
            "revision": .integer(revision),
        ]
    }

    var seatsJSON: JSON { .object(members) }

    var levelJSON: JSON {
        .object(members.merging(["allowed": .bool(allowed)]) { $1 })
    }

    /// One seat, beside the count of them.
    func json(_ seat: SeatRecord) -> JSON {
        .object(
            members.merging(
                ["user": .string(seat.user), "assigned_at": JSON(seat.assignedAt)]
            ) { $1 }
        )
    }
}

extension SeatList {
    var json: JSON {
        let items = page.json { seat in
            ["user": .string(seat.user), "assigned_at": JSON(seat.assignedAt)]
        }
        return .object((usage.seatsJSON.object ?? [:]).merging(items.object ?? [:]) { $1 })
    }
}

extension LevelChange {
    /// Reads the body of `PUT /v1/accounts/{account}/levels/{feature}`.
    init(_ body: JSON) throws(Refusal) {
        let fields = try Fields(body, known: ["value", "add"])
        let value = try fields.integer("value", in: 0...Limits.limitUnits)
        let difference = try fields.integer("add", in: -Limits.limitUnits...Limits.limitUnits)
        switch (value, difference) {
        case (let value?, nil): self = .value(value)
        case (nil, let difference?): self = .add(difference)
        case (nil, nil):
            throw Refusal(
                .missingField,
                "the body says neither value nor add",
                field: "value",
                remedy: "send value to set the level, or add to move it"
            )
        case (_?, _?):
            throw Refusal(
                .invalidField,
                "value sets the level, add moves it: both at once mean nothing",
                field: "add",
                remedy: "send one of them"
            )
        }
    }
}

extension ClockSetting {
    /// Reads the body of `PUT /v1/accounts/{account}/clock`.
    init(_ body: JSON) throws(Refusal) {
        let fields = try Fields(body, known: ["now", "advance_seconds"])
        let now = try fields.instant("now")
        let seconds = try fields.integer("advance_seconds", in: 1...Limits.clockAdvanceSeconds)
        switch (now, seconds) {
        case (nil, nil): self = .real
        case (let now?, nil): self = .at(now)
        case (nil, let seconds?): self = .advance(.seconds(seconds))
        case (_?, _?):
            throw Refusal(
                .invalidField,
                "now and advance_seconds both say what the clock is set to",
                field: "advance_seconds",
                remedy: "send one of them"
            )
        }
    }
}

extension AccountClock {
    var json: JSON {
        [
            "account": .string(account),
            "clock": ["now": JSON(now), "is_test": .bool(isTest)],
            "revision": .integer(revision),
        ]
    }
}
