package import Entitlements
package import Postgres

/// A subscription as management calls show it: what decisions read, and where it came from.
package struct SubscriptionRecord: Sendable, Equatable {
    package let account: String
    package let subscription: Subscription
    package let periodAnchor: Instant?
    package let periodUnit: String?
    package let periodCount: Int?
    package let source: String
    package let providerID: String?
    package let createdAt: Instant
}

/// A subscription to write.
package struct SubscriptionContent: Sendable, Equatable {
    package var subscription: Subscription
    package var periodAnchor: Instant?
    package var periodUnit: String?
    package var periodCount: Int?
    package var source: String
    package var providerID: String?

    package init(
        subscription: Subscription,
        periodAnchor: Instant? = nil,
        periodUnit: String? = nil,
        periodCount: Int? = nil,
        source: String = "api",
        providerID: String? = nil
    ) {
        self.subscription = subscription
        self.periodAnchor = periodAnchor
        self.periodUnit = periodUnit
        self.periodCount = periodCount
        self.source = source
        self.providerID = providerID
    }
}

extension Store {
    /// Subscriptions of an account by id, from the one after `cursor`.
    package func subscriptions(
        of account: String,
        after cursor: String?,
        size: Int
    ) async throws -> Page<SubscriptionRecord> {
        let rows = try await pool.query(
            Self.selectSubscriptions(
                where: """
                    account_id = \(account) and subscription_id > \(cursor ?? "")
                    order by subscription_id
                    limit \(size + 1)
                    """
            )
        )
        return Page(rows: try rows.map(SubscriptionRecord.init), size: size) {
            $0.subscription.id
        }
    }

    package func subscription(
        _ id: String,
        of account: String
    ) async throws -> SubscriptionRecord? {
        try await pool.query(
            Self.selectSubscriptions(
                where: "account_id = \(account) and subscription_id = \(id)"
            )
        )
        .first.map(SubscriptionRecord.init)
    }

    package func subscription(
        _ id: String,
        of account: String,
        on connection: Connection
    ) async throws -> SubscriptionRecord? {
        try await connection.query(
            Self.selectSubscriptions(
                where: "account_id = \(account) and subscription_id = \(id)"
            )
        )
        .first.map(SubscriptionRecord.init)
    }

    /// Creates or replaces.
    ///
    /// What is owed keeps the instant since when it is, through retries, until it is paid or over: a
    /// grace runs once, from the first failure, or from the end of the period or of the trial if
    /// that came before.
    package func put(
        subscription content: SubscriptionContent,
        account: String,
        on connection: Connection
    ) async throws -> SubscriptionRecord {
        do {
            let rows = try await connection.query(Self.upsert(content, account: account))
            guard let row = rows.first else { throw StoreRefusal.unknownAccount(account) }
            return try SubscriptionRecord(row)
        } catch let error as PostgresError {
            throw Self.refusal(error, of: content.subscription, account: account) ?? error
        }
    }

    /// What feeds a subscription; nil when there is none.
    ///
    /// Locked to the end of the transaction; asked before the account is locked, in the order in
    /// which a statement typed by hand locks the two.
    package func lockSource(
        ofSubscription id: String,
        account: String,
        on connection: Connection
    ) async throws -> String? {
        try await connection
            .query(
                """
                select source
                  from subscription
                 where account_id = \(account) and subscription_id = \(id)
                   for update
                """
            )
            .first?
            .text("source")
    }

    /// Tells whether there was one.
    package func delete(
        subscription id: String,
        account: String,
        on connection: Connection
    ) async throws -> Bool {
        let rows = try await connection.query(
            """
            delete from subscription
             where account_id = \(account) and subscription_id = \(id)
            returning subscription_id
            """
        )
        return !rows.isEmpty
    }

    /// Deletes the rows of a provider's subscription that it no longer consists of.
    package func deleteItems(
        of providerID: String,
        source: String,
        account: String,
        except kept: [String],
        on connection: Connection
    ) async throws {
        _ = try await connection.query(
            """
            delete from subscription
             where account_id = \(account) and source = \(source) and provider_id = \(providerID)
               and subscription_id <> all (\(kept)::text[])
            """
        )
    }

    /// The provider's subscriptions that an account holds.
    package func providerIDs(
        account: String,
        source: String,
        on connection: Connection
    ) async throws -> Set<String> {
        let rows = try await connection.query(
            """
            select distinct provider_id
              from subscription
             where account_id = \(account) and source = \(source) and provider_id is not null
            """
        )
        return Set(try rows.map { try $0.text("provider_id") })
    }

