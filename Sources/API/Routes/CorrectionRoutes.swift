import Entitlements
import Hummingbird
import Limits
import Service
import Store

extension Routes {
    func addCorrections(to registry: inout Registry) {
        add(.post, "/v1/refunds", .usage, to: &registry) { call in
            let request = try RefundRequest(
                try await call.json(),
                key: try call.idempotencyKey()
            )
            let answer = try await usher.refund(request, as: call.author) { $0.json.description }
            return Response(answer, json: \.json)
        }
        add(.post, "/v1/adjustments", .billing, to: &registry) { call in
            let request = try AdjustRequest(
                try await call.json(),
                key: try call.idempotencyKey()
            )
            let answer = try await usher.adjust(request, as: call.author) { $0.json.description }
            return Response(answer, json: \.json)
        }
    }
}

extension RefundRequest {
    private static let fields: Set = [
        "session", "account", "user", "feature", "quantity", "reason", "consumption",
        "idempotency_key",
    ]

    /// Reads the body of `POST /v1/refunds`.
    fileprivate init(_ body: JSON, key: String?) throws(Refusal) {
        let fields = try Fields(body, known: Self.fields)
        let consumption = try fields.string("consumption")
        if let consumption { try Call.checkKey(consumption, field: "consumption") }
        self.init(
            asker: try ConsumeRequest.Asker(fields),
            feature: try fields.required("feature", fields.name),
            quantity: try fields.required("quantity", fields.quantity),
            reason: try fields.reason(),
            consumption: consumption,
            key: RepeatKey(
                try fields.idempotencyKey(orHeader: key),
                operation: "refund",
                request: body.withoutKey
            )
        )
    }
}

extension AdjustRequest {
    private static let fields: Set = [
        "account", "user", "feature", "used", "add", "reason", "idempotency_key",
    ]

    /// Reads the body of `POST /v1/adjustments`.
    fileprivate init(_ body: JSON, key: String?) throws(Refusal) {
        let fields = try Fields(body, known: Self.fields)
        self.init(
            account: try fields.required("account", fields.name),
            user: try fields.name("user"),
            feature: try fields.required("feature", fields.name),
            change: try Change(fields),
            reason: try fields.reason(),
            key: RepeatKey(
                try fields.idempotencyKey(orHeader: key),
                operation: "adjust",
                request: body.withoutKey
            )
        )
    }
}

extension AdjustRequest.Change {
    fileprivate init(_ fields: Fields) throws(Refusal) {
        let used = try fields.integer("used", in: 0...Limits.consumeUnits)
        let difference = try fields.integer("add", in: -Limits.consumeUnits...Limits.consumeUnits)
        switch (used, difference) {
        case (let used?, nil): self = .used(used)
        case (nil, let difference?): self = .add(difference)
        case (nil, nil):
            throw Refusal(
                .missingField,
                "the body says neither used nor add",
                field: "used",
                remedy: "send used to set the count, or add to move it"
            )
        case (_?, _?):
            throw Refusal(
                .invalidField,
                "used sets the count, add moves it: both at once mean nothing",
                field: "add",
                remedy: "send one of them"
            )
        }
    }
}

extension Fields {
    /// Why something is done, which the ledger keeps.
    fileprivate func reason() throws(Refusal) -> String {
        try required("reason") { field throws(Refusal) in try text(field) }
    }
}

extension JSON {
    /// What is asked, wherever the key is written.
    fileprivate var withoutKey: JSON {
        guard var members = object else { return self }
        members["idempotency_key"] = nil
        return .object(members)
    }
}
