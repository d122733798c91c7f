import Entitlements
import Flags
import Postgres

/// The configuration as rows: read whole, under the barrier's snapshot or a transaction's.
enum ConfigurationStatements {
    static let all: [SQL] = [
        revision, features, plans, versions, entitlements, keys, FlagStatements.flags,
        FlagStatements.shared,
    ]

    private static let revision: SQL = """
        select coalesce(max(revision), 0) as revision, coalesce(max(at), 'epoch') as changed_at
          from chain_head
         where account_id = ''
        """
    private static let features: SQL = """
        select feature_id, type, value_type, combine, name, unit, pool_id, cost, disabled_at,
               gate
          from feature
         where archived_at is null
        """
    private static let plans: SQL =
        "select plan_id, kind, name, family, is_default, version, archived_at is null as is_sold from plan"
    private static let versions: SQL = """
        select plan_id, version, trial_days, trial_then, trial_at_end, grace_days
          from plan_version
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
    init(
        answers: some RandomAccessCollection<Rows>,
        by reader: inout RowReader,
        _ flags: inout CompiledFlags
    ) throws {
        let answers = Array(answers)
        precondition(answers.count == ConfigurationStatements.all.count, "one answer a statement")
        let versions = Self.versions(answers[3], entitlements: answers[4], by: &reader)
        let plans = reader.read(answers[2]) { row in
            (plan: try Plan(row, versions: versions), isDefault: try row.bool("is_default"))
        }
        let features = reader.read(answers[1], Feature.init)
        let keys = reader.read(answers[5]) { row in
            (KeyDigest(bytes: try row.bytes("hash")), try AccessKey(row))
        }
        let head = answers[0].first
        self.init(
            configuration: Configuration(
                revision: try head?.int64("revision") ?? 0,
                features: Dictionary(uniqueKeysWithValues: features.map { ($0.id, $0) }),
                plans: Dictionary(uniqueKeysWithValues: plans.map { ($0.plan.id, $0.plan) }),
                defaultPlan: plans.first(where: \.isDefault)?.plan.id
            ),
            changedAt: try head?.instant("changed_at") ?? Instant(microseconds: 0),
            keys: Dictionary(uniqueKeysWithValues: keys),
            flags: try flags.set(answers[6], shared: answers[7], by: &reader)
        )
    }

    private static func versions(
        _ rows: Rows,
        entitlements: Rows,
        by reader: inout RowReader
    ) -> [String: [Int: PlanVersion]] {
        var contents: [String: [Int: [String: Entitlement]]] = [:]
        for (plan, version, feature, entitlement) in reader.read(
            entitlements,
            { row in
                (
                    try row.text("plan_id"), Int(try row.int64("version")),
                    try row.text("feature_id"), try Entitlement(row)
                )
            }
        ) {
            contents[plan, default: [:]][version, default: [:]][feature] = entitlement
        }
        let read = reader.read(rows) { row in
            let plan = try row.text("plan_id")
            let version = Int(try row.int64("version"))
            return PlanVersion(
                plan: plan,
                version: version,
                entitlements: contents[plan]?[version] ?? [:],
                trialDays: try row.int64IfPresent("trial_days").map(Int.init),
                trialThen: try row.textIfPresent("trial_then"),
                trialAtEnd: try row.wordIfPresent("trial_at_end"),
                grace: .seconds(86_400 * (try row.int64("grace_days")))
            )
        }
        return Dictionary(grouping: read, by: \.plan)
            .mapValues { versions in
                Dictionary(uniqueKeysWithValues: versions.map { ($0.version, $0) })
            }
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
            pool: try row.textIfPresent("pool_id"),
            cost: try row.int64("cost"),
            disabledSince: try row.instantIfPresent("disabled_at"),
            gate: try row.textIfPresent("gate")
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
            family: try row.textIfPresent("family"),
            isSold: try row.bool("is_sold"),
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
