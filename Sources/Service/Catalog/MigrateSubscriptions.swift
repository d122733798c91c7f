package import Entitlements
import Limits
import Postgres
package import Store

/// One page of a move of subscriptions to another version of their plan.
package struct MigrationRequest: Sendable {
    package let scope: MigrationScope
    /// Whether to tell only what would happen.
    package let isDryRun: Bool
    package let cursor: MigrationCursor?
    package let size: Int

    package init(scope: MigrationScope, isDryRun: Bool, cursor: MigrationCursor?, size: Int) {
        self.scope = scope
        self.isDryRun = isDryRun
        self.cursor = cursor
        self.size = size
    }
}

/// What one subscription's move does to its account, as of the moment of the page.
package struct MigrationItem: Sendable {
    package let step: MigrationStep
    package let gains: [String]
    package let loses: [String]
    /// What stays open, and becomes another amount.
    package let changes: [(feature: String, before: Decision, after: Decision)]
}

package struct MigrationPage: Sendable {
    package let items: [MigrationItem]
    /// How many accounts the page is about.
    package let accounts: Int
    package let next: MigrationCursor?
}

extension UsherService {
    /// Moves a page of subscriptions to another version of their plan, or tells what that would do.
    ///
    /// Each page is one transaction. A run that stopped half-way is taken up by beginning again:
    /// what has moved is not in the scope any more.
    ///
    /// - Throws: `unknown_plan`, `invalid_field` for a version that does not exist.
    package func migrate(
        _ request: MigrationRequest,
        call: RepeatableCall,
        as author: Author,
        answer: @escaping @Sendable (MigrationPage) -> StoredAnswer
    ) async throws -> StoredAnswer {
        let configuration = try await barrier.view().live.configuration
        try Self.check(request.scope, configuration)
        return try await once(
            // Telling has no effect that a repetition could double.
            key: request.isDryRun ? nil : call.key,
            operation: call.operation,
            request: call.request,
            as: author
        ) { connection in
            answer(try await migrate(request, configuration, on: connection))
        }
    }

    private func migrate(
        _ request: MigrationRequest,
        _ configuration: Configuration,
        on connection: Connection
    ) async throws -> MigrationPage {
        try await store.beginMigration(on: connection)
        var steps = try await steps(request, on: connection)
        if !request.isDryRun {
            let locked = Set(steps.page.map(\.cursor))
            try await store.lock(subscriptionsOf: steps.page, on: connection)
            try await store.lock(accounts: steps.page.accounts, on: connection)
            // Read again under the locks: what changed in between may be out of the scope. What came
            // in is for the next run; to lock it now would be out of order.
            steps = try await self.steps(request, on: connection)
            steps.page.removeAll { !locked.contains($0.cursor) }
            try await catchUp(steps.page.accounts, on: connection)
        }
        let (accounts, clock) = try await store.states(
            ofAccounts: steps.page.accounts,
            on: connection
        )
        let preview = MigrationPreview(
            configuration: configuration,
            target: request.scope.to,
            clock: clock
        )
        let items = preview.items(steps.page, of: accounts)
        if !request.isDryRun {
            try await store.move(steps.page, to: request.scope.to, on: connection)
        }
        return MigrationPage(items: items, accounts: accounts.count, next: steps.next)
    }

    private func steps(
        _ request: MigrationRequest,
        on connection: Connection
    ) async throws -> (page: [MigrationStep], next: MigrationCursor?) {
        let steps = try await store.migrationSteps(
            request.scope,
            after: request.cursor,
            size: request.size,
            on: connection
        )
        let page = Array(steps.prefix(request.size))
        guard steps.count > request.size, let last = page.last else { return (page, nil) }
        return (page, last.cursor)
    }

    private static func check(
        _ scope: MigrationScope,
        _ configuration: Configuration
    ) throws(Refusal) {
        guard let plan = configuration.plans[scope.plan] else { throw .unknownPlan(scope.plan) }
        for (version, field) in [(scope.from, "from_version"), (scope.to, "to_version")] {
            guard let version, plan.versions[version] == nil else { continue }
            throw .unknownVersion(version, of: scope.plan, field: field)
        }
    }
}

/// Compares accounts before and after moves, by the rule that decides checks.
private struct MigrationPreview {
    let configuration: Configuration
    let target: Int?
    let clock: Instant

    /// One item a step, in order; of several steps of one account each begins where the last ended.
    func items(_ steps: [MigrationStep], of accounts: [String: Account]) -> [MigrationItem] {
        var accounts = accounts
        return steps.compactMap { step in
            guard let before = accounts[step.account],
                let moved = before.subscriptions.first(where: { $0.id == step.subscription })
            else { return nil }
            let after = before.replacing(moved.moved(step, to: target))
            accounts[step.account] = after
            return item(step, decisions(before), decisions(after))
        }
    }

    private func decisions(_ account: Account) -> [Decision] {
        configuration.features.values.sorted { $0.id < $1.id }
            .map { feature in
                decide(
                    account: account,
                    configuration: configuration,
                    feature: feature,
                    at: account.testClock ?? clock,
                    clock: clock
                )
            }
    }

    private func item(
        _ step: MigrationStep,
        _ before: [Decision],
        _ after: [Decision]
    ) -> MigrationItem {
        let pairs = zip(before, after)
        return MigrationItem(
            step: step,
            gains: pairs.filter { !$0.entitles && $1.entitles }.map(\.1.feature),
            loses: pairs.filter { $0.entitles && !$1.entitles }.map(\.1.feature),
            changes:
                pairs.filter { before, after in
                    before.entitles && after.entitles
                        && (before.value != after.value || before.limit != after.limit)
                }
                .map { (feature: $0.feature, before: $0, after: $1) }
        )
    }
}

extension [MigrationStep] {
    /// Each account once, in order.
    fileprivate var accounts: [String] { Set(map(\.account)).sorted() }
}

extension Subscription {
    fileprivate func moved(_ step: MigrationStep, to version: Int?) -> Subscription {
        var moved = self
        if step.isNext { moved.planChange?.version = version } else { moved.version = version }
        return moved
    }
}

extension Decision {
    /// Whether the account has the feature, though it may have used all of it.
    fileprivate var entitles: Bool { allowed || reason.isOfCount }
}
