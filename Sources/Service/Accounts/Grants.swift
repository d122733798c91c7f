package import Entitlements
import Limits
package import Postgres
package import Store

/// What a caller says of a grant.
package struct GrantRequest: Sendable, Equatable {
    package var feature: String
    package var effect: Grant.Effect
    package var mode: Grant.Mode?
    package var value: JSON?
    package var limit: Quantity?
    package var user: String?
    package var session: String?
    /// Nil: from now on.
    package var from: Instant?
    package var to: Instant?
    /// In the place of `to`.
    package var lifetime: Duration?
    package var reason: String

    package init(
        feature: String,
        effect: Grant.Effect,
        mode: Grant.Mode? = nil,
        value: JSON? = nil,
        limit: Quantity? = nil,
        user: String? = nil,
        session: String? = nil,
        from: Instant? = nil,
        to: Instant? = nil,
        lifetime: Duration? = nil,
        reason: String
    ) {
        self.feature = feature
        self.effect = effect
        self.mode = mode
        self.value = value
        self.limit = limit
        self.user = user
        self.session = session
        self.from = from
        self.to = to
        self.lifetime = lifetime
        self.reason = reason
    }
}

/// A grant, and its account's revision as of the answer.
package struct RevisedGrant: Sendable, Equatable {
    package let record: GrantRecord
    package let revision: Int64
}

extension UsherService {
    package func grant(_ id: String, of account: String) async throws -> RevisedGrant {
        let owner = try await self.account(account)
        guard let record = try await store.grant(id, of: account) else {
            throw Refusal.unknownGrant(id, of: account)
        }
        return RevisedGrant(record: record, revision: owner.revision)
    }

    package func grants(
        of account: String,
        _ filter: GrantFilter,
        after place: CreationPlace?,
        size: Int
    ) async throws -> (page: Page<GrantRecord>, revision: Int64) {
        let owner = try await self.account(account)
        let page = try await store.grants(of: account, filter, after: place, size: size)
        return (page, owner.revision)
    }

    /// Allows or denies a feature: in force at the next check, when it is not for later.
    package func create(
        grant request: GrantRequest,
        account: String,
        on connection: Connection
    ) async throws -> RevisedGrant {
        let live = try await barrier.view().live
        guard let feature = live.configuration.features[request.feature] else {
            throw Refusal.unknownFeature(request.feature)
        }
        let amount = try request.amount(of: feature)
        let state = try await store.lockedState(of: account, live: live, on: connection)
        let scope = try await scope(of: request, account: account, on: connection)
        let (from, until) = try request.window(in: state)
        let count = try await store.liveGrants(of: account, scope, at: state.at, on: connection)
        guard count < Limits.liveGrants else { throw Refusal.tooManyGrants(scope) }
        if case .account = scope { try await catchUp([account], on: connection) }
        let record = try await store.insert(
            grant: GrantContent(
                feature: feature.id,
                effect: request.effect,
                mode: request.mode ?? .replace,
                value: amount.value,
                limit: amount.limit,
                scope: scope,
                from: from,
                until: until,
                reason: request.reason
            ),
            account: account,
            on: connection
        )
        return try await revised(record, on: connection)
    }

    /// Ends a grant now; one that waits never comes into force.
    ///
    /// Ending it again changes nothing.
    package func end(
        grant id: String,
        account: String,
        reason: String?,
        as author: Author
    ) async throws -> RevisedGrant {
        var author = author
        author.reason = reason
        let ended = try await store.write(as: author) { connection -> RevisedGrant? in
            guard try await store.lock(grant: id, of: account, on: connection) else { return nil }
            try await store.lock(accounts: [account], on: connection)
            try await catchUp([account], on: connection)
            guard let record = try await store.end(grant: id, of: account, on: connection) else {
                return nil
            }
            return try await revised(record, on: connection)
        }
        if let ended { return ended }
        _ = try await self.account(account)
        throw Refusal.unknownGrant(id, of: account)
    }

    private func revised(
        _ record: GrantRecord,
        on connection: Connection
    ) async throws -> RevisedGrant {
        let owner = try await store.account(record.account, on: connection)
        return RevisedGrant(record: record, revision: owner?.revision ?? 0)
    }

    private func scope(
        of request: GrantRequest,
        account: String,
        on connection: Connection
    ) async throws -> GrantScope {
        guard let session = request.session else {
            return request.user.map(GrantScope.user) ?? .account
        }
        let user = try await store.user(ofSession: session, account: account, on: connection)
        guard let user else { throw Refusal.unknownSession(session) }
        guard request.user ?? user == user else {
            throw Refusal(
                .invalidField,
                "the session is not \(request.user ?? "")'s",
                field: "session",
                remedy: "leave user out, or name a session of that user"
            )
        }
        return .session(session)
    }
}

extension Refusal {
    package static func unknownGrant(_ id: String, of account: String) -> Refusal {
        Refusal(
            .unknownGrant,
            "account \(account) has no grant \(id)",
            field: "grant",
            remedy: "see GET /v1/accounts/\(account)/grants"
        )
    }

    fileprivate static func tooManyGrants(_ scope: GrantScope) -> Refusal {
        let owner =
            switch scope {
            case .account: "the account"
            case .user(let user): "user \(user)"
            case .session(let session): "session \(session)"
            }
        return Refusal(
            .conflict,
            "\(owner) has \(Limits.liveGrants) grants that have not ended, and no more are taken",
            field: "grant",
            remedy: "end some of them, or say it once in a plan or an add-on"
        )
    }
}
