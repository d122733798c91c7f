import Entitlements
import Postgres

/// The configuration as rows: read whole, under the barrier's snapshot or a transaction's.
enum ConfigurationStatements {
    static let all: [SQL] = [revision, features, plans, versions, entitlements, keys]

    private static let revision: SQL = """
        select coalesce((select revision from chain_head where account_id = ''), 0) as revision
        """
    private static let features: SQL = """
        select feature_id, type, value_type, combine, name, unit, disabled_at
          from feature
         where archived_at is null
        """
    private static let plans: SQL = "select plan_id, kind, name, is_default, version from plan"
    private static let versions: SQL = """
        select plan_id, version, trial_days, trial_then, grace_days from plan_version
        """
    private static let entitlements: SQL = """
        select plan_id, version, feature_id, value, limit_units, unlimited, settings
          from entitlement
        """
    private static let keys: SQL = """
        select key_id, hash, scopes, expires_at, revoked_at from api_key
        """
}

extension LiveConfiguration {
    /// Reads the answers of `ConfigurationStatements.all`, in its order.
    init(answers: some RandomAccessCollection<Rows>) throws {
        let answers = Array(answers)
        precondition(answers.count == ConfigurationStatements.all.count, "one answer a statement")
        let versions = try Self.versions(answers[3], entitlements: answers[4])
        var plans: [String: Plan] = [:]
        var defaultPlan: String?
        for row in answers[2] {
            let plan = try Plan(row, versions: versions)
            plans[plan.id] = plan
            if try row.bool("is_default") { defaultPlan = plan.id }
        }
        var features: [String: Feature] = [:]
        for row in answers[1] {
            let feature = try Feature(row)
            features[feature.id] = feature
        }
        var keys: [KeyDigest: AccessKey] = [:]
        for row in answers[5] {
            keys[KeyDigest(bytes: try row.bytes("hash"))] = try AccessKey(row)
        }
        self.init(
            configuration: Configuration(
                revision: try answers[0].first?.int64("revision") ?? 0,
                features: features,
                plans: plans,
                defaultPlan: defaultPlan
            ),
            keys: keys
        )
    }

    private static func versions(
        _ rows: Rows,
        entitlements: Rows
    ) throws -> [String: [Int: PlanVersion]] {
        var contents: [String: [Int: [String: Entitlement]]] = [:]
        for row in entitlements {
            let plan = try row.text("plan_id")
            let version = Int(try row.int64("version"))
            let feature = try row.text("feature_id")
            contents[plan, default: [:]][version, default: [:]][feature] = try Entitlement(row)
        }
        var versions: [String: [Int: PlanVersion]] = [:]
        for row in rows {
            let plan = try row.text("plan_id")
            let version = Int(try row.int64("version"))
            versions[plan, default: [:]][version] = PlanVersion(
                plan: plan,
                version: version,
                entitlements: contents[plan]?[version] ?? [:],
                trialDays: try row.int64IfPresent("trial_days").map(Int.init),
                trialThen: try row.textIfPresent("trial_then"),
                grace: .seconds(86_400 * (try row.int64("grace_days")))
            )
        }
        return versions
    }
}

extension Feature {
    fileprivate init(_ row: Row) throws {
        self.init(
            id: try row.text("feature_id"),
            kind: try row.word("type"),
            valueType: try row.wordIfPresent("value_type"),
            combine: try row.word("combine") as Combine,
            name: try row.textIfPresent("name"),
            unit: try row.textIfPresent("unit"),
            disabledSince: try row.instantIfPresent("disabled_at")
        )
    }
}

extension Plan {
    fileprivate init(_ row: Row, versions: [String: [Int: PlanVersion]]) throws {
        let id = try row.text("plan_id")
        self.init(
            id: id,
            kind: try row.word("kind"),
            name: try row.textIfPresent("name"),
            currentVersion: Int(try row.int64("version")),
            versions: versions[id] ?? [:]
        )
    }
}

extension Entitlement {
    fileprivate init(_ row: Row) throws {
        let units = try row.int64IfPresent("limit_units").map(Quantity.units)
        self.init(
            value: try row.jsonIfPresent("value"),
            limit: try row.bool("unlimited") ? .unlimited : units,
            settings: try row.json("settings").object ?? [:]
        )
    }
}

extension AccessKey {
    fileprivate init(_ row: Row) throws {
        self.init(
            id: try row.text("key_id"),
            // A scope of a newer program opens nothing here.
            scopes: Set(try row.textArray("scopes").compactMap(Scope.init(rawValue:))),
            expiresAt: try row.instantIfPresent("expires_at"),
            revokedAt: try row.instantIfPresent("revoked_at")
        )
    }
}
