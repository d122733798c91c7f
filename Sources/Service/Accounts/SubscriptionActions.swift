package import Entitlements
import Postgres
package import Store

/// A call that its sender may repeat, with what recognises it.
package struct RepeatableCall: Sendable {
    package let key: String?
    /// What is done to what: a key counts for this alone.
    package let operation: String
    package let request: JSON

    package init(key: String?, operation: String, request: JSON) {
        self.key = key
        self.operation = operation
        self.request = request
    }
}

extension UsherService {
    /// Carries out an action on a subscription that no provider feeds.
    ///
    /// It becomes what the core makes of it at the account's time, while nothing else can change
    /// the account.
    ///
    /// - Throws: `unknown_account`, `unknown_subscription`, `conflict` when a provider feeds it,
    ///   and why the core would not do it.
    package func act(
        _ action: Subscription.Action,
        on id: String,
        of account: String,
        call: RepeatableCall,
        as author: Author,
        answer: @escaping @Sendable (SubscriptionView) -> StoredAnswer
    ) async throws -> StoredAnswer {
        let configuration = try await barrier.view().live.configuration
        return try await once(
            key: call.key,
            operation: call.operation,
            request: call.request,
            as: author
        ) { connection in
            try await lock(subscription: id, of: account, on: connection)
            let moment = try await moment(of: account, configuration, on: connection)
            guard let record = try await store.subscription(id, of: account, on: connection) else {
                throw Refusal.unknownSubscription(id, of: account)
            }
            if record.source != "api" { throw Refusal.fed(by: record.source, id) }
            let used = try await store.trials(of: account, on: connection)
            let held = try Self.apply(action, to: record, at: moment, used: used)
            guard held != record.subscription else { return answer(moment.view(record)) }
            try await catchUp([account], on: connection)
            let written = try await store.put(
                subscription: SubscriptionContent(record, becoming: held),
                account: account,
                on: connection
            )
            if case .change(_, let quantity?, _) = action {
                try await checkSeats(quantity, from: record, to: held, at: moment, on: connection)
            }
            let after = try await self.moment(of: account, configuration, on: connection)
            return answer(after.view(written))
        }
    }

    private static func apply(
        _ action: Subscription.Action,
        to record: SubscriptionRecord,
        at moment: AccountMoment,
        used: [TrialUse]
    ) throws(Refusal) -> Subscription {
        let others = used.filter { $0.subscription != record.subscription.id }
        let given = Subscription.Circumstances(
            now: moment.now,
            configuration: moment.configuration,
            zone: moment.zone,
            periodEnd: moment.period(of: record)?.end,
            usedTrials: Set(others.map(\.family))
        )
        do {
            return try record.subscription.after(action, given)
        } catch {
            if case .trialAlreadyUsed(let family) = error,
                let other = others.first(where: { $0.family == family })
            {
                throw .trialAlreadyUsed(family: family, by: other.subscription, field: "plan")
            }
            throw Refusal(error, action, now: moment.now)
        }
    }

    /// Refuses to give up seats that are assigned: who holds them must be asked first.
    ///
    /// What counts is what is asked for, as if it were in force: a reduction that waits must fit
    /// when it is asked for, though seats may be assigned until it comes.
    func checkSeats(
        _ quantity: Int64,
        from record: SubscriptionRecord,
        to held: Subscription,
        at moment: AccountMoment,
        on connection: Connection
    ) async throws {
        let present = record.subscription.settled(at: moment.now)
        guard quantity < present.quantity else { return }
        let (accounts, clock) = try await store.states(
            ofAccounts: [moment.time.account],
            on: connection
        )
        guard let account = accounts[moment.time.account] else { return }
        let asked = account.replacing(held.inForce(quantity: quantity, at: moment.now))
        let kept = account.replacing(held.inForce(quantity: present.quantity, at: moment.now))
        for feature in moment.configuration.features.values.sorted(by: { $0.id < $1.id })
        where feature.kind == .seats {
            let assigned = account.seats[feature.id] ?? 0
            let limit = { (account: Account) in
                decide(
                    account: account,
                    configuration: moment.configuration,
                    feature: feature,
                    at: moment.now,
                    clock: clock
                )
                .limit
            }
            guard case .units(let left) = limit(asked), left < assigned, limit(kept) != limit(asked)
            else { continue }
            throw Refusal.seatsInUse(feature.id, assigned: assigned, left: left)
        }
    }
}

extension Subscription {
    /// As if a quantity were in force, and the plan that it will be of.
    fileprivate func inForce(quantity: Int64, at now: Instant) -> Subscription {
        var changed = folded(at: quantityChange?.at ?? now)
        changed.quantity = quantity
        changed.quantityChange = nil
        return changed
    }
}

extension SubscriptionContent {
    /// A record's own content, but for what decisions read.
    fileprivate init(_ record: SubscriptionRecord, becoming held: Subscription) {
        self.init(
            subscription: held,
            periodAnchor: record.periodAnchor,
            periodUnit: record.periodUnit,
            periodCount: record.periodCount,
            source: record.source,
            providerID: record.providerID
        )
    }
}

extension Refusal {
    fileprivate static func seatsInUse(
        _ feature: String,
        assigned: Int64,
        left: Int64
    ) -> Refusal {
        Refusal(
            .seatsInUse,
            "\(assigned) of \(feature) are assigned, and \(left) would be left",
            field: "quantity",
            remedy: "release some first with DELETE …/seats/\(feature)/{user}"
        )
    }
}
