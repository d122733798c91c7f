import Entitlements
import HTTPTypes
import Hummingbird
import Service
import Store

extension Routes {
    func addSessions(to registry: inout Registry) {
        add(.post, "/v1/sessions", .sessions, to: &registry, createSession)
        add(.get, "/v1/sessions/{session}", .sessions, to: &registry) { call in
            Response(try await usher.session(try call.session()).json)
        }
        add(.delete, "/v1/sessions/{session}", .sessions, to: &registry) { call in
            let record = try await usher.revokeSession(
                try call.session(),
                reason: try await call.reason(),
                as: call.author
            )
            return Response(record.json)
        }
        add(.get, "/v1/accounts/{account}/sessions", .sessions, to: &registry) { call in
            let (cursor, size) = try call.page()
            let page = try await usher.sessions(
                of: try call.name("account"),
                after: cursor,
                size: size
            )
            return Response(page.json(\.json))
        }
        add(.delete, "/v1/accounts/{account}/sessions", .sessions, to: &registry) { call in
            try await revokeSessions(call, user: nil)
        }
        add(
            .delete,
            "/v1/accounts/{account}/users/{user}/sessions",
            .sessions,
            to: &registry
        ) { call in
            try await revokeSessions(call, user: try call.name("user"))
        }
    }

    private func createSession(_ call: Call) async throws -> Response {
        let body = try await call.json()
        let signIn = try SignIn(body)
        let answer = try await usher.once(
            key: try call.idempotencyKey(),
            operation: "create session",
            request: body,
            as: call.author
        ) { connection in
            let record = try await usher.createSession(signIn, on: connection)
            return StoredAnswer(status: 201, body: record.json)
        }
        return Response(answer)
    }

    private func revokeSessions(_ call: Call, user: String?) async throws -> Response {
        let count = try await usher.revokeSessions(
            of: try call.name("account"),
            user: user,
            reason: try await call.reason(),
            as: call.author
        )
        return Response(["revoked": .integer(Int64(count))])
    }
}

extension Call {
    /// A session's id; one that none could have is as unknown as one that none has.
    fileprivate func session() throws(Refusal) -> String {
        let id = try text(inPath: "session")
        guard SessionID.account(of: id) != nil else {
            throw .unknownSession(String(id.prefix(159)))
        }
        return id
    }
}
