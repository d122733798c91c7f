import Entitlements
import HTTPTypes
import Hummingbird
import Service
import Store

extension Routes {
    private static let subscription = "/v1/accounts/{account}/subscriptions/{subscription}"

    func addSubscriptions(to registry: inout Registry) {
        add(.get, "/v1/accounts/{account}/subscriptions", .billing, to: &registry) { call in
            let (cursor, size) = try call.page()
            let page = try await usher.subscriptions(
                of: try call.name("account"),
                after: cursor,
                size: size
            )
            return Response(page.json(\.json))
        }
        add(.put, Self.subscription, .billing, to: &registry) { call in
            let (view, isNew) = try await usher.put(
                subscription: try SubscriptionContent(
                    id: try call.name("subscription"),
                    try await call.json()
                ),
                account: try call.name("account"),
                as: call.author
            )
            return Response(view.json, status: isNew ? .created : .ok)
        }
        add(.get, Self.subscription, .billing, to: &registry) { call in
            let view = try await usher.subscription(
                try call.subscription(),
                of: try call.name("account")
            )
            return Response(view.json)
        }
        add(.delete, Self.subscription, .billing, to: &registry) { call in
            var author = call.author
            let subscription = try call.subscription()
            let account = try call.name("account")
            author.reason = try await call.reason()
            try await usher.delete(subscription: subscription, account: account, as: author)
            return Response(status: .noContent)
        }
        addActions(to: &registry)
        addTrials(to: &registry)
    }

    private func addTrials(to registry: inout Registry) {
        add(.get, "/v1/accounts/{account}/trials", .billing, to: &registry) { call in
            let (cursor, size) = try call.namedPage()
            let page = try await usher.trials(
                of: try call.name("account"),
                after: cursor,
                size: size
            )
            return Response(page.json(\.json))
        }
    }

    private func addActions(to registry: inout Registry) {
        let actions: [(String, ActionBody.Reader)] = [
            ("trial/extend", ActionBody.extendTrial), ("trial/end", ActionBody.endTrial),
            ("pause", ActionBody.pause), ("resume", ActionBody.resume),
            ("cancel", ActionBody.cancel), ("uncancel", ActionBody.uncancel),
            ("change", ActionBody.change),
        ]
        for (name, read) in actions {
            add(.post, "\(Self.subscription)/\(name)", .billing, to: &registry) { call in
                let request = try await call.jsonOrEmpty()
                return try await act(name, read(request), request, try call.idempotencyKey(), call)
            }
        }
        add(.delete, "\(Self.subscription)/change", .billing, to: &registry) { call in
            let body = ActionBody.dropChanges(reason: try await call.reason())
            return try await act("drop changes", body, [:], nil, call)
        }
    }

    private func act(
        _ name: String,
        _ body: ActionBody,
        _ request: JSON,
        _ key: String?,
        _ call: Call
    ) async throws -> Response {
        let account = try call.name("account")
        let subscription = try call.subscription()
        var author = call.author
        author.reason = body.reason
        let answer = try await usher.act(
            body.action,
            on: subscription,
            of: account,
            call: RepeatableCall(
                key: key,
                operation: "\(name) \(account) \(subscription)",
                request: request
            ),
            as: author
        ) { view in
            StoredAnswer(status: 200, body: view.json)
        }
        return Response(answer)
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
