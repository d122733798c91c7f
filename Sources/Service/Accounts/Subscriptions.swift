import Entitlements
import Postgres
package import Store

extension UsherService {
    package func subscription(
        _ id: String,
        of account: String
    ) async throws -> SubscriptionView {
        let moment = try await moment(of: account)
        guard let record = try await store.subscription(id, of: account) else {
            throw Refusal.unknownSubscription(id, of: account)
        }
        return moment.view(record)
    }

    package func subscriptions(
        of account: String,
        after cursor: String?,
        size: Int
    ) async throws -> Page<SubscriptionView> {
        let moment = try await moment(of: account)
        return try await store.subscriptions(of: account, after: cursor, size: size)
            .map(moment.view)
    }

    /// The trials that an account had, by family of plans.
    package func trials(
        of account: String,
        after cursor: String?,
        size: Int
    ) async throws -> Page<TrialUse> {
        _ = try await self.account(account)
        return try await store.trials(of: account, after: cursor, size: size)
    }

    /// Creates or replaces a subscription, for apps without a billing provider.
    ///
    /// What is asked of it is checked against the account's time, its other trials and its seats
    /// while nothing else can change the account.
    package func put(
        subscription content: SubscriptionContent,
        account: String,
        as author: Author
    ) async throws -> (view: SubscriptionView, isNew: Bool) {
        let configuration = try await barrier.view().live.configuration
        return try await store.write(as: author) { connection in
            let id = content.subscription.id
            try await lock(subscription: id, of: account, on: connection)
            let moment = try await moment(of: account, configuration, on: connection)
            let old = try await store.subscription(id, of: account, on: connection)
            // What a provider feeds, the provider's next word would overwrite.
            if let old, old.source != content.source { throw Refusal.fed(by: old.source, id) }
            let used = try await store.trials(of: account, on: connection)
            let whole = try content.withTrial(at: moment, used: used)
            try whole.check(at: moment)
            try await claimTrial(whole.subscription, at: moment, on: connection)
            try await catchUp([account], on: connection)
            let record = try await store.put(
                subscription: whole,
                account: account,
                on: connection
            )
            if let old {
                try await checkSeats(from: old, to: whole, at: moment, on: connection)
            }
            let after = try await self.moment(of: account, configuration, on: connection)
            return (after.view(record), old == nil)
        }
    }

    package func delete(
        subscription id: String,
        account: String,
        as author: Author
    ) async throws {
        let existed = try await store.write(as: author) { connection in
            let source = try await store.lockSource(
                ofSubscription: id,
                account: account,
                on: connection
            )
            if let source, source != "api" { throw Refusal.fed(by: source, id) }
            try await store.lock(accounts: [account], on: connection)
            try await catchUp([account], on: connection)
            return try await store.delete(subscription: id, account: account, on: connection)
        }
        guard !existed else { return }
        _ = try await self.account(account)
        throw Refusal.unknownSubscription(id, of: account)
    }
}

extension UsherService {
    func moment(of account: String) async throws -> AccountMoment {
        let configuration = try await barrier.view().live.configuration
        guard let time = try await store.time(ofAccount: account) else {
            throw Refusal.unknownAccount(account)
        }
        return AccountMoment(time: time, configuration: configuration)
    }

    func moment(
        of account: String,
        _ configuration: Configuration,
        on connection: Connection
    ) async throws -> AccountMoment {
        guard let time = try await store.time(ofAccount: account, on: connection) else {
            throw Refusal.unknownAccount(account)
        }
        return AccountMoment(time: time, configuration: configuration)
    }

    /// Lets nobody else change a subscription or its account to the end of the transaction.
    ///
    /// The row comes first, as with a statement typed by hand: it locks the row that it changes, and
    /// then the account to record the change. In the other order the two wait for each other.
    func lock(
        subscription id: String,
        of account: String,
        on connection: Connection
    ) async throws {
        _ = try await store.lockSource(ofSubscription: id, account: account, on: connection)
        try await store.lock(accounts: [account], on: connection)
    }

    /// A replacement gives up no seats that are assigned, neither now nor by a quantity that waits;
    /// one that waited already was judged when it was asked for.
    private func checkSeats(
        from old: SubscriptionRecord,
        to content: SubscriptionContent,
        at moment: AccountMoment,
        on connection: Connection
    ) async throws {
        let held = content.subscription
        var present = held
        present.quantityChange = nil
        try await checkSeats(held.quantity, from: old, to: present, at: moment, on: connection)
        guard let asked = held.quantityChange, asked != old.subscription.quantityChange else {
            return
        }
        try await checkSeats(asked.quantity, from: old, to: held, at: moment, on: connection)
    }

    /// One trial an account and family: by this subscription or, if another had it, by none.
    private func claimTrial(
        _ held: Subscription,
        at moment: AccountMoment,
        on connection: Connection
    ) async throws {
        guard held.status == .trialing, let plan = moment.configuration.plans[held.plan] else {
            return
        }
        let end = held.trialEnd ?? moment.now
        try await store.claimTrial(
            family: plan.family,
            subscription: held.id,
            startedAt: held.trialStart ?? held.startsAt ?? min(moment.now, end),
            account: moment.time.account,
            on: connection
        )
    }
}
