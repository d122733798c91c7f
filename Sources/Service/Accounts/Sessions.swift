package import Entitlements
package import Postgres
package import Store

/// What an app says when somebody signs in.
package struct SignIn: Sendable, Equatable {
    package var account: String
    package var user: String
    package var device: JSON
    package var source: String?
    package var lifetime: Duration

    package init(
        account: String,
        user: String,
        device: JSON,
        source: String?,
        lifetime: Duration
    ) {
        self.account = account
        self.user = user
        self.device = device
        self.source = source
        self.lifetime = lifetime
    }
}

extension UsherService {
    package func createSession(
        _ signIn: SignIn,
        on connection: Connection
    ) async throws -> SessionRecord {
        var random = SystemRandomNumberGenerator()
        return try await store.insert(
            session: SessionContent(
                id: SessionID.make(account: signIn.account, random: &random),
                account: signIn.account,
                user: signIn.user,
                device: signIn.device,
                source: signIn.source,
                lifetime: signIn.lifetime
            ),
            on: connection
        )
    }

    package func session(_ id: String) async throws -> SessionRecord {
        guard
            let account = SessionID.account(of: id),
            let record = try await store.session(id, of: String(account))
        else { throw Refusal.unknownSession(id) }
        return record
    }

    package func sessions(
        of account: String,
        after cursor: String?,
        size: Int
    ) async throws -> Page<SessionRecord> {
        _ = try await self.account(account)
        return try await store.sessions(of: account, after: cursor, size: size)
    }

    /// Revokes one session: in force at the next check.
    ///
    /// Revoking again changes nothing.
    package func revokeSession(
        _ id: String,
        reason: String?,
        as author: Author
    ) async throws -> SessionRecord {
        guard let account = SessionID.account(of: id).map(String.init) else {
            throw Refusal.unknownSession(id)
        }
        var author = author
        author.reason = reason
        let record = try await store.write(as: author) { connection in
            try await store.revoke(
                session: id,
                of: account,
                reason: reason,
                on: connection
            )
        }
        guard let record else { throw Refusal.unknownSession(id) }
        return record
    }

    /// Revokes all live sessions of an account, or of one of its users; tells how many.
    package func revokeSessions(
        of account: String,
        user: String?,
        reason: String?,
        as author: Author
    ) async throws -> Int {
        _ = try await self.account(account)
        var author = author
        author.reason = reason
        return try await store.write(as: author) { connection in
            try await store.revokeSessions(
                of: account,
                user: user,
                reason: reason,
                on: connection
            )
        }
    }
}
