import Entitlements
import Postgres
import Store

/// Rows that carry the revision which wrote them, so that any view can be checked by itself: an
/// account's revision is that of the newer of its two rows, the configuration's likewise.
///
/// Odd revisions mean `active` and live, even ones `past_due` and revoked.
enum FreshnessWorld {
    static let accounts = (0..<12).map { "acc\($0)" }

    /// Each account with its rows written once in that form, the configuration as well.
    static func prepare(_ shop: Shop) async throws {
        for account in accounts { try await shop.open(account) }
        try await shop.run(
            """
            \(updateSession(of: accounts));
            \(updateSubscription(of: accounts));
            \(lockConfiguration); \(updateKey);
            \(lockConfiguration); \(updateFeature);
            """
        )
    }

    static func updateSubscription(of accounts: [String]) -> String {
        """
        update subscription s
           set quantity = h.revision + 1,
               status = case when h.revision % 2 = 0 then 'active' else 'past_due' end
          from chain_head h
         where h.account_id = s.account_id and s.account_id in (\(list(accounts)))
        """
    }

    static func updateSession(of accounts: [String]) -> String {
        """
        update session s
           set expires_at = to_timestamp(\(epoch) + h.revision + 1),
               revoked_at = case when h.revision % 2 = 1 then to_timestamp(h.revision + 1) end
          from chain_head h
         where h.account_id = s.account_id and s.account_id in (\(list(accounts)))
        """
    }

    static let lockConfiguration =
        "begin; select from chain_head where account_id = '' for update"

    static let updateFeature = """
        update feature f
           set unit = h.revision + 1
          from chain_head h
         where h.account_id = '' and f.feature_id = 'sso';
        commit
        """

    static let updateKey = """
        update api_key k
           set expires_at = to_timestamp(\(epoch) + h.revision + 1),
               revoked_at = case when h.revision % 2 = 1 then to_timestamp(h.revision + 1) end
          from chain_head h
         where h.account_id = '';
        commit
        """

    /// What is wrong with a view of an account that was asked for when `floor` was acknowledged.
    static func problem(with view: BarrierView, of id: String, floor: Int64) -> String? {
        guard let account = view.account, let session = view.session,
            let subscription = account.subscriptions.first
        else { return "\(id): a row looks absent" }
        let sessionRevision = session.expiresAt.microseconds / 1_000_000 - epoch
        let newest = max(subscription.quantity, sessionRevision)
        if account.revision < floor { return "\(id): \(account.revision), acknowledged \(floor)" }
        if account.revision != newest { return "\(id): \(account.revision), its rows \(newest)" }
        let isActive = subscription.status == .active
        guard isActive == (subscription.quantity % 2 == 1),
            (session.revokedAt == nil) == (sessionRevision % 2 == 1)
        else { return "\(id): half of a row" }
        return nil
    }

    /// What is wrong with a view's configuration.
    static func configurationProblem(with view: BarrierView, floor: Int64) -> String? {
        let configuration = view.live.configuration
        guard let unit = configuration.features["sso"]?.unit.flatMap({ Int64($0) }),
            let key = view.live.keys.values.first, let expiry = key.expiresAt
        else { return "configuration: a row looks absent" }
        let keyRevision = expiry.microseconds / 1_000_000 - epoch
        let newest = max(unit, keyRevision)
        if configuration.revision < floor {
            return "configuration: \(configuration.revision), acknowledged \(floor)"
        }
        if configuration.revision != newest {
            return "configuration: \(configuration.revision), its rows \(newest)"
        }
        guard (key.revokedAt == nil) == (keyRevision % 2 == 1) else {
            return "configuration: half of a key"
        }
        return nil
    }

    private static let epoch: Int64 = 4_102_444_800

    private static func list(_ accounts: [String]) -> String {
        accounts.map { "'\($0)'" }.joined(separator: ", ")
    }
}

/// The newest revision of each chain that somebody was told of: by an acknowledged commit, or by a
/// view that returned.
///
/// No later view may show less.
final class Acknowledged: Sendable {
    private let newest = Shared<[String: Int64]>([:])

    func revision(of chain: String) -> Int64 { newest.value[chain] ?? 0 }

    func raise(_ chain: String, to revision: Int64) {
        newest.change { $0[chain] = max($0[chain] ?? 0, revision) }
    }
}
