import Entitlements
import HTTPTypes
import Hummingbird
import Service
import Store

extension Routes {
    func addAccounts(to registry: inout Registry) {
        add(.get, "/v1/accounts", .product, to: &registry) { call in
            let (cursor, size) = try call.namedPage()
            return Response(try await usher.store.accounts(after: cursor, size: size).json(\.json))
        }
        add(.put, "/v1/accounts/{account}", .product, to: &registry) { call in
            let (record, isNew) = try await usher.put(
                account: try call.name("account"),
                try AccountContent(try await call.json()),
                as: call.author
            )
            return Response(record.json, status: isNew ? .created : .ok)
        }
        add(.get, "/v1/accounts/{account}", .product, to: &registry) { call in
            Response(try await usher.account(try call.name("account")).json)
        }
        add(.post, "/v1/accounts/{account}/block", .product, to: &registry, block)
        add(.delete, "/v1/accounts/{account}/block", .product, to: &registry) { call in
            let record = try await usher.unblock(
                account: try call.name("account"),
                reason: try await call.reason(),
                as: call.author
            )
            return Response(record.json)
        }
    }

    private func block(_ call: Call) async throws -> Response {
        let account = try call.name("account")
        let body = try await call.json()
        let fields = try Fields(body, known: ["reason", "until"])
        let until = try fields.instant("until")
        let reason = try fields.required("reason") { field throws(Refusal) in
            try fields.text(field)
        }
        var author = call.author
        author.reason = reason
        let answer = try await usher.once(
            key: try call.idempotencyKey(),
            operation: "block \(account)",
            request: body,
            as: author
        ) { connection in
            let record = try await usher.block(
                account: account,
                until: until,
                reason: reason,
                on: connection
            )
            return StoredAnswer(status: 200, body: record.json)
        }
        return Response(answer)
    }
}

extension Response {
    /// An answer as it was given the first time.
    init(_ stored: StoredAnswer) {
        self.init(stored.body, status: .init(code: stored.status))
    }
}
