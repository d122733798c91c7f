import Harness
import Postgres

/// What can be turned on and off: accounts that pay, a session of each, and a feature that their plan
/// opens and the default plan does not.
struct FreshnessSubject {
    struct Target {
        let account: String
        let session: String
    }

    let targets: [Target]
    let feature: String
    /// The plan that opens the feature, and the one that does not.
    let open = "pro"
    let locked: String

    init(_ database: BlockingConnection, accounts: Int) throws {
        let catalog: SQL = """
            select o.feature_id, p.plan_id
              from plan p
              join plan opener on opener.plan_id = \(open)
              join entitlement o on o.plan_id = opener.plan_id and o.version = opener.version
              join feature f on f.feature_id = o.feature_id
             where p.is_default and f.type = 'boolean' and f.disabled_at is null
               and o.value = 'true'
               and not exists (
                   select from entitlement e
                    where e.plan_id = p.plan_id and e.version = p.version
                      and e.feature_id = o.feature_id and e.value = 'true')
             order by o.feature_id
             limit 1
            """
        guard let row = try database.query(catalog).first else {
            throw BenchmarkError(
                "no boolean feature is in plan \(open) and not in the default plan"
            )
        }
        feature = try row.text(0)
        locked = try row.text(1)
        let paying: SQL = """
            select u.account_id, min(s.session_id)
              from subscription u
              join session s using (account_id)
             where u.subscription_id = 'sub_main' and u.plan_id = \(open) and u.status = 'active'
               and not exists (
                   select from subscription other
                    where other.account_id = u.account_id and other.subscription_id <> 'sub_main')
             group by u.account_id
             limit \(Int64(accounts))
            """
        targets = try database.query(paying)
            .map { Target(account: try $0.text(0), session: try $0.text(1)) }
        guard !targets.isEmpty else { throw BenchmarkError("no account pays for plan \(open)") }
    }
}
