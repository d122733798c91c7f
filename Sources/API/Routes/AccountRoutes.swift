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

extension Routes {
    func addSubscriptions(to registry: inout Registry) {
        let one = "/v1/accounts/{account}/subscriptions/{subscription}"
        add(.get, "/v1/accounts/{account}/subscriptions", .billing, to: &registry) { call in
            let (cursor, size) = try call.page()
            let (page, revision) = try await usher.subscriptions(
                of: try call.name("account"),
                after: cursor,
                size: size
            )
            return Response(page.json { $0.json(revision: revision) })
        }
        add(.put, one, .billing, to: &registry) { call in
            let (record, revision, isNew) = try await usher.put(
                subscription: try SubscriptionContent(
                    id: try call.name("subscription"),
                    try await call.json()
                ),
                account: try call.name("account"),
                as: call.author
            )
            return Response(record.json(revision: revision), status: isNew ? .created : .ok)
        }
        add(.get, one, .billing, to: &registry) { call in
            let (record, revision) = try await usher.subscription(
                try call.subscription(),
                of: try call.name("account")
            )
            return Response(record.json(revision: revision))
        }
        add(.delete, one, .billing, to: &registry) { call in
            var author = call.author
            let subscription = try call.subscription()
            let account = try call.name("account")
            author.reason = try await call.reason()
            try await usher.delete(subscription: subscription, account: account, as: author)
            return Response(status: .noContent)
        }
    }
}

extension Call {
    /// A subscription to look for: a provider's id is longer than a name may be.
    fileprivate func subscription() throws(Refusal) -> String {
        let id = try text(inPath: "subscription")
        guard 1...255 ~= id.utf8.count, !id.utf8.contains(0) else {
            throw Refusal(
                .invalidName,
                "subscription must be 1 to 255 characters",
                field: "subscription",
                remedy: "use the id of the list of subscriptions"
            )
        }
        return id
    }
}

extension Response {
    /// An answer as it was given the first time.
    init(_ stored: StoredAnswer) {
        self.init(stored.body, status: .init(code: stored.status))
    }
}
