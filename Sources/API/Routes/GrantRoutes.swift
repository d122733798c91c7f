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
        let place = cursor.flatMap(GrantPlace.init)
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
    /// A grant's id; one that no grant of the account could have is as unknown as one that none
    /// has.
    fileprivate func grant() throws(Refusal) -> String {
        let id = try text(inPath: "grant")
        let account = try name("account")
        let head = id.prefix(Limits.sessionIDCharacters - Limits.nameCharacters)
        guard id == head + account, Name.isValid(head) else {
            throw .unknownGrant(String(id.prefix(Limits.sessionIDCharacters)), of: account)
        }
        return id
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
            state: try grantState()
        )
    }

    private func grantState() throws(Refusal) -> Grant.State? {
        guard let text = try query("state") else { return nil }
        guard let state = Grant.State(rawValue: text) else {
            let words = Grant.State.allCases.map(\.rawValue).joined(separator: ", ")
            throw Refusal(
                .invalidField,
                "state must be one of: \(words)",
                field: "state",
                remedy: "send one of: \(words)"
            )
        }
        return state
    }
}
