package import Catalog
package import Entitlements
package import Postgres

/// The catalog as the database has it.
package struct StoredCatalog: Sendable {
    /// A plan that is or once was in the catalog, with every version that is kept.
    package struct StoredPlan: Sendable {
        package let definition: PlanDefinition
        package let currentVersion: Int
        package let versions: [(version: PlanVersion, createdAt: Instant)]
        package let isArchived: Bool
    }

    package let features: [Feature]
    package let plans: [StoredPlan]
    package let revision: Int64

    /// What applying files is compared with: archived plans are not part of it.
    package var definition: CatalogDefinition {
        CatalogDefinition(
            features: features,
            plans: plans.filter { !$0.isArchived }.map(\.definition)
        )
    }

    /// The newest number that each plan ever had.
    package var latestVersions: [String: Int] {
        Dictionary(
            uniqueKeysWithValues: plans.map { plan in
                (plan.definition.id, plan.versions.map(\.version.version).max() ?? 0)
            }
        )
    }
}

extension Store {
    package func catalog() async throws -> StoredCatalog {
        try await pool.transaction(isolation: .repeatableRead) { connection in
            try await catalog(on: connection)
        }
    }

    package func catalog(on connection: Connection) async throws -> StoredCatalog {
        let answers = try await connection.pipeline(
            ConfigurationStatements.all + [Self.planDetails, Self.prices, Self.versionDates]
        )
        return try StoredCatalog(answers)
    }

    /// Keeps two catalogs from being applied at once, to the end of the transaction.
    package func lockCatalog(on connection: Connection) async throws {
        // A large catalog, and the subscriptions it grandfathers, take longer than a row.
        _ = try await connection.query("set local statement_timeout = '300s'")
        _ = try await connection.query(
            "select pg_advisory_xact_lock(hashtextextended('usher catalog', 0))"
        )
    }

    package func put(feature: Feature, on connection: Connection) async throws {
        _ = try await connection.query(
            """
            insert into feature (feature_id, type, value_type, combine, name, unit, pool_id, cost,
                gate)
            values (\(feature.id), \(feature.kind.rawValue),
                \(nullable: feature.valueType?.rawValue), \(feature.combine.rawValue),
                \(nullable: feature.name), \(nullable: feature.unit),
                \(nullable: feature.pool), \(feature.cost), \(nullable: feature.gate))
            on conflict (feature_id) do update
               set type = excluded.type, value_type = excluded.value_type,
                   combine = excluded.combine, name = excluded.name, unit = excluded.unit,
                   pool_id = excluded.pool_id, cost = excluded.cost, gate = excluded.gate,
                   archived_at = null
            """
        )
    }

    /// What left the files is archived: existing subscriptions keep their plans, and a feature
    /// that nobody defines any more is unknown.
    package func archive(
        exceptFeatures features: [String],
        plans: [String],
        on connection: Connection
    ) async throws {
        _ = try await connection.query(
            """
            update feature set archived_at = clock_timestamp()
             where archived_at is null and feature_id <> all (\(features)::text[])
            """
        )
        _ = try await connection.query(
            """
            update plan set archived_at = clock_timestamp(), is_default = false
             where archived_at is null and plan_id <> all (\(plans)::text[])
            """
        )
    }

    /// Writes what is not versioned of a plan: its names, its family, whether it is the default.
    package func put(
        plan: PlanDefinition,
        version: Int,
        on connection: Connection
    ) async throws {
        if plan.isDefault {
            _ = try await connection.query(
                "update plan set is_default = false where is_default and plan_id <> \(plan.id)"
            )
        }
        _ = try await connection.query(
            """
            insert into plan (plan_id, kind, name, description, family, is_default, version)
            values (\(plan.id), \(plan.kind.rawValue), \(nullable: plan.name),
                \(nullable: plan.description), \(nullable: plan.family), \(plan.isDefault),
                \(version))
            on conflict (plan_id) do update
               set kind = excluded.kind, name = excluded.name,
                   description = excluded.description, family = excluded.family,
                   is_default = excluded.is_default, version = excluded.version,
                   archived_at = null
            """
        )
    }

    /// Writes one version of a plan; it never changes afterwards.
    package func insert(version: PlanVersion, on connection: Connection) async throws {
        _ = try await connection.query(
            """
            insert into plan_version (plan_id, version, trial_days, trial_then, trial_at_end,
                grace_days)
            values (\(version.plan), \(version.version), \(nullable: version.trialDays),
                \(nullable: version.trialThen), \(nullable: version.trialAtEnd?.rawValue),
                \(Int(version.grace.components.seconds / 86_400)))
            """
        )
        for (feature, entitlement) in version.entitlements.sorted(by: { $0.key < $1.key }) {
            var units: Int64?
            if case .units(let limit) = entitlement.limit { units = limit }
            _ = try await connection.query(
                """
                insert into entitlement (plan_id, version, feature_id, value, limit_units,
                    unlimited, settings)
                values (\(version.plan), \(version.version), \(feature),
                    \(json: entitlement.value), \(nullable: units),
                    \(entitlement.limit == .unlimited), \(json: .object(entitlement.settings)))
                """
            )
        }
    }

