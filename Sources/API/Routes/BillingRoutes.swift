import Entitlements
import HTTPTypes
import Hummingbird
import Limits
import Service
import Store

extension Routes {
    func addBilling(to registry: inout Registry) {
        registry.add(.post, "/webhooks/{source}", receive)
        add(.get, "/v1/webhooks/events", .billing, to: &registry, listEvents)
        add(.post, "/v1/webhooks/events/{event}/replay", .billing, to: &registry) { call in
            let text = try call.text(inPath: "event")
            guard let id = Int64(text) else {
                throw Refusal(
                    .unknownEvent,
                    "there is no event \(text.prefix(64)) in the inbox",
                    field: "event"
                )
            }
            let record = try await usher.replay(
                id,
                within: Limits.webhookInline,
                as: call.author
            )
            return Response(record.json, status: record.state == .applied ? .ok : .accepted)
        }
        add(.post, "/v1/sync", .billing, to: &registry, sync)
    }

    /// Not a management call: the provider's signature says who it is.
    private func receive(_ request: Request, _ context: EdgeContext) async throws -> Response {
        guard let name = context.parameters.get("source"), Name.isValid(name) else {
            throw Refusal(.unknownSource, "there is no such billing source", field: "source")
        }
        // Before its body is taken in: whoever sends may be anybody.
        _ = try usher.billing.source(name)
        let headers = request.headers
        let reception = try await usher.receive(
            from: name,
            headers: { name in HTTPField.Name(name).map { headers[values: $0] } ?? [] },
            // The raw bytes are what is signed; their type is the provider's affair.
            body: try await Call.body(of: request, mustBeJSON: false),
            requestID: context.requestID
        )
        return Response(
            ["status": .string(reception.status.rawValue), "event": .string(reception.event)],
            status: reception.status == .queued ? .accepted : .ok
        )
    }

    private func listEvents(_ call: Call) async throws -> Response {
        let (cursor, size) = try call.numberedPage()
        let source = try call.query("source")
        if let source { _ = try usher.billing.source(source) }
        var state: InboxRecord.State?
        if let word = try call.query("state") {
            guard let known = InboxRecord.State(rawValue: word) else {
                let words = InboxRecord.State.allCases.map(\.rawValue).joined(separator: ", ")
                throw Refusal(
                    .invalidField,
                    "state must be one of: \(words)",
                    field: "state",
                    remedy: "send one of: \(words)"
                )
            }
            state = known
        }
        let page = try await usher.store.events(
            source: source,
            state: state,
            before: cursor,
            size: size
        )
        return Response(page.json(\.json))
    }

    private func sync(_ call: Call) async throws -> Response {
        let fields = try Fields(
            try await call.json(),
            known: ["source", "customer", "subscription", "wait_ms"]
        )
        let wait = try fields.integer("wait_ms", in: 0...5_000) ?? 2_000
        let source = try fields.required("source", fields.name)
        let given = try ["customer", "subscription"]
            .compactMap { kind in
                try fields.string(kind).map { (kind, $0) }
            }
        guard let (kind, id) = given.first, given.count == 1 else {
            throw Refusal(
                .invalidField,
                "exactly one of customer and subscription is needed",
                field: given.isEmpty ? "customer" : "subscription",
                remedy: "send one of them"
            )
        }
        guard ProviderID.isValid(id) else { throw fields.invalid(kind, ProviderID.form) }
        let result = try await usher.sync(
            SubjectKey(source: source, kind: kind, id: id),
            within: .milliseconds(wait),
            as: call.author
        )
        return Response(result.json)
    }
}

extension Routes {
    func addAudit(to registry: inout Registry) {
        add(.get, "/v1/accounts/{account}/changes", .audit, to: &registry) { call in
            let (cursor, size) = try call.numberedPage()
            let page = try await usher.changes(
                of: try call.name("account"),
                after: cursor,
                size: size
            )
            return Response(page.json(\.json))
        }
        add(.get, "/v1/configuration/changes", .audit, to: &registry) { call in
            let (cursor, size) = try call.numberedPage()
            let page = try await usher.store.changes(of: "", after: cursor, size: size)
            return Response(page.json(\.json))
        }
        add(.get, "/v1/audit/verify", .audit, to: &registry) { call in
            let account = try call.query("account")
            if let account { try checkName(account, field: "account") }
            return Response(try await usher.verify(account: account).json)
        }
    }
}
