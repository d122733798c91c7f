import Entitlements
import Postgres
import Store
import Testing

extension Shop {
    /// A `seats` and a `level` feature, of which the plan `pro` has some.
    func addCounted() async throws {
        try await run(
            """
            insert into feature (feature_id, type, combine) values
                ('seats', 'seats', 'sum'), ('storage', 'level', 'sum');
            insert into entitlement (plan_id, version, feature_id, limit_units) values
                ('pro', 1, 'seats', 3), ('pro', 1, 'storage', 5);
            """
        )
    }

    /// One more session for each of these users; their ids.
    func signIn(_ account: String, users: [String]) async throws -> [String] {
        var ids: [String] = []
        for (number, user) in users.enumerated() {
            let id = Self.session(of: account, number + 10)
            try await run(
                """
                insert into session (account_id, session_id, user_id, expires_at)
                values ('\(account)', '\(id)', '\(user)', now() + interval '1 hour')
                """
            )
            ids.append(id)
        }
        return ids
    }
}

extension BarrierReader {
    /// The reason of the decision that a check would give now.
    func reason(_ session: String, _ feature: String) async throws -> Decision.Reason {
        let view = try await view(session: session)
        let found = try #require(view.live.configuration.features[feature])
        return
            decide(
                session: view.session,
                account: view.account,
                configuration: view.live.configuration,
                feature: found,
                at: view.at,
                clock: view.now
            )
            .reason
    }
}
