import Entitlements
import Limits

/// What is known around a decision, as the API tells it.
struct Evidence {
    var session: JSON?
    var account: JSON?
    var feature: JSON?
    var subscriptions: [JSON] = []
    /// Of the catalog, add-ons included.
    var plans: [JSON] = []
    /// What the key may not see, in words.
    var hidden: [String] = []
}

extension Evidence {
    /// Gathers what explains the decision; what the key's scopes do not reach is named in `hidden`.
    static func gather(
        for decision: JSON,
        by client: APIClient
    ) async throws(CommandFailure) -> Evidence {
        var evidence = Evidence()
        if let session = decision["session"]?.string {
            evidence.session = try await evidence.look(.get("v1", "sessions", session), by: client)
        }
        guard let account = decision["account"]?.string else { return evidence }
        switch decision["reason"]?.string {
        case "session_revoked", "session_expired": break
        case "account_blocked":
            evidence.account = try await evidence.look(.get("v1", "accounts", account), by: client)
        case "feature_disabled":
            let list = try await evidence.look(.get("v1", "features"), by: client)
            evidence.feature = list?["items"]?.array?
                .first { $0["feature"] == decision["feature"] }
        default:
            let list = APIRequest.get(
                "v1",
                "accounts",
                account,
                "subscriptions",
                query: [("limit", String(Limits.pageRows.most))]
            )
            evidence.subscriptions =
                try await evidence.look(list, by: client)?["items"]?.array ?? []
            evidence.plans =
                try await evidence.look(.get("v1", "catalog"), by: client)?["plans"]?.array ?? []
        }
        return evidence
    }

    /// Nil where there is nothing, or nothing that the key may see: an explanation with a gap is
    /// better than none.
    private mutating func look(
        _ request: APIRequest,
        by client: APIClient
    ) async throws(CommandFailure) -> JSON? {
        let answer = try await client.send(request)
        switch answer.status {
        case 200..<300: return answer.json
        case 400, 404: return nil
        case 403:
            hidden.append("the key may not see \(request.target)")
            return nil
        default: throw client.failure(of: answer)
        }
    }
}
