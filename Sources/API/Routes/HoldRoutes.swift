import Entitlements
import Front
import HTTPTypes
import Hummingbird
import Limits
import Service
import Store

extension Routes {
    func addReservations(to registry: inout Registry) {
        let all = "/v1/reservations"
        let one = all + "/{reservation}"
        add(.post, all, .usage, to: &registry) { call in
            try await self.hold(.reservation, call)
        }
        add(.get, one, .usage, to: &registry) { call in
            let id = try call.text(inPath: "reservation")
            return Response(try await usher.reservation(id).json(.reservation))
        }
        add(.post, one + "/settle", .usage, to: &registry, settle)
        add(.delete, one, .usage, to: &registry) { call in
            try await self.release(.reservation, call)
        }
    }

    func addLeases(to registry: inout Registry) {
        let all = "/v1/leases"
        let one = all + "/{lease}"
        add(.post, all, .usage, to: &registry) { call in try await self.hold(.lease, call) }
        add(.post, one + "/heartbeat", .usage, to: &registry, renew)
        add(.delete, one, .usage, to: &registry) { call in try await self.release(.lease, call) }
        add(.get, "/v1/accounts/{account}/leases", .usage, to: &registry, listLeases)
    }

    private func hold(_ kind: HoldKind, _ call: Call) async throws -> Response {
        let request = try HoldRequest(
            kind,
            try await call.json(),
            key: try call.idempotencyKey()
        )
        let answer = try await usher.hold(request, as: call.author) { $0.body(kind) }
        switch answer {
        case .first(let held):
            // A denial is no error, and nothing was made.
            return Response(
                text: held.body(kind),
                status: held.hold == nil ? .ok : .created,
                headers: held.decision.headers
            )
        case .repeated(let body): return Response(repeated: body, status: .created)
        }
    }

    private func settle(_ call: Call) async throws -> Response {
        let id = try call.text(inPath: "reservation")
        let fields = try Fields(try await call.json(), known: ["quantity", "idempotency_key"])
        let quantity = try fields.required("quantity") { field throws(Refusal) in
            try fields.integer(field, in: 0...Limits.consumeUnits)
        }
        let key = RepeatKey(
            try fields.idempotencyKey(orHeader: try call.idempotencyKey()),
            operation: "settle",
            request: ["reservation": .string(id), "quantity": .integer(quantity)]
        )
        let answer = try await usher.settle(id, quantity: quantity, key: key, as: call.author) {
            $0.json(.reservation).description
        }
        return Response(answer) { $0.json(.reservation) }
    }

    private func renew(_ call: Call) async throws -> Response {
        let id = try call.text(inPath: "lease")
        let fields = try Fields(
            try await call.jsonOrEmpty(),
            known: ["ttl_seconds", "idempotency_key"]
        )
        let seconds = try fields.lifetime(of: .lease)
        let key = RepeatKey(
            try fields.idempotencyKey(orHeader: try call.idempotencyKey()),
            operation: "renew",
            request: ["lease": .string(id), "ttl_seconds": .integer(seconds)]
        )
        let answer = try await usher.renew(id, lifetime: .seconds(seconds), key: key) {
            $0.json(.lease).description
        }
        return Response(answer) { $0.json(.lease) }
    }

    private func release(_ kind: HoldKind, _ call: Call) async throws -> Response {
        let id = try call.text(inPath: kind.rawValue)
        return Response(try await usher.release(kind, id, as: call.author).json(kind))
    }

    private func listLeases(_ call: Call) async throws -> Response {
        let account = try call.name("account")
        let (cursor, size) = try call.page()
        guard cursor.map({ OwnedID.lease.account(of: $0) == account[...] }) ?? true else {
            throw Call.strangeCursor
        }
        let feature = try call.query("feature")
        if let feature { try checkName(feature, field: "feature") }
        let page = try await usher.leases(of: account, feature: feature, after: cursor, size: size)
        return Response(page.json { $0.leaseJSON(.held) })
    }
}

extension Response {
    /// JSON that is text already.
    init(
        text: String,
        status: HTTPResponse.Status = .ok,
        headers extra: [(String, String)] = []
    ) {
        self.init(bytes: Array(text.utf8), status: status)
        for (name, value) in extra {
            guard let name = HTTPField.Name(name) else { continue }
            headers[name] = value
        }
    }

    /// What was answered when the request came first.
    init(repeated body: String, status: HTTPResponse.Status = .ok) {
        self.init(text: body, status: status, headers: [("Idempotent-Replayed", "true")])
    }

    /// An answer that is 200 each time.
    init<Value>(_ answer: MeterAnswer<Value>, json: (Value) -> JSON) {
        switch answer {
        case .first(let value): self.init(json(value))
        case .repeated(let body): self.init(repeated: body)
        }
    }
}
