import Entitlements
import Limits
import Service
import Store

extension CreditRequest {
    private static let known: Set<String> = [
        "feature", "amount", "priority", "promotional", "from", "to", "ttl_seconds", "every",
        "count", "rollover", "pending", "reason",
    ]

    /// Reads the body of `POST /v1/accounts/{account}/credits`.
    init(_ body: JSON) throws(Refusal) {
        let fields = try Fields(body, known: Self.known)
        if fields.value("to") != nil, fields.value("ttl_seconds") != nil {
            throw Refusal(
                .invalidField,
                "to and ttl_seconds both say when the credit ends",
                field: "ttl_seconds",
                remedy: "give one of them"
            )
        }
        let rollover = try fields.value("rollover")
            .map { value throws(Refusal) in
                try Fields(value, known: ["min", "max"], path: "rollover")
            }
        let units = 0...Limits.consumeUnits
        self.init(
            feature: try fields.required("feature", fields.name),
            amount: try fields.required("amount") { field throws(Refusal) in
                try fields.integer(field, in: 1...Limits.consumeUnits)
            },
            priority: try fields.integer("priority", in: 0...Limits.burnPriority).map(Int.init),
            isPromotional: try fields.bool("promotional") ?? false,
            from: try fields.instant("from"),
            to: try fields.instant("to"),
            lifetime: try fields.integer("ttl_seconds", in: 1...Limits.grantSeconds)
                .map { .seconds($0) },
            every: try fields.word("every"),
            count: try fields.integer("count", in: 1...Limits.periodCount).map(Int.init),
            rolloverMin: try rollover?.integer("min", in: units),
            rolloverMax: try rollover?.integer("max", in: units),
            isPending: try fields.bool("pending") ?? false,
            reason: try fields.required("reason") { field throws(Refusal) in
                try fields.text(field)
            }
        )
    }
}

extension CreditRecord {
    /// The credit as management calls show it, with the account's revision as of the answer.
    fileprivate func json(left: Int64?, revision: Int64) -> JSON {
        [
            "credit": .string(id),
            "account": .string(account),
            "feature": .string(content.feature),
            "amount": .integer(content.amount),
            "left": left.map(JSON.integer) ?? .null,
            "priority": .integer(Int64(content.priority)),
            "promotional": .bool(content.isPromotional),
            "from": JSON(content.from),
            "to": JSON(content.until),
            "every": JSON(content.recurrence?.unit.rawValue),
            "count": content.recurrence.map { .integer(Int64($0.count)) } ?? .null,
            "rollover": [
                "min": .integer(content.rollover.min), "max": .integer(content.rollover.max),
            ],
            "pending": .bool(content.isPending),
            "state": .string(state.rawValue),
            "reason": JSON(content.reason),
            "author": .string(author),
            "created_at": JSON(createdAt),
            "voided_at": JSON(voidedAt),
            "revision": .integer(revision),
        ]
    }
}

extension RevisedCredit {
    var json: JSON { record.json(left: left, revision: revision) }
}