    private static func upsert(_ content: SubscriptionContent, account: String) -> SQL {
        let held = content.subscription
        return """
            insert into subscription as s (account_id, \(raw: BarrierStatements.subscriptionColumns),
                period_anchor, period_every, period_count, source, provider_id)
            values (\(account), \(held.id), \(held.plan), \(nullable: held.version),
                \(held.status.rawValue), \(held.quantity), \(instant: held.startsAt),
                \(instant: held.trialStart), \(instant: held.trialEnd),
                \(nullable: held.trialAtEnd?.rawValue), \(held.hasPaymentMethod),
                \(instant: held.periodStart), \(instant: held.periodEnd),
                coalesce(\(instant: held.pastDueSince),
                    case when \(held.status.rawValue)::text = 'past_due'
                         then least(account_now(\(account)), \(instant: held.periodEnd)) end),
                \(instant: held.cancelAt), \(instant: held.endedAt),
                \(instant: held.pause?.from), \(instant: held.pause?.until),
                \(nullable: held.planChange?.plan), \(nullable: held.planChange?.version),
                \(instant: held.planChange?.at), \(nullable: held.quantityChange?.quantity),
                \(instant: held.quantityChange?.at), \(instant: content.periodAnchor),
                \(nullable: content.periodUnit), \(nullable: content.periodCount),
                \(content.source), \(nullable: content.providerID))
            on conflict (account_id, subscription_id) do update
               set plan_id = excluded.plan_id,
                   -- A provider knows no versions: a pinned one stays as long as the plan does.
                   version = case when excluded.provider_id is null then excluded.version
                                  when s.next_plan_id = excluded.plan_id
                                       and s.change_at <= account_now(s.account_id)
                                  then s.next_version
                                  when s.plan_id = excluded.plan_id then s.version
                                  else excluded.version end,
                   past_due_since = coalesce(\(instant: held.pastDueSince),
                       case when excluded.status in ('past_due', 'unpaid', 'paused') then coalesce(
                           case when s.status in ('past_due', 'unpaid', 'paused')
                                then s.past_due_since end,
                           least(excluded.past_due_since,
                               case when \(raw: graceStart) <= account_now(s.account_id)
                                    then \(raw: graceStart) end)) end),
                   \(raw: replacedColumns)
            returning \(raw: subscriptionColumns)
            """
    }

    /// What a replacement takes as it comes.
    private static let replacedColumns = [
        "status", "quantity", "starts_at", "trial_start", "trial_end", "trial_at_end",
        "payment_method", "period_start", "period_end", "period_anchor", "period_every",
        "period_count", "cancel_at", "ended_at", "paused_from", "paused_until", "next_plan_id",
        "next_version", "change_at", "next_quantity", "quantity_at", "source", "provider_id",
    ]
    .map { "\($0) = excluded.\($0)" }.joined(separator: ", ")

    private static func selectSubscriptions(where condition: SQL) -> SQL {
        "select \(raw: subscriptionColumns) from subscription where \(condition)"
    }

    private static let subscriptionColumns = """
        account_id, \(BarrierStatements.subscriptionColumns), period_anchor, period_every, \
        period_count, source, provider_id, created_at
        """

    private static func refusal(
        _ error: PostgresError,
        of held: Subscription,
        account: String
    ) -> StoreRefusal? {
        switch error.constraint {
        case "subscription_account_id_fkey": .unknownAccount(account)
        case "subscription_plan_id_fkey": .unknownPlan(held.plan)
        case "subscription_plan_id_version_fkey":
            .unknownPlanVersion(plan: held.plan, version: held.version ?? 0)
        case "subscription_next_plan_id_fkey": .unknownPlan(held.planChange?.plan ?? "")
        case "subscription_next_plan_id_next_version_fkey":
            .unknownPlanVersion(
                plan: held.planChange?.plan ?? "",
                version: held.planChange?.version ?? 0
            )
        default: nil
        }
    }
}

extension SubscriptionRecord {
    fileprivate init(_ row: Row) throws {
        account = try row.text("account_id")
        subscription = try Subscription(row)
        periodAnchor = try row.instantIfPresent("period_anchor")
        periodUnit = try row.textIfPresent("period_every")
        periodCount = try row.int64IfPresent("period_count").map(Int.init)
        source = try row.text("source")
        providerID = try row.textIfPresent("provider_id")
        createdAt = try row.instant("created_at")
    }
}
