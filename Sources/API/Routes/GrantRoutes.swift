import Entitlements
import HTTPTypes
import Hummingbird
import Limits
import Service
import Store

extension Routes {
    func addGrants(to registry: inout Registry) {
        let all = "/v1/accounts/{account}/grants"
        let one = all + "/{grant}"
        add(.post, all, .product, to: &registry, createGrant)
        add(.get, all, .product, to: &registry, listGrants)
        add(.get, one, .product, to: &registry) { call in
            let account = try call.name("account")
            return Response(try await usher.grant(try call.grant(), of: account).json)
        }
        add(.delete, one, .product, to: &registry) { call in
            let ended = try await usher.end(
                grant: try call.grant(),
                account: try call.name("account"),
                reason: try await call.reason(),
                as: call.author
            )
            return Response(ended.json)
        }
    }

    private func createGrant(_ call: Call) async throws -> Response {
        let account = try call.name("account")
        let body = try await call.json()
        let request = try GrantRequest(body)
        var author = call.author
        author.reason = request.reason
        let answer = try await usher.once(
            key: try call.idempotencyKey(),
            operation: "grant \(account)",
            request: body,
            as: author
        ) { connection in
            let made = try await usher.create(grant: request, account: account, on: connection)
            return StoredAnswer(status: 201, body: made.json)
        }
        return Response(answer)
    }

    private func listGrants(_ call: Call) async throws -> Response {
        let (cursor, size) = try call.page()
        let place = cursor.flatMap(CreationPlace.init)
        guard cursor == nil || place != nil else { throw Call.strangeCursor }
        let (page, revision) = try await usher.grants(
            of: try call.name("account"),
            try call.grantFilter(),
            after: place,
            size: size
        )
        return Response(page.json { $0.json(revision: revision) })
    }
}

extension Call {
    fileprivate func grant() throws(Refusal) -> String {
        try accountedID(inPath: "grant") { .unknownGrant($0, of: $1) }
    }

    fileprivate func grantFilter() throws(Refusal) -> GrantFilter {
        var words: [String: String] = [:]
        for parameter in ["feature", "user"] {
            guard let text = try query(parameter) else { continue }
            try checkName(text, field: parameter)
            words[parameter] = text
        }
        let session = try query("session")
        if let session, SessionID.account(of: session) == nil {
            throw .unknownSession(String(session.prefix(Limits.sessionIDCharacters)))
        }
        return GrantFilter(
            feature: words["feature"],
            user: words["user"],
            session: session,
            state: try word(inQuery: "state")
        )
    }
}