    /// Whether a plan change of `s` has come, so that it is what is held, though in its slot still.
    static let holdsNext = """
        case when s.change_at is null then false
             else s.change_at <= account_now(s.account_id) end
        """

    /// Keeps subscriptions that follow a plan on the version they have; tells how many.
    package func grandfather(
        plan: String,
        version: Int,
        on connection: Connection
    ) async throws -> Int {
        try await connection.query(
            """
            update subscription s
               set version = case when \(raw: Self.holdsNext) then s.version else \(version) end,
                   next_version =
                       case when \(raw: Self.holdsNext) then \(version) else s.next_version end
             where (plan_id = \(plan) or next_plan_id = \(plan))
               and case when \(raw: Self.holdsNext)
                        then next_plan_id = \(plan) and next_version is null
                        else plan_id = \(plan) and version is null end
            """,
            deadline: .seconds(300)
        )
        .affected
    }

    /// Makes the prices of all plans exactly these.
    package func put(
        prices plans: [PlanDefinition],
        on connection: Connection
    ) async throws {
        let rows = plans.flatMap { plan in
            plan.prices.flatMap { source, prices in prices.map { (source, $0, plan.id) } }
        }
        let (sources, prices, ids) = (rows.map(\.0), rows.map(\.1), rows.map(\.2))
        _ = try await connection.query(
            """
            delete from plan_price
             where (source, price_id) not in (
                       select * from unnest(\(sources)::text[], \(prices)::text[]))
            """
        )
        _ = try await connection.query(
            """
            insert into plan_price (source, price_id, plan_id)
            select * from unnest(\(sources)::text[], \(prices)::text[], \(ids)::text[])
            on conflict (source, price_id) do update set plan_id = excluded.plan_id
             where plan_price.plan_id <> excluded.plan_id
            """
        )
    }

    /// Switches a feature off for everybody, or on again.
    ///
    /// False: there is no such feature.
    package func setDisabled(
        feature: String,
        _ disabled: Bool,
        on connection: Connection
    ) async throws -> Bool {
        let rows = try await connection.query(
            """
            update feature
               set disabled_at =
                   case when \(disabled) then coalesce(disabled_at, clock_timestamp()) end
             where feature_id = \(feature) and archived_at is null
            returning feature_id
            """
        )
        return !rows.isEmpty
    }

    private static let planDetails: SQL = """
        select plan_id, description, archived_at is not null as archived from plan
        """
    private static let prices: SQL = """
        select plan_id, source, price_id from plan_price order by source, price_id
        """
    private static let versionDates: SQL = "select plan_id, version, created_at from plan_version"
}

extension StoredCatalog {
    fileprivate init(_ answers: [Rows]) throws {
        var reader = RowReader()
        var flags = CompiledFlags()
        let live = try LiveConfiguration(answers: answers.dropLast(3), by: &reader, &flags)
        let details = answers[answers.count - 3]
        let prices = try Self.prices(answers[answers.count - 2])
        let dates = try Self.dates(answers[answers.count - 1])
        let configuration = live.configuration
        features = live.features
        revision = configuration.revision
        plans =
            try details.compactMap { row -> StoredPlan? in
                let id = try row.text("plan_id")
                guard let plan = configuration.plans[id],
                    let current = plan.versions[plan.currentVersion]
                else { return nil }
                return StoredPlan(
                    definition: PlanDefinition(
                        id: id,
                        kind: plan.kind,
                        name: plan.name,
                        description: try row.textIfPresent("description"),
                        isDefault: configuration.defaultPlan == id,
                        family: plan.family == id ? nil : plan.family,
                        trialDays: current.trialDays,
                        trialThen: current.trialThen,
                        trialAtEnd: current.trialAtEnd,
                        grace: current.grace,
                        entitlements: current.entitlements,
                        prices: prices[id] ?? [:]
                    ),
                    currentVersion: plan.currentVersion,
                    versions: plan.versions.values.sorted { $0.version < $1.version }
                        .compactMap { version in
                            dates[id]?[version.version].map { (version, $0) }
                        },
                    isArchived: try row.bool("archived")
                )
            }
            .sorted { $0.definition.id < $1.definition.id }
    }

    private static func prices(_ rows: Rows) throws -> [String: [String: [String]]] {
        var prices: [String: [String: [String]]] = [:]
        for row in rows {
            let source = try row.text("source")
            prices[try row.text("plan_id"), default: [:]][source, default: []]
                .append(try row.text("price_id"))
        }
        return prices
    }

    private static func dates(_ rows: Rows) throws -> [String: [Int: Instant]] {
        var dates: [String: [Int: Instant]] = [:]
        for row in rows {
            let version = Int(try row.int64("version"))
            dates[try row.text("plan_id"), default: [:]][version] = try row.instant("created_at")
        }
        return dates
    }
}
